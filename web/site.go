package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

const (
	index = "index.html"
	// gzipFrom is the size in bytes above which compressing pays.
	gzipFrom = 1024
	// immutable is for files that have a hash of their content in their name.
	immutable = "public, max-age=31536000, immutable"
	// revalidated is for files that keep their name: the ETag tells whether they changed.
	revalidated = "no-cache"
)

// noBuild is shown when the application was not built before the binary was.
const noBuild = "The web application is not part of this build.\nRun `make web`, then build the supernode again.\n"

// types are those that the page depends on; the system's table may lack them.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
}

// file is one file of the build, ready to be sent.
type file struct {
	body     []byte
	gzipped  []byte // nil when compressing does not pay
	tag      string // SHA-256, in hex
	mimeType string
	caching  string
}

// site is a build in memory.
type site struct {
	files map[string]file // by path without the leading slash
}

// newSite reads and compresses all files once.
func newSite(files fs.FS) *site {
	s := &site{files: map[string]file{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		s.files[name] = newFile(name, body)
		return nil
	})
	if err != nil {
		panic(err) // the files are part of the binary
	}
	return s
}

func newFile(name string, body []byte) file {
	hash := sha256.Sum256(body)
	f := file{body: body, tag: hex.EncodeToString(hash[:16]), mimeType: typeOf(name), caching: revalidated}
	if strings.HasPrefix(name, "assets/") {
		f.caching = immutable
	}
	if compressed := compress(body); len(body) >= gzipFrom && len(compressed) < len(body)*9/10 {
		f.gzipped = compressed
	}
	return f
}

func typeOf(name string) string {
	extension := path.Ext(name)
	if known, ok := types[extension]; ok {
		return known
	}
	if known := mime.TypeByExtension(extension); known != "" {
		return known
	}
	return "application/octet-stream"
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is valid
	_, _ = w.Write(body)                                    // a bytes.Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if found, ok := s.files[name]; ok {
		found.send(w, r)
		return
	}
	if hasExtension(name) {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	page, ok := s.files[index]
	if !ok {
		http.Error(w, noBuild, http.StatusServiceUnavailable)
		return
	}
	page.send(w, r)
}

// hasExtension tells a file from a page. Pages of domains and addresses end like files
// with an extension do.
func hasExtension(name string) bool {
	if strings.HasPrefix(name, "domain/") || strings.HasPrefix(name, "ip/") {
		return false
	}
	return path.Ext(name) != ""
}

func (f file) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.mimeType)
	header.Set("Cache-Control", f.caching)
	header.Add("Vary", "Accept-Encoding")
	body, tag := f.body, `"`+f.tag+`"`
	if f.gzipped != nil && acceptsGzip(r) {
		body, tag = f.gzipped, `"`+f.tag+`-gzip"`
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the client is gone; nobody is left to tell
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return strings.ReplaceAll(weight, " ", "") != "q=0"
		}
	}
	return false
}

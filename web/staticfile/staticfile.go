// Package staticfile sends files that are part of the program. Each is compressed and hashed
// once, when it is made.
package staticfile

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Values of Cache-Control.
const (
	// Immutable is for files that have a hash of their content in their name.
	Immutable = "public, max-age=31536000, immutable"
	// Revalidated is for files that keep their name: the ETag tells whether they changed.
	Revalidated = "no-cache"
)

// gzipFrom is the size in bytes above which compressing pays.
const gzipFrom = 1024

// types are those that pages depend on; the system's table may lack them.
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

// File is one file, ready to be sent. Make one with New.
type File struct {
	body     []byte
	gzipped  []byte // nil when compressing does not pay
	tag      string // SHA-256, in hex
	mimeType string
	caching  string
}

// New makes a file of its name, by which its type is known, its content and its Cache-Control.
func New(name string, body []byte, caching string) File {
	hash := sha256.Sum256(body)
	f := File{body: body, tag: hex.EncodeToString(hash[:16]), mimeType: typeOf(name), caching: caching}
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

// ServeHTTP sends the file, or that it is what the client has.
func (f File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.mimeType)
	header.Set("Cache-Control", f.caching)
	header.Add("Vary", "Accept-Encoding")
	body, tag := f.body, `"`+f.tag+`"`
	zipped := f.gzipped != nil && AcceptsGzip(r)
	if zipped {
		body, tag = f.gzipped, `"`+f.tag+`-gzip"`
	}
	header.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if zipped {
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client is gone; nobody is left to tell
	}
}

// AcceptsGzip tells whether a client takes compressed answers.
func AcceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return strings.ReplaceAll(weight, " ", "") != "q=0"
		}
	}
	return false
}

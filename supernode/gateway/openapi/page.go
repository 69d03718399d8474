package openapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// page is the reader: plain HTML, CSS and JavaScript without a build.
//
//go:embed page
var page embed.FS

// policy lets the reader run and style itself only from its own files, and ask nobody else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var mimeTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
}

type file struct {
	body, gzipped []byte
	mimeType, tag string
}

// Handler serves the page at /docs/ and the documents beside it: node.json,
// virustotal.json and chain.json.
func Handler() (http.Handler, error) {
	files := map[string]file{}
	names, err := fs.Glob(page, "page/*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		body, err := page.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files[path.Base(name)] = newFile(path.Base(name), body)
	}
	for name, document := range map[string]func() ([]byte, error){"node.json": Node, "virustotal.json": VirusTotal, "chain.json": Chain} {
		body, err := document()
		if err != nil {
			return nil, err
		}
		files[name] = newFile(name, body)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.Trim(strings.TrimPrefix(r.URL.Path, "/docs"), "/")
		if name == "" {
			name = "index.html"
		}
		found, ok := files[name]
		if !ok {
			http.Error(w, "no such page", http.StatusNotFound)
			return
		}
		found.send(w, r)
	}), nil
}

func newFile(name string, body []byte) file {
	hash := sha256.Sum256(body)
	var gzipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&gzipped, gzip.BestCompression) // the level is valid
	_, _ = w.Write(body)                                        // a bytes.Buffer does not fail
	_ = w.Close()
	return file{body: body, gzipped: gzipped.Bytes(), mimeType: mimeTypes[path.Ext(name)], tag: hex.EncodeToString(hash[:16])}
}

func (f file) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Content-Type", f.mimeType)
	header.Set("Cache-Control", "no-cache")
	header.Add("Vary", "Accept-Encoding")
	body, tag := f.body, `"`+f.tag+`"`
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
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
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client is gone; nobody is left to tell
	}
}

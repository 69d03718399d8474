package openapi

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/virusmap/virusmap/web/staticfile"
)

// page is the reader: plain HTML, CSS and JavaScript without a build.
//
//go:embed page
var page embed.FS

// policy lets the reader run and style itself only from its own files, and ask nobody else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// files are read once, however many gateways serve them.
var files = sync.OnceValues(readFiles)

// Handler serves the page at /docs/ and the documents beside it: node.json,
// virustotal.json and chain.json.
func Handler() (http.Handler, error) {
	served, err := files()
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.Trim(strings.TrimPrefix(r.URL.Path, "/docs"), "/")
		if name == "" {
			name = "index.html"
		}
		found, ok := served[name]
		if !ok {
			http.Error(w, "no such page", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		found.ServeHTTP(w, r)
	}), nil
}

// readFiles reads the page and the documents, by name.
func readFiles() (map[string]staticfile.File, error) {
	read := map[string]staticfile.File{}
	add := func(name string, body []byte) { read[name] = staticfile.New(name, body, staticfile.Revalidated) }
	names, err := fs.Glob(page, "page/*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		body, err := page.ReadFile(name)
		if err != nil {
			return nil, err
		}
		add(path.Base(name), body)
	}
	for name, document := range map[string]func() ([]byte, error){"node.json": Node, "virustotal.json": VirusTotal, "chain.json": Chain} {
		body, err := document()
		if err != nil {
			return nil, err
		}
		add(name, body)
	}
	return read, nil
}

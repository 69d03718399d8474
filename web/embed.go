// Package web embeds the web application and serves it. The sources are in src/; `make
// web` builds them into dist/.
package web

import (
	"embed"
	"io/fs"
	"net/http"
	"sync"
)

// dist holds the build. A clean clone has nothing in it but a file that keeps its place.
//
//go:embed all:dist
var dist embed.FS

// built is read and compressed once, however many gateways serve it.
var built = sync.OnceValue(func() *site {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return newSite(files)
})

// Handler serves the application: its files, and index.html for every other path that has
// no extension, as those are pages of the application. Without a build it says how to
// make one.
func Handler() http.Handler { return built() }

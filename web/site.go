package web

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/virusmap/virusmap/web/staticfile"
)

const index = "index.html"

// noBuild is shown when the application was not built before the binary was.
const noBuild = "The web application is not part of this build.\nRun `make web`, then build the supernode again.\n"

// site is a build in memory.
type site struct {
	files map[string]staticfile.File // by path without the leading slash
}

// newSite reads all files once.
func newSite(files fs.FS) *site {
	s := &site{files: map[string]staticfile.File{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		s.files[name] = staticfile.New(name, body, caching(name))
		return nil
	})
	if err != nil {
		panic(err) // the files are part of the binary
	}
	return s
}

// caching knows that the build names assets by their content.
func caching(name string) string {
	if strings.HasPrefix(name, "assets/") {
		return staticfile.Immutable
	}
	return staticfile.Revalidated
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
		found.ServeHTTP(w, r)
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
	page.ServeHTTP(w, r)
}

// hasExtension tells a file from a page. Pages of domains and addresses end like files
// with an extension do.
func hasExtension(name string) bool {
	if strings.HasPrefix(name, "domain/") || strings.HasPrefix(name, "ip/") {
		return false
	}
	return path.Ext(name) != ""
}

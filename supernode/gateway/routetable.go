package gateway

import "net/http"

// routeTable is a ServeMux that remembers its patterns, so that a test can hold them
// against the published descriptions of the API.
type routeTable struct {
	*http.ServeMux
	patterns []string
}

func newRouteTable() *routeTable { return &routeTable{ServeMux: http.NewServeMux()} }

// Handle registers a handler for a pattern of http.ServeMux.
func (t *routeTable) Handle(pattern string, handler http.Handler) {
	t.patterns = append(t.patterns, pattern)
	t.ServeMux.Handle(pattern, handler)
}

// HandleFunc registers a function for a pattern of http.ServeMux.
func (t *routeTable) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	t.Handle(pattern, http.HandlerFunc(handler))
}

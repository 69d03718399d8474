package gateway

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/virusmap/virusmap/supernode/index"
)

const (
	defaultPage = 10
	maxPage     = 40 // as VirusTotal has it
	// maxCursor is longer than any cursor that was ever given out: that behind the longest file
	// name has 590 bytes.
	maxCursor = 1024
)

// page is the part of a list that a client asks for.
type page struct {
	limit int
	// cursor is what the last page ended with, empty for the first one.
	cursor string
	// descriptors tells that type and id of each item are enough.
	descriptors bool
}

// pageOf reads the query options of a list.
func pageOf(r *http.Request) (page, error) { return pageUpTo(maxPage, r) }

// pageUpTo reads the query options limit, cursor and descriptors_only.
func pageUpTo(longest int, r *http.Request) (page, error) {
	query := r.URL.Query()
	p := page{limit: defaultPage, cursor: query.Get("cursor"), descriptors: query.Get("descriptors_only") == "true"}
	if given := query.Get("limit"); given != "" {
		limit, err := strconv.Atoi(given)
		if err != nil || limit < 1 || limit > longest {
			return page{}, invalidArgument("limit: %.20q is not in 1..%d", given, longest)
		}
		p.limit = limit
	}
	if len(p.cursor) > maxCursor {
		return page{}, invalidArgument("cursor: %d bytes, at most %d", len(p.cursor), maxCursor)
	}
	if !isText(p.cursor) {
		return page{}, invalidArgument("cursor: %.80q was not given out for this list", p.cursor)
	}
	return p, nil
}

// position is the cursor of a list that is ordered from new to old; nil for its begin.
func (p page) position() (*index.Position, error) {
	if p.cursor == "" {
		return nil, nil
	}
	date, id, found := strings.Cut(p.cursor, ".")
	seconds, err := strconv.ParseInt(date, 10, 64)
	if !found || err != nil {
		return nil, invalidArgument("cursor: %.80q was not given out for this list", p.cursor)
	}
	return &index.Position{Date: seconds, ID: id}, nil
}

// cursorAt is the cursor behind an entry of such a list.
func cursorAt(date int64, id string) string { return strconv.FormatInt(date, 10) + "." + id }

// cut takes a page off a list that was read one entry further, with the cursor of the rest.
func cut[T any](p page, entries []T, cursor func(T) string) (kept []T, next string) {
	if len(entries) <= p.limit {
		return entries, ""
	}
	entries = entries[:p.limit]
	return entries, cursor(entries[p.limit-1])
}

// pageMeta is the meta of a list. vt-py goes on by the cursor, vt-go by links.next.
type pageMeta struct {
	Count  *int64 `json:"count,omitempty"`
	Cursor string `json:"cursor,omitempty"`
}

// respondList answers one page. next is the cursor of the page after it, empty when there is
// none; count is how long the whole list is, nil when that is not known.
func (g *Gateway) respondList(w http.ResponseWriter, r *http.Request, items []object, next string, count *int64) {
	if items == nil {
		items = []object{}
	}
	self := g.base(r) + r.URL.Path
	links := map[string]string{"self": withQuery(self, r.URL.Query())}
	if next != "" {
		query := r.URL.Query()
		query.Set("cursor", next)
		links["next"] = withQuery(self, query)
	}
	writeJSON(w, r, http.StatusOK, envelope{Data: items, Meta: pageMeta{Count: count, Cursor: next}, Links: links})
}

func withQuery(address string, query url.Values) string {
	if len(query) == 0 {
		return address
	}
	return address + "?" + query.Encode()
}

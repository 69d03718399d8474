package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/weburl"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxQueryBytes bounds a search, which may be a URL.
const maxQueryBytes = weburl.MaxBytes

func (g *Gateway) searchRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/search", g.getSearch(maxPage))
	// vt-go and vt-cli search here; what is asked in VirusTotal's own language finds nothing,
	// and an order is passed over: what is found comes as the index has it.
	mux.HandleFunc("GET "+base+"/intelligence/search", g.getSearch(index.MaxSearchPage))
}

// queryOf reads the query option query.
func queryOf(r *http.Request) (string, error) {
	query := strings.TrimSpace(r.URL.Query().Get("query"))
	switch {
	case query == "":
		return "", invalidArgument("query: it is empty")
	case len(query) > maxQueryBytes:
		return "", invalidArgument("query: %d bytes, at most %d", len(query), maxQueryBytes)
	case !isText(query):
		return "", invalidArgument("query: it is not text in UTF-8")
	}
	return query, nil
}

// isText tells what a database takes as a text.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// getSearch answers what a query means: a hash, a URL in any form, a domain, an address, the
// comments with a #tag, or else files by what the chain and this node know of them.
func (g *Gateway) getSearch(longest int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g.answerPage(w, r, longest, func(p page) (related, error) { return g.search(r, p) })
	}
}

func (g *Gateway) search(r *http.Request, p page) (related, error) {
	query, err := queryOf(r)
	if err != nil {
		return related{}, err
	}
	if word, isTag := strings.CutPrefix(query, "#"); isTag {
		return g.searchTag(r, word, p)
	}
	if item, ok := g.itemIn(r, query); ok {
		found, err := g.foundItem(r, item)
		if err != nil || len(found.items) > 0 || item.Type != "domain" || len(query) > verdictstypes.MaxLabelBytes {
			return found, err
		} // a label such as Trojan.Generic could be a domain
	}
	return g.searchText(r, query, p)
}

func (g *Gateway) searchTag(r *http.Request, word string, p page) (related, error) {
	tag := community.CanonicalTag(word)
	after, err := p.position()
	if tag == "" || err != nil {
		return related{}, err
	}
	comments, err := g.deps.Index.CommentsTagged(r.Context(), tag, after, p.limit+1)
	return g.commentPage(r, p, comments, err)
}

// itemIn is the item that a query names; false when it is some other text.
func (g *Gateway) itemIn(r *http.Request, query string) (community.Item, bool) {
	if _, err := parseHash(strings.ToLower(query)); err == nil {
		id, err := g.fileID(r, query)
		if err != nil {
			id = strings.ToLower(query)
		}
		return community.Item{Type: "file", ID: id}, true
	}
	if strings.ContainsAny(query, " \t\n\"") {
		return community.Item{}, false
	}
	if address, err := weburl.ParseIP(query); err == nil {
		return community.Item{Type: "ip_address", ID: address.String()}, true
	}
	if strings.Contains(query, "/") {
		u, err := weburl.Parse(query)
		return community.Item{Type: "url", ID: urlID(u)}, err == nil
	}
	domain, err := weburl.ParseDomain(query)
	return community.Item{Type: "domain", ID: domain}, err == nil
}

// foundItem is a list of the item, or of nothing when it is not known.
func (g *Gateway) foundItem(r *http.Request, item community.Item) (related, error) {
	none := int64(0)
	k := g.kind(item.Type)
	if k == nil || (item.Type == "file" && len(item.ID) != 2*32) {
		return related{count: &none}, nil
	}
	found, err := k.object(r, item.ID)
	if isUnknown(err) {
		return related{count: &none}, nil
	}
	one := int64(1)
	return related{items: []object{found}, count: &one}, err
}

// searchText finds files and URLs that have all words of a query: by name:, label:, type:,
// outcome: or kind:, where a word alone is a label. Values with spaces stand in quotes.
func (g *Gateway) searchText(r *http.Request, text string, p page) (related, error) {
	query := index.Query{Cursor: p.cursor, Limit: p.limit}
	for _, word := range searchWords(text) {
		kind, value, _ := strings.Cut(word, ":")
		switch {
		case value == "":
			query.Terms = append(query.Terms, index.Term{Kind: index.TermLabel, Value: word})
		case kind == "name":
			query.Name = value
		case slices.Contains(searchTerms, kind):
			query.Terms = append(query.Terms, index.Term{Kind: kind, Value: value})
		default: // labels have colons too
			query.Terms = append(query.Terms, index.Term{Kind: index.TermLabel, Value: word})
		}
	}
	hits, err := g.hits(r.Context(), query)
	if err != nil {
		return related{}, err
	}
	found := related{next: hits.Cursor}
	for _, hash := range hits.SHA256 {
		item := community.Item{Type: "file", ID: hex.EncodeToString(hash[:])}
		if sample, err := g.deps.Index.Sample(r.Context(), hash); err == nil && sample.Kind == samplestypes.KIND_URL {
			item.Type = "url"
		}
		o, err := g.itemObject(r, item, p.detail(brief))
		if err != nil {
			return related{}, err
		}
		found.items = append(found.items, o)
	}
	return found, nil
}

// searchTries bounds how often the index goes on where it found nothing yet.
const searchTries = 10

// hits is a page with something in it, or the end of the list: vt-py fails on an empty page
// before the last one, and vt-go takes it for the end.
func (g *Gateway) hits(ctx context.Context, query index.Query) (index.Found, error) {
	for range searchTries {
		found, err := g.deps.Index.Search(ctx, query)
		if errors.Is(err, index.ErrBadQuery) {
			return found, invalidArgument("query: %s", err)
		}
		if err != nil || len(found.SHA256) > 0 || found.Cursor == "" {
			return found, err
		}
		query.Cursor = found.Cursor
	}
	return index.Found{}, unselective("query: too much fits its first word and too little the others; write the rarest one first")
}

// searchTerms are what a search can name besides names.
var searchTerms = []string{index.TermKind, index.TermType, index.TermLabel, index.TermOutcome}

// searchWords splits a query at white space outside of quotes, which it takes off.
func searchWords(text string) (words []string) {
	quoted := false
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return unicode.IsSpace(r) && !quoted
	}) {
		if word = strings.ReplaceAll(word, `"`, ""); word != "" {
			words = append(words, word)
		}
	}
	return words
}

package gateway

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
)

// getCollections lists collections from new to old, or, with the filter owner:<account>,
// those of an account.
func (g *Gateway) getCollections(w http.ResponseWriter, r *http.Request) {
	g.answerList(w, r, func(p page) (related, error) {
		after, err := p.position()
		if err != nil {
			return related{}, err
		}
		filter := r.URL.Query().Get("filter")
		if filter == "" {
			collections, err := g.deps.Index.Collections(r.Context(), after, p.limit+1)
			return g.collectionPage(r, p, collections, err)
		}
		owner, isOwner := strings.CutPrefix(filter, "owner:")
		if !isOwner || !isText(owner) {
			return related{}, invalidArgument("filter: %.80q is not owner:<account>", filter)
		}
		return g.collectionsBy(r, owner, p)
	})
}

func (g *Gateway) collectionsBy(r *http.Request, owner string, p page) (related, error) {
	after, err := p.position()
	if err != nil {
		return related{}, err
	}
	collections, err := g.deps.Index.CollectionsBy(r.Context(), owner, after, p.limit+1)
	return g.collectionPage(r, p, collections, err)
}

func (g *Gateway) collectionPage(r *http.Request, p page, collections []index.Collection, err error) (related, error) {
	return g.collectionPageBy(r, p, collections, func(c index.Collection) string { return cursorAt(c.Created, c.ID) }, err)
}

func (g *Gateway) collectionPageBy(r *http.Request, p page, collections []index.Collection, cursor func(index.Collection) string, err error) (related, error) {
	if err != nil {
		return related{}, err
	}
	collections, next := cut(p, collections, cursor)
	found := related{next: next}
	for _, c := range collections {
		if p.descriptors {
			found.items = append(found.items, object{Type: "collection", ID: c.ID})
			continue
		}
		o, err := g.collectionObject(r, c)
		if err != nil {
			return related{}, fmt.Errorf("collection %s: %w", c.ID, err)
		}
		found.items = append(found.items, o)
	}
	return found, nil
}

func byID(c index.Collection) string { return c.ID }

// collectionsWith are the collections that have an item.
func (g *Gateway) collectionsWith(itemType string) func(*http.Request, string, page) (related, error) {
	return func(r *http.Request, id string, p page) (related, error) {
		collections, err := g.deps.Index.CollectionsWith(r.Context(), community.Item{Type: itemType, ID: id}, p.cursor, p.limit+1)
		return g.collectionPageBy(r, p, collections, byID, err)
	}
}

// searchCollections finds those with all words of the query in name or description.
func (g *Gateway) searchCollections(w http.ResponseWriter, r *http.Request) {
	g.answerList(w, r, func(p page) (related, error) {
		query, err := queryOf(r)
		if err != nil {
			return related{}, err
		}
		collections, err := g.deps.Index.SearchCollections(r.Context(), community.Words(query), p.cursor, p.limit+1)
		return g.collectionPageBy(r, p, collections, byID, err)
	})
}

func (g *Gateway) collectionOwner(r *http.Request, id string, _ page) (related, error) {
	c, err := g.findCollection(r, id)
	if err != nil {
		return related{}, err
	}
	return related{one: true, items: []object{g.authorObject(r, c.Owner)}}, nil
}

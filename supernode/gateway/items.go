package gateway

import (
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// itemKind is a kind of thing with an address of its own, such as a file. What all kinds
// have (the object, its comments, votes and relations) is made from this.
type itemKind struct {
	name string // the type of its objects, such as "ip_address"
	path string // where they are below the base, such as "ip_addresses"
	// resolve makes the id of an item from how a client wrote it in a path. It is an
	// apiError when that is no way to write one, and need not know whether the item exists.
	resolve func(r *http.Request, written string) (id string, err error)
	// object is the whole object of an id from resolve. It is a notFound when nothing is
	// known of it.
	object func(r *http.Request, id string) (object, error)
	// brief is the object as lists have it, where the whole one reads many others; nil when
	// they are the same.
	brief func(r *http.Request, id string) (object, error)
	// relations are what can be asked of it, in the order they are listed.
	relations []relation
	// discussed kinds get comments and votes, and the relations of them; voted ones get votes.
	discussed, voted bool
	// ownRoute tells that the route of the object itself is registered by the kind's own area.
	ownRoute bool
}

// relation finds a relation by its name.
func (k *itemKind) relation(name string) (relation, bool) {
	for _, rel := range k.relations {
		if rel.name == name {
			return rel, true
		}
	}
	return relation{}, false
}

// itemKinds are all kinds that this gateway serves. Each area adds its own here.
func (g *Gateway) itemKinds() []*itemKind {
	kinds := []*itemKind{
		g.fileKind(),
		g.urlKind(),
		g.domainKind(),
		g.addressKind(),
		g.collectionKind(),
		g.analysisKind(),
		g.submissionKind(),
		g.commentKind(),
		g.userKind(),
	}
	for _, k := range kinds {
		k.relations = append(k.relations, g.communityRelations(k)...)
	}
	return kinds
}

// communityRelations are what people say about the items of a kind.
func (g *Gateway) communityRelations(k *itemKind) (relations []relation) {
	if k.discussed {
		relations = append(relations, relation{"comments", "Comments on the " + k.title() + ", newest first.", g.commentsOf(k.name)})
	}
	if k.discussed || k.voted {
		relations = append(relations, relation{"votes", "Votes on the " + k.title() + ", one of each account, newest first.", g.votesOf(k.name)})
	}
	if k.discussed && k.name != "collection" {
		relations = append(relations, relation{"collections", "Collections that have the " + k.title() + ".", g.collectionsWith(k.name)})
	}
	return relations
}

// title is the name of a kind in a sentence.
func (k *itemKind) title() string { return strings.ReplaceAll(k.name, "_", " ") }

// itemObject is the object of an item that others refer to. One of which nothing is known
// is type and id.
func (g *Gateway) itemObject(r *http.Request, item community.Item, d detail) (object, error) {
	bare := object{Type: item.Type, ID: item.ID}
	k := g.kind(item.Type)
	switch {
	case d == descriptor && item.Type == "url":
		return g.urlDescriptor(r, item.ID)
	case d == descriptor || k == nil:
		return bare, nil
	}
	read := k.object
	if d == brief && k.brief != nil {
		read = k.brief
	}
	found, err := read(r, item.ID)
	if isUnknown(err) {
		return bare, nil
	}
	return found, err
}

// kind finds a kind by the type of its objects, nil when there is none.
func (g *Gateway) kind(name string) *itemKind {
	for _, k := range g.kinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

// itemRoutes registers what all kinds have.
func (g *Gateway) itemRoutes(mux *routeTable, base string) {
	for _, k := range g.kinds {
		item := base + "/" + k.path + "/{id}"
		if !k.ownRoute {
			mux.HandleFunc("GET "+item, g.getItem(k))
		}
		for _, rel := range k.relations {
			mux.HandleFunc("GET "+item+"/"+rel.name, g.getRelation(k, rel, false))
			mux.HandleFunc("GET "+item+"/relationships/"+rel.name, g.getRelation(k, rel, true))
		}
		g.unfilledRoutes(mux, base, k)
	}
}

// getItem answers the object of one item, with the query options attributes and relationships.
func (g *Gateway) getItem(k *itemKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := k.resolve(r, r.PathValue("id"))
		var found object
		if err == nil {
			found, err = k.object(r, id)
		}
		if err == nil {
			found.Attributes, err = selected(found.Attributes, r)
		}
		if err == nil {
			found.Relationships, err = g.withRelations(r, k, id)
		}
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		respond(w, r, found, nil)
	}
}

// shortID refuses an id that was never given out and that no database would take.
func shortID(written string, limit int) (string, error) {
	if len(written) > limit || !isText(written) {
		return "", notFound("Resource not found")
	}
	return written, nil
}

// urlID is the id of a URL: the SHA-256 of its canonical form, in hex.
func urlID(u weburl.URL) string {
	id := u.ID()
	return hex.EncodeToString(id[:])
}

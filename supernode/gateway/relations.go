package gateway

import (
	"net/http"
	"slices"
	"strings"
)

// maxRelationNames bounds the relationships query option in bytes. Of the names in it only
// those of relations that have something cost anything, and each is looked at once.
const maxRelationNames = 4096

// relation is what can be asked of an item besides the item itself. The routes of a kind and
// what /metadata lists are made from the same relations.
type relation struct {
	name, description string
	// list answers a page of what the item with this id is related to.
	list func(r *http.Request, id string, p page) (related, error)
}

// related is one page of a relation.
type related struct {
	// items may be descriptors, objects of type and id alone, when page.descriptors is set.
	items []object
	next  string // cursor of the page after this one, empty when there is none
	count *int64 // length of the whole list, nil when it is not known
	// one tells that the relation leads to one object, or to none, and never to a list.
	one bool
}

// descriptor is an object without what it holds.
func (o object) descriptor() object {
	return object{Type: o.Type, ID: o.ID, ContextAttributes: o.ContextAttributes, Err: o.Err}
}

func (r related) descriptors() related {
	items := make([]object, len(r.items))
	for i, item := range r.items {
		items[i] = item.descriptor()
	}
	r.items = items
	return r
}

// single is the data of a relation to one object: the object or null.
func (r related) single() any {
	if len(r.items) == 0 {
		return nil
	}
	return r.items[0]
}

// getRelation answers one relation of one item, as descriptors where those are asked for.
func (g *Gateway) getRelation(k *itemKind, rel relation, descriptors bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		found, err := g.listRelation(r, k, rel, descriptors)
		switch {
		case err != nil:
			g.failWith(w, r, err)
		case found.one:
			g.respondOne(w, r, found)
		default:
			g.respondList(w, r, found.items, found.next, found.count)
		}
	}
}

func (g *Gateway) listRelation(r *http.Request, k *itemKind, rel relation, descriptors bool) (related, error) {
	id, err := k.resolve(r, r.PathValue("id"))
	if err != nil {
		return related{}, err
	}
	p, err := pageOf(r)
	if err != nil {
		return related{}, err
	}
	p.descriptors = p.descriptors || descriptors
	found, err := rel.list(r, id, p)
	if err != nil {
		return related{}, err
	}
	if p.descriptors {
		return found.descriptors(), nil
	}
	for i := range found.items {
		if found.items[i].Attributes, err = selected(found.items[i].Attributes, r); err != nil {
			return related{}, err
		}
	}
	return found, nil
}

// respondOne answers a relation to one object; vt-py wants a data field even of nothing.
func (g *Gateway) respondOne(w http.ResponseWriter, r *http.Request, found related) {
	writeJSON(w, r, http.StatusOK, struct {
		Data  any               `json:"data"`
		Links map[string]string `json:"links"`
	}{found.single(), map[string]string{"self": g.base(r) + r.URL.Path}})
}

// answerList answers a list by limit and cursor of the request.
func (g *Gateway) answerList(w http.ResponseWriter, r *http.Request, list func(page) (related, error)) {
	g.answerPage(w, r, maxPage, list)
}

// answerPage does so for a list with pages of up to the longest.
func (g *Gateway) answerPage(w http.ResponseWriter, r *http.Request, longest int, list func(page) (related, error)) {
	p, err := pageUpTo(longest, r)
	var found related
	if err == nil {
		found, err = list(p)
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	if p.descriptors {
		found = found.descriptors()
	}
	g.respondList(w, r, found.items, found.next, found.count)
}

// withRelations gives the first page, as descriptors, of the relations that the query option
// relationships=a,b names; nil without it.
func (g *Gateway) withRelations(r *http.Request, k *itemKind, id string) (map[string]relationship, error) {
	names, err := relationNames(r)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	found := make(map[string]relationship, len(names))
	for _, name := range names {
		rel, known := k.relation(name)
		if k.unfilled(name) {
			found[name] = g.relationshipOf(r, k, id, name, ofNothing())
		}
		if !known {
			continue // clients ask for what VirusTotal has
		}
		list, err := rel.list(r, id, page{limit: defaultPage, descriptors: true})
		if isUnknown(err) { // of nothing
			list, err = related{one: true}, nil
		}
		if err != nil {
			return nil, err
		}
		found[name] = g.relationshipOf(r, k, id, name, list.descriptors())
	}
	return found, nil
}

func (g *Gateway) relationshipOf(r *http.Request, k *itemKind, id, name string, list related) relationship {
	links := map[string]string{
		"self":    g.link(r, k.path, id, "relationships", name),
		"related": g.link(r, k.path, id, name),
	}
	if list.one {
		return relationship{Data: list.single(), Links: links}
	}
	if list.next != "" {
		links["next"] = withQuery(links["self"], map[string][]string{"cursor": {list.next}})
	}
	return relationship{Data: list.items, Links: links, Meta: pageMeta{Count: list.count, Cursor: list.next}}
}

// relationNames reads the query option relationships, each name once.
func relationNames(r *http.Request) ([]string, error) {
	option := r.URL.Query().Get("relationships")
	if option == "" {
		return nil, nil
	}
	if len(option) > maxRelationNames {
		return nil, invalidArgument("relationships: %d bytes, at most %d", len(option), maxRelationNames)
	}
	names := strings.Split(option, ",")
	slices.Sort(names)
	return slices.Compact(names), nil
}

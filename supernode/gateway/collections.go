package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
)

const (
	// maxCollectionBytes bounds the request that changes a collection.
	maxCollectionBytes = 1 << 20
	// maxCollectionID is longer than any id that was ever given out.
	maxCollectionID = 128
)

// collectionAttributes are VirusTotal's of a collection; dates are unix seconds.
type collectionAttributes struct {
	Name                 string   `json:"name"`
	Description          string   `json:"description,omitempty"`
	CollectionType       string   `json:"collection_type"` // collection: there is no other
	Owner                string   `json:"owner"`
	CreationDate         int64    `json:"creation_date"`
	LastModificationDate int64    `json:"last_modification_date"`
	FilesCount           int64    `json:"files_count"`
	DomainsCount         int64    `json:"domains_count"`
	IPAddressesCount     int64    `json:"ip_addresses_count"`
	URLsCount            int64    `json:"urls_count"`
	Tags                 []string `json:"tags"`
	communityAttributes
	VirusMap authorship `json:"virusmap"`
}

// collectionData is the data of a request that makes or changes a collection.
type collectionData struct {
	Attributes struct {
		Name        *string `json:"name"`
		Description *string `json:"description"`
	} `json:"attributes"`
	// RawItems is a text whose hashes, URLs, domains and addresses are added.
	RawItems string `json:"raw_items"`
	// Relationships name items by files, urls, domains and ip_addresses.
	Relationships map[string]struct {
		Data json.RawMessage `json:"data"`
	} `json:"relationships"`
}

func (g *Gateway) collectionRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/collections", g.getCollections)
	mux.HandleFunc("POST "+base+"/collections", g.answering(g.createCollection))
	mux.HandleFunc("PATCH "+base+"/collections/{id}", g.answering(g.updateCollection))
	mux.HandleFunc("DELETE "+base+"/collections/{id}", g.deleteCollection)
	mux.HandleFunc("GET "+base+"/collections/search", g.searchCollections)
	mux.HandleFunc("GET "+base+"/collections/{id}/download/{format}", g.downloadCollection)
	for _, m := range collectionMembers {
		mux.HandleFunc("POST "+base+"/collections/{id}/"+m.relation, g.answering(g.changeMembers(m, "add")))
		mux.HandleFunc("DELETE "+base+"/collections/{id}/"+m.relation, g.answering(g.changeMembers(m, "remove")))
	}
}

// answering responds with the object that a handler makes.
func (g *Gateway) answering(handle func(http.ResponseWriter, *http.Request) (object, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		made, err := handle(w, r)
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		respond(w, r, made, nil)
	}
}

func (g *Gateway) collectionKind() *itemKind {
	relations := []relation{{"owner", "The account that made the collection.", g.collectionOwner}}
	for _, m := range collectionMembers {
		relations = append(relations, relation{m.relation, m.title + " in the collection, by id.", g.membersOf(m)})
	}
	return &itemKind{
		name: "collection", path: "collections", discussed: true,
		resolve: func(_ *http.Request, written string) (string, error) { return shortID(written, maxCollectionID) },
		object: func(r *http.Request, id string) (object, error) {
			c, err := g.findCollection(r, id)
			if err != nil {
				return object{}, err
			}
			return g.collectionObject(r, c)
		},
		relations: relations,
	}
}

func (g *Gateway) findCollection(r *http.Request, id string) (index.Collection, error) {
	c, err := g.deps.Index.Collection(r.Context(), id)
	if errors.Is(err, index.ErrNotFound) {
		return index.Collection{}, notFound("Collection %.80q not found", id)
	}
	return c, err
}

func (g *Gateway) collectionObject(r *http.Request, c index.Collection) (object, error) {
	totals, err := g.deps.Index.Totals(r.Context(), community.Item{Type: "collection", ID: c.ID})
	if err != nil {
		return object{}, err
	}
	votes := totalVotes{totals[community.Harmless], totals[community.Malicious]}
	return object{
		Type:  "collection",
		ID:    c.ID,
		Links: map[string]string{"self": g.link(r, "collections", c.ID)},
		Attributes: collectionAttributes{
			Name: c.Name, Description: c.Description, CollectionType: "collection", Owner: c.Owner, CreationDate: c.Created, LastModificationDate: c.Modified,
			FilesCount: totals["file"], DomainsCount: totals["domain"], IPAddressesCount: totals["ip_address"], URLsCount: totals["url"],
			Tags:                community.Tags(c.Description),
			communityAttributes: communityAttributes{community.Reputation(votes.Harmless, votes.Malicious), votes},
			VirusMap:            authorshipOf(c.Owner, c.Signed),
		},
	}, nil
}

func readCollection(w http.ResponseWriter, r *http.Request) (contribution, collectionData, error) {
	var data collectionData
	sent, err := readContribution(w, r, maxCollectionBytes)
	if err != nil {
		return sent, data, err
	}
	if err := json.Unmarshal(sent.Data, &data); err != nil {
		return sent, data, badRequest("data: want {type: collection, attributes: {name, description}, raw_items}: %.200s", err)
	}
	return sent, data, nil
}

// createCollection makes a collection, with what the text of raw_items names.
func (g *Gateway) createCollection(w http.ResponseWriter, r *http.Request) (object, error) {
	sent, data, err := readCollection(w, r)
	if err != nil {
		return object{}, err
	}
	c := index.Collection{}
	if err := data.apply(&c); err != nil {
		return object{}, err
	}
	by, err := g.authorOf(r, sent, community.CollectionStatement(g.cfg.ChainID, community.NewCollection, "create", sent.Data))
	if err != nil {
		return object{}, err
	}
	members, err := g.membersIn(r, data)
	if err != nil {
		return object{}, err
	}
	c.ID, c.Owner, c.Signed = community.CollectionID(by.name, c.Name, by.time), by.name, by.signed
	c.Created, c.Modified = by.time, by.time
	if err := g.deps.Index.AddCollection(r.Context(), c, members); err != nil {
		return object{}, collectionError(err)
	}
	return g.collectionObject(r, c)
}

// apply sets what was sent, if the collection can be called so.
func (d collectionData) apply(c *index.Collection) error {
	if d.Attributes.Name != nil {
		c.Name = strings.TrimSpace(*d.Attributes.Name)
	}
	if d.Attributes.Description != nil {
		c.Description = *d.Attributes.Description
	}
	if err := community.CheckCollection(c.Name, c.Description); err != nil {
		return refused(err)
	}
	return nil
}

// updateCollection changes name and description, and adds what raw_items names.
func (g *Gateway) updateCollection(w http.ResponseWriter, r *http.Request) (object, error) {
	sent, data, err := readCollection(w, r)
	if err != nil {
		return object{}, err
	}
	c, by, err := g.ownCollection(r, sent, "update")
	if err != nil {
		return object{}, err
	}
	if err := data.apply(&c); err != nil {
		return object{}, err
	}
	members, err := g.membersIn(r, data)
	if err != nil {
		return object{}, err
	}
	c.Modified, c.Signed = by.changes(c), by.signed
	if err := g.deps.Index.UpdateCollection(r.Context(), c, members); err != nil {
		return object{}, collectionError(err)
	}
	return g.collectionObject(r, c)
}

// changes is the time of an author's change of a collection. What a wallet signed has the time
// of its statement, so that everybody who sees one cannot send it again after a newer change.
func (a author) changes(c index.Collection) int64 {
	if a.signed.Statement != "" {
		return a.time
	}
	return max(a.time, c.Modified)
}

// ownCollection is the collection of a path if who sent the request owns it.
func (g *Gateway) ownCollection(r *http.Request, sent contribution, action string) (index.Collection, author, error) {
	id, err := shortID(r.PathValue("id"), maxCollectionID)
	if err != nil {
		return index.Collection{}, author{}, err
	}
	c, err := g.findCollection(r, id)
	if err != nil {
		return c, author{}, err
	}
	by, err := g.authorOf(r, sent, community.CollectionStatement(g.cfg.ChainID, c.ID, action, sent.Data))
	if err == nil && by.name != c.Owner {
		err = forbidden("only its owner may change a collection")
	}
	return c, by, err
}

// deleteCollection takes a collection away; only its owner can.
func (g *Gateway) deleteCollection(w http.ResponseWriter, r *http.Request) {
	if err := g.dropCollection(w, r); err != nil {
		g.failWith(w, r, err)
		return
	}
	respondEmpty(w)
}

func (g *Gateway) dropCollection(w http.ResponseWriter, r *http.Request) error {
	sent, err := readContribution(w, r, maxContributionBytes)
	if err != nil {
		return err
	}
	c, by, err := g.ownCollection(r, sent, "delete")
	if err != nil {
		return err
	}
	if err := g.auditBy(r, by, actionCollectionDelete, c.ID); err != nil {
		return err
	}
	return collectionError(g.deps.Index.DropCollection(r.Context(), c.ID, g.now().Unix()))
}

// collectionError turns what the index refuses into an answer.
func collectionError(err error) error {
	switch {
	case errors.Is(err, index.ErrNotFound):
		return notFound("Collection not found")
	case errors.Is(err, index.ErrExists):
		return alreadyExists("the account made a collection of that name in this second")
	case errors.Is(err, index.ErrDeleted):
		return alreadyExists("the collection was deleted; sign a new one")
	case errors.Is(err, index.ErrChanged):
		return alreadyExists("the collection was changed since; sign a new statement")
	case errors.Is(err, index.ErrTooManyCollections):
		return quotaExceeded(0, "the account has %d collections, which is as many as it may", community.MaxCollections)
	case errors.Is(err, index.ErrTooManyMembers):
		return invalidArgument("items: the collection would have more than %d", community.MaxCollectionItems)
	}
	return err
}

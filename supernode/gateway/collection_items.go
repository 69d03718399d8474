package gateway

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/intel"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// memberKind is a type of items that collections have.
type memberKind struct{ itemType, relation, title string }

var collectionMembers = []memberKind{
	{"file", "files", "Files"},
	{"url", "urls", "URLs"},
	{"domain", "domains", "Domains"},
	{"ip_address", "ip_addresses", "IP addresses"},
}

// membersIn are the items that a collection is sent with, by its relationships and in the text
// of raw_items.
func (g *Gateway) membersIn(r *http.Request, data collectionData) ([]index.Member, error) {
	var members []index.Member
	for _, m := range collectionMembers {
		if list := data.Relationships[m.relation].Data; len(list) > 0 {
			related, err := g.readMembers(r, m, list)
			if err != nil {
				return nil, err
			}
			members = append(members, related...)
		}
	}
	indicators := intel.Indicators(data.RawItems, community.MaxCollectionItems+1)
	if len(members)+len(indicators) > community.MaxCollectionItems {
		return nil, invalidArgument("raw_items, relationships: they name more than %d items", community.MaxCollectionItems)
	}
	for _, indicator := range indicators {
		member, err := g.memberOf(r, indicator.Type, indicator.Value)
		if err != nil {
			return nil, err
		}
		members = append(members, member)
	}
	return members, nil
}

// memberOf is an item of a collection by its canonical value or id. A file that is named by
// its MD5 or SHA-1 is the file that this node has seen, or stays that hash.
func (g *Gateway) memberOf(r *http.Request, itemType, value string) (index.Member, error) {
	member := index.Member{Item: community.Item{Type: itemType, ID: value}}
	switch itemType {
	case "file":
		id, err := g.fileID(r, value)
		if isUnknown(err) {
			id, err = strings.ToLower(value), nil
		}
		if err != nil {
			return member, err
		}
		member.Item.ID = id
	case "url":
		u, err := weburl.Parse(value)
		if err != nil {
			return member, invalidArgument("url: %s", err)
		}
		member.Item.ID, member.Value = urlID(u), u.String()
	case "domain":
		domain, err := weburl.ParseDomain(value)
		if err != nil {
			return member, invalidArgument("domain: %s", err)
		}
		member.Item.ID = domain
	case "ip_address":
		address, err := weburl.ParseIP(value)
		if err != nil {
			return member, invalidArgument("ip_address: %s", err)
		}
		member.Item.ID = address.String()
	}
	return member, nil
}

// memberDescriptor names an item to add or to remove: by type and id, or a URL by itself.
type memberDescriptor struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	URL  string `json:"url"`
}

// changeMembers adds items to a collection, or removes them.
func (g *Gateway) changeMembers(m memberKind, action string) func(http.ResponseWriter, *http.Request) (object, error) {
	return func(w http.ResponseWriter, r *http.Request) (object, error) {
		sent, err := readContribution(w, r, maxCollectionBytes)
		if err != nil {
			return object{}, err
		}
		c, by, err := g.ownCollection(r, sent, action)
		if err != nil {
			return object{}, err
		}
		members, err := g.readMembers(r, m, sent.Data)
		if err != nil {
			return object{}, err
		}
		c.Modified = by.changes(c)
		if action == "add" {
			err = g.deps.Index.AddMembers(r.Context(), c.ID, members, c.Modified)
		} else {
			items := make([]community.Item, len(members))
			for i, member := range members {
				items[i] = member.Item
			}
			err = g.deps.Index.DropMembers(r.Context(), c.ID, items, c.Modified)
		}
		if err != nil {
			return object{}, collectionError(err)
		}
		return g.collectionObject(r, c)
	}
}

func (g *Gateway) readMembers(r *http.Request, m memberKind, data json.RawMessage) ([]index.Member, error) {
	var descriptors []memberDescriptor
	if err := json.Unmarshal(data, &descriptors); err != nil {
		return nil, badRequest("data: want a list of {type, id} or {url}: %.200s", err)
	}
	if len(descriptors) > community.MaxCollectionItems {
		return nil, invalidArgument("data: %d items, at most %d", len(descriptors), community.MaxCollectionItems)
	}
	members := make([]index.Member, 0, len(descriptors))
	for i, d := range descriptors {
		if d.Type != "" && d.Type != m.itemType {
			return nil, invalidArgument("data[%d].type: %.40q, want %q", i, d.Type, m.itemType)
		}
		member, err := g.readMember(r, m, d)
		if err != nil {
			return nil, err
		}
		members = append(members, member)
	}
	return members, nil
}

func (g *Gateway) readMember(r *http.Request, m memberKind, d memberDescriptor) (index.Member, error) {
	switch {
	case m.itemType == "url" && d.URL != "":
		return g.memberOf(r, "url", d.URL)
	case m.itemType == "url":
		id, err := weburl.ParseID(d.ID)
		if err != nil {
			return index.Member{}, invalidArgument("id: %s", err)
		}
		return index.Member{Item: community.Item{Type: "url", ID: hex.EncodeToString(id[:])}}, nil
	default:
		return g.memberOf(r, m.itemType, d.ID)
	}
}

// membersOf are the items of one type in a collection.
func (g *Gateway) membersOf(m memberKind) func(*http.Request, string, page) (related, error) {
	return func(r *http.Request, id string, p page) (related, error) {
		if _, err := g.findCollection(r, id); err != nil {
			return related{}, err
		}
		members, err := g.deps.Index.Members(r.Context(), id, m.itemType, p.cursor, p.limit+1)
		if err != nil {
			return related{}, err
		}
		members, next := cut(p, members, func(member index.Member) string { return member.Item.ID })
		totals, err := g.deps.Index.Totals(r.Context(), community.Item{Type: "collection", ID: id})
		if err != nil {
			return related{}, err
		}
		found := related{next: next, count: total(totals, m.itemType)}
		for _, member := range members {
			item, err := g.itemObject(r, member.Item, p.detail(brief))
			if err != nil {
				return related{}, err
			}
			if member.Value != "" && item.Attributes == nil {
				item.ContextAttributes = urlContext{member.Value}
			}
			found.items = append(found.items, item)
		}
		return found, nil
	}
}

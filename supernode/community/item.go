// Package community holds the rules of what people say about items: comments, votes and
// collections. It knows neither HTTP nor a database.
package community

import "strings"

// Item is what somebody says something about: its type as in VirusTotal's objects, and its id.
type Item struct {
	Type string // file, url, domain, ip_address, collection or comment
	ID   string
}

// String is how statements write an item: type/id.
func (i Item) String() string { return i.Type + "/" + i.ID }

// prefixes are the first part of a comment's id, as VirusTotal has them.
var prefixes = map[string]string{
	"file": "f", "url": "u", "domain": "d", "ip_address": "i", "collection": "c", "comment": "k",
}

// prefix of ids about the item; the type itself where VirusTotal has none.
func (i Item) prefix() string {
	if short, ok := prefixes[i.Type]; ok {
		return short
	}
	return strings.ReplaceAll(i.Type, "_", "-")
}

package gateway

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"

	"github.com/virusmap/virusmap/supernode/index"
)

// downloadPage is how many items of a collection are in memory at one time: their URLs may
// have some kilobytes each.
const downloadPage = 256

type downloadedItem struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Value string `json:"value"` // a URL itself, or the id
}

// listWriter writes a list of items in one format.
type listWriter interface {
	begin(page *bytes.Buffer)
	add(page *bytes.Buffer, item downloadedItem) error
	end(page *bytes.Buffer)
}

// downloadCollection gives all items of a collection as JSON or CSV of type and value.
func (g *Gateway) downloadCollection(w http.ResponseWriter, r *http.Request) {
	var list listWriter
	contentType := "text/csv; charset=utf-8"
	format := r.PathValue("format")
	switch format {
	case "csv":
		list = csvList{}
	case "json":
		list, contentType = &jsonList{}, "application/json; charset=utf-8"
	default:
		fail(w, r, invalidArgument("format: %.20q is not json or csv", format))
		return
	}
	id, err := shortID(r.PathValue("id"), maxCollectionID)
	if err == nil {
		_, err = g.findCollection(r, id)
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Disposition", `attachment; filename="collection.`+format+`"`)
	paced := g.paced(w)
	defer paced.done()
	if err := g.sendItems(r.Context(), paced, id, list); err != nil {
		g.log.Warn("a collection was not sent to its end", "collection", id, "error", err)
		panic(http.ErrAbortHandler) // the client must not take a part for the whole
	}
}

// sendItems writes page by page, so that a large collection and a slow client take no memory.
func (g *Gateway) sendItems(ctx context.Context, out io.Writer, collection string, list listWriter) error {
	var page bytes.Buffer
	list.begin(&page)
	for _, m := range collectionMembers {
		for after, more := "", true; more; {
			members, err := g.deps.Index.Members(ctx, collection, m.itemType, after, downloadPage)
			if err != nil {
				return err
			}
			for _, member := range members {
				after = member.Item.ID
				if err := list.add(&page, downloaded(member)); err != nil {
					return err
				}
			}
			if _, err := page.WriteTo(out); err != nil {
				return err
			}
			more = len(members) == downloadPage
		}
	}
	list.end(&page)
	_, err := page.WriteTo(out)
	return err
}

func downloaded(member index.Member) downloadedItem {
	item := downloadedItem{Type: member.Item.Type, ID: member.Item.ID, Value: member.Item.ID}
	if member.Value != "" {
		item.Value = member.Value
	}
	return item
}

// jsonList is {"data": [...]}.
type jsonList struct{ begun bool }

func (l *jsonList) begin(page *bytes.Buffer) { page.WriteString(`{"data":[`) }
func (l *jsonList) end(page *bytes.Buffer)   { page.WriteString("]}\n") }

func (l *jsonList) add(page *bytes.Buffer, item downloadedItem) error {
	if l.begun {
		page.WriteByte(',')
	}
	l.begun = true
	encoded, err := json.Marshal(item)
	page.Write(encoded)
	return err
}

// csvList has values that no spreadsheet takes for a formula: they begin with a letter or a
// digit, as hashes, canonical URLs, domains and addresses do; a few addresses begin with a
// colon.
type csvList struct{}

func (csvList) begin(page *bytes.Buffer) { page.WriteString("type,id,value\n") }
func (csvList) end(*bytes.Buffer)        {}

func (csvList) add(page *bytes.Buffer, item downloadedItem) error {
	out := csv.NewWriter(page)
	if err := out.Write([]string{item.Type, item.ID, item.Value}); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

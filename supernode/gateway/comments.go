package gateway

import (
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"strings"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
)

// maxCommentID is longer than any id that was ever given out.
const maxCommentID = 512

// commentAttributes are VirusTotal's of a comment.
type commentAttributes struct {
	Date     int64        `json:"date"` // unix seconds
	Text     string       `json:"text"`
	HTML     string       `json:"html"` // the text, escaped
	Tags     []string     `json:"tags"`
	Votes    commentVotes `json:"votes"`
	VirusMap authorship   `json:"virusmap"`
}

type commentVotes struct {
	Positive int64 `json:"positive"`
	Negative int64 `json:"negative"`
	Abuse    int64 `json:"abuse"`
}

func (g *Gateway) commentRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/comments", g.getComments)
	mux.HandleFunc("DELETE "+base+"/comments/{id}", g.deleteComment)
	for _, k := range g.kinds {
		if k.discussed {
			mux.HandleFunc("POST "+base+"/"+k.path+"/{id}/comments", g.postComment(k))
		}
	}
}

// commentKind are comments themselves.
func (g *Gateway) commentKind() *itemKind {
	return &itemKind{
		name: "comment", path: "comments", voted: true,
		resolve: func(_ *http.Request, written string) (string, error) { return shortID(written, maxCommentID) },
		object: func(r *http.Request, id string) (object, error) {
			comment, err := g.findComment(r, id)
			if err != nil {
				return object{}, err
			}
			return g.commentObject(r, comment)
		},
		relations: []relation{
			{"author", "The account that wrote the comment.", g.commentAuthor},
			{"item", "The item that the comment is about.", g.commentItem},
		},
	}
}

func (g *Gateway) findComment(r *http.Request, id string) (index.Comment, error) {
	comment, err := g.deps.Index.Comment(r.Context(), id)
	if errors.Is(err, index.ErrNotFound) {
		return index.Comment{}, notFound("Comment %.80q not found", id)
	}
	return comment, err
}

func (g *Gateway) commentObject(r *http.Request, c index.Comment) (object, error) {
	totals, err := g.deps.Index.Totals(r.Context(), community.Item{Type: "comment", ID: c.ID})
	if err != nil {
		return object{}, err
	}
	return object{
		Type:  "comment",
		ID:    c.ID,
		Links: map[string]string{"self": g.link(r, "comments", c.ID)},
		Attributes: commentAttributes{
			Date: c.Date, Text: c.Text, HTML: html.EscapeString(c.Text), Tags: community.Tags(c.Text),
			Votes:    commentVotes{totals[community.Positive], totals[community.Negative], totals[community.Abuse]},
			VirusMap: authorshipOf(c.Author, c.Signed),
		},
	}, nil
}

// postComment stores a comment on an item that is known here.
func (g *Gateway) postComment(k *itemKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		comment, err := g.takeComment(w, r, k)
		var stored object
		if err == nil {
			stored, err = g.commentObject(r, comment)
		}
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		respond(w, r, stored, nil)
	}
}

func (g *Gateway) takeComment(w http.ResponseWriter, r *http.Request, k *itemKind) (index.Comment, error) {
	sent, err := readContribution(w, r, maxContributionBytes)
	if err != nil {
		return index.Comment{}, err
	}
	var data struct {
		Attributes struct {
			Text string `json:"text"`
		} `json:"attributes"`
	}
	if err := json.Unmarshal(sent.Data, &data); err != nil {
		return index.Comment{}, badRequest("data: want {type: comment, attributes: {text}}: %.200s", err)
	}
	item, err := g.knownItem(r, k, r.PathValue("id"))
	if err != nil {
		return index.Comment{}, err
	}
	return g.addComment(r, sent, item, data.Attributes.Text)
}

// addComment stores a text about an item in the name of who sent it.
func (g *Gateway) addComment(r *http.Request, sent contribution, item community.Item, text string) (index.Comment, error) {
	if err := community.CheckText(text, community.MaxCommentBytes); err != nil {
		return index.Comment{}, refused(err)
	}
	by, err := g.authorOf(r, sent, community.CommentStatement(g.cfg.ChainID, item, text))
	if err != nil {
		return index.Comment{}, err
	}
	comment := index.Comment{
		ID: community.CommentID(item, by.name, by.time, text), Item: item,
		Author: by.name, Date: by.time, Text: text, Signed: by.signed,
	}
	err = g.deps.Index.AddComment(r.Context(), comment)
	if errors.Is(err, index.ErrDeleted) {
		err = alreadyExists("the comment was deleted; sign a new one")
	}
	return comment, err
}

// knownItem is the item that a path names, if this gateway has a report of it.
func (g *Gateway) knownItem(r *http.Request, k *itemKind, written string) (community.Item, error) {
	id, err := k.resolve(r, written)
	if err == nil {
		_, err = k.object(r, id)
	}
	return community.Item{Type: k.name, ID: id}, err
}

// deleteComment takes a comment back; only its author can.
func (g *Gateway) deleteComment(w http.ResponseWriter, r *http.Request) {
	if err := g.dropComment(w, r); err != nil {
		g.failWith(w, r, err)
		return
	}
	respondEmpty(w)
}

func (g *Gateway) dropComment(w http.ResponseWriter, r *http.Request) error {
	sent, err := readContribution(w, r, maxContributionBytes)
	if err != nil {
		return err
	}
	id, err := shortID(r.PathValue("id"), maxCommentID)
	if err != nil {
		return err
	}
	comment, err := g.findComment(r, id)
	if err != nil {
		return err
	}
	by, err := g.authorOf(r, sent, community.DeleteCommentStatement(g.cfg.ChainID, id))
	switch {
	case err != nil:
		return err
	case by.name != comment.Author:
		return forbidden("only the author may delete a comment")
	}
	if err := g.auditBy(r, by, actionCommentDelete, id); err != nil {
		return err
	}
	err = g.deps.Index.DropComment(r.Context(), id, g.now().Unix())
	if errors.Is(err, index.ErrNotFound) {
		return notFound("Comment %.80q not found", id)
	}
	return err
}

// getComments answers the comments of everybody from new to old, or, with the filter
// tag:<word>, those with the tag.
func (g *Gateway) getComments(w http.ResponseWriter, r *http.Request) {
	g.answerList(w, r, func(p page) (related, error) { return g.listComments(r, p) })
}

func (g *Gateway) listComments(r *http.Request, p page) (related, error) {
	after, err := p.position()
	if err != nil {
		return related{}, err
	}
	filter := r.URL.Query().Get("filter")
	if filter == "" {
		comments, err := g.deps.Index.Comments(r.Context(), after, p.limit+1)
		return g.commentPage(r, p, comments, err)
	}
	word, isTag := strings.CutPrefix(filter, "tag:")
	tag := community.CanonicalTag(word)
	if !isTag || tag == "" || !isText(tag) {
		return related{}, invalidArgument("filter: %.80q is not tag:<word of at most 64 bytes>", filter)
	}
	comments, err := g.deps.Index.CommentsTagged(r.Context(), tag, after, p.limit+1)
	return g.commentPage(r, p, comments, err)
}

// commentPage makes a page of one comment more than it holds.
func (g *Gateway) commentPage(r *http.Request, p page, comments []index.Comment, err error) (related, error) {
	if err != nil {
		return related{}, err
	}
	comments, next := cut(p, comments, func(c index.Comment) string { return cursorAt(c.Date, c.ID) })
	found := related{next: next}
	for _, c := range comments {
		if p.descriptors {
			found.items = append(found.items, object{Type: "comment", ID: c.ID})
			continue
		}
		o, err := g.commentObject(r, c)
		if err != nil {
			return related{}, err
		}
		found.items = append(found.items, o)
	}
	return found, nil
}

// commentsOf are the comments on an item.
func (g *Gateway) commentsOf(itemType string) func(*http.Request, string, page) (related, error) {
	return func(r *http.Request, id string, p page) (related, error) {
		after, err := p.position()
		if err != nil {
			return related{}, err
		}
		item := community.Item{Type: itemType, ID: id}
		comments, err := g.deps.Index.CommentsOf(r.Context(), item, after, p.limit+1)
		found, err := g.commentPage(r, p, comments, err)
		if err != nil {
			return related{}, err
		}
		totals, err := g.deps.Index.Totals(r.Context(), item)
		found.count = total(totals, "comments")
		return found, err
	}
}

func (g *Gateway) commentAuthor(r *http.Request, id string, _ page) (related, error) {
	comment, err := g.findComment(r, id)
	if err != nil {
		return related{}, err
	}
	return related{one: true, items: []object{g.authorObject(r, comment.Author)}}, nil
}

func (g *Gateway) commentItem(r *http.Request, id string, p page) (related, error) {
	comment, err := g.findComment(r, id)
	if err != nil {
		return related{}, err
	}
	item, err := g.itemObject(r, comment.Item, p.detail(full))
	return related{one: true, items: []object{item}}, err
}

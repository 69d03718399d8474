package gateway

import (
	"net/http"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// v2CommentTime is how v2 writes the time of a comment.
const v2CommentTime = "20060102150405"

type v2Comments struct {
	v2Status
	Comments []v2Comment `json:"comments,omitempty"`
}

type v2Comment struct {
	Date    string `json:"date"`
	Comment string `json:"comment"`
}

// v2Item is the file or URL of the parameter resource, if it is known.
func (g *Gateway) v2Item(r *http.Request, resource string) (community.Item, error) {
	if _, err := parseHash(strings.ToLower(resource)); err == nil {
		return g.knownItem(r, g.kind("file"), resource)
	}
	u, err := weburl.Parse(resource)
	if err != nil {
		return community.Item{}, invalidArgument("resource: neither a hash nor a URL")
	}
	return g.knownItem(r, g.kind("url"), urlID(u))
}

func (g *Gateway) v2PutComment(w http.ResponseWriter, r *http.Request) {
	g.v2Comment(w, r, func(item community.Item, text string) (v2Comments, error) {
		_, err := g.addComment(r, contribution{}, item, text)
		return v2Comments{v2Status: v2Status{Code: v2Found, Message: "Your comment was successfully posted"}}, err
	})
}

// v2GetComments answers the newest comments on a file or URL.
func (g *Gateway) v2GetComments(w http.ResponseWriter, r *http.Request) {
	g.v2Comment(w, r, func(item community.Item, _ string) (v2Comments, error) {
		comments, err := g.deps.Index.CommentsOf(r.Context(), item, nil, maxPage)
		answer := v2Comments{v2Status: v2Status{Code: v2Found, Message: "Resource found"}}
		for _, comment := range comments {
			date := time.Unix(comment.Date, 0).UTC().Format(v2CommentTime)
			answer.Comments = append(answer.Comments, v2Comment{Date: date, Comment: comment.Text})
		}
		return answer, err
	})
}

func (g *Gateway) v2Comment(w http.ResponseWriter, r *http.Request, answer func(item community.Item, text string) (v2Comments, error)) {
	form, err := v2Form(w, r)
	if err != nil {
		g.v2Fail(w, r, err)
		return
	}
	resource := strings.TrimSpace(form.Get("resource"))
	item, err := g.v2Item(r, resource)
	var answered v2Comments
	if err == nil {
		answered, err = answer(item, form.Get("comment"))
	}
	switch {
	case isUnknown(err):
		answered = v2Comments{v2Status: v2Status{Code: v2Unknown, Message: v2NotFound}}
	case isInvalid(err):
		answered = v2Comments{v2Status: v2Status{Code: v2Invalid, Message: err.Error()}}
	case err != nil:
		g.v2Fail(w, r, err)
		return
	}
	answered.Resource = resource
	writeJSON(w, r, http.StatusOK, answered)
}

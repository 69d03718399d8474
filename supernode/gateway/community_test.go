package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/community"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func (n *node) sendJSON(t testing.TB, method, path, body string) answer {
	t.Helper()
	return n.sendAs(t, testKey, method, path, body)
}

func (n *node) sendAs(t testing.TB, key, method, path, body string) answer {
	t.Helper()
	request, err := http.NewRequest(method, n.url+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("X-Apikey", key)
	request.Header.Set("Content-Type", "application/json")
	return n.do(t, request)
}

func (a answer) list(t testing.TB) []resource {
	t.Helper()
	require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
	var list []resource
	require.NoError(t, json.Unmarshal(a.Data, &list))
	return list
}

func commentBody(text string) string {
	encoded, _ := json.Marshal(text)
	return fmt.Sprintf(`{"data":{"type":"comment","attributes":{"text":%s}}}`, encoded)
}

// sign makes the body of a request that a wallet signs.
func (n *node) sign(t testing.TB, w wallet, s community.Statement, data string) string {
	t.Helper()
	s.Account = w.account
	if s.Time.IsZero() {
		s.Time = n.now()
	}
	signature, err := w.key.Sign(markettypes.SignTextDoc(w.account, s.String()))
	require.NoError(t, err)
	signed, err := json.Marshal(community.Signed{Statement: s.String(), PubKey: w.key.PubKey().Bytes(), Signature: signature})
	require.NoError(t, err)
	if data == "" {
		return fmt.Sprintf(`{"signed":%s}`, signed)
	}
	return fmt.Sprintf(`{"data":%s,"signed":%s}`, data, signed)
}

const chainID = "virusmap-test-1"

// TestComments is rows V-08 and V-65 for an API key.
func TestComments(t *testing.T) {
	n := startNode(t, nil)
	item := "/api/v3/files/" + hexOf("content")
	require.Equal(t, 404, n.post(t, item+"/comments", commentBody("of nothing")).Status)
	n.upload(t, file("content"))

	made := n.post(t, item+"/comments", commentBody("A <b>loader</b> #Loader, see #may-2030.")).resource(t)
	require.Equal(t, "comment", made.Type)
	require.True(t, strings.HasPrefix(made.ID, "f-"+hexOf("content")+"-"), made.ID)
	require.Equal(t, "A <b>loader</b> #Loader, see #may-2030.", made.Attributes["text"])
	require.Equal(t, "A &lt;b&gt;loader&lt;/b&gt; #Loader, see #may-2030.", made.Attributes["html"])
	require.Equal(t, []any{"loader", "may-2030"}, made.Attributes["tags"])
	require.Equal(t, map[string]any{"positive": 0.0, "negative": 0.0, "abuse": 0.0}, made.Attributes["votes"])
	require.Equal(t, map[string]any{"signed": "api_key"}, made.Attributes["virusmap"])
	require.IsType(t, 0.0, made.Attributes["date"])

	require.Equal(t, made, n.get(t, "/api/v3/comments/"+made.ID).resource(t))
	require.Equal(t, []resource{made}, n.get(t, item+"/comments").list(t))
	require.EqualValues(t, 1, n.get(t, item+"/comments").Meta["count"])
	require.Equal(t, []resource{made}, n.get(t, "/api/v3/comments").list(t))
	require.Equal(t, []resource{made}, n.get(t, "/api/v3/comments?filter=tag:LOADER").list(t))
	require.Empty(t, n.get(t, "/api/v3/comments?filter=tag:other").list(t))
	require.Equal(t, 400, n.get(t, "/api/v3/comments?filter=author:x").Status)
	require.Equal(t, []resource{made}, n.get(t, "/api/v3/search?query=%23loader").list(t))
	require.Equal(t, hexOf("content"), n.get(t, "/api/v3/comments/"+made.ID+"/item").resource(t).ID)
	author := n.get(t, "/api/v3/comments/"+made.ID+"/author").resource(t)
	require.Equal(t, "user", author.Type)
	require.True(t, strings.HasPrefix(author.ID, "key-"))
	require.NotContains(t, author.ID, testKey)
	require.Equal(t, []resource{made}, n.get(t, "/api/v3/users/"+author.ID+"/comments").list(t))

	require.Equal(t, 403, n.sendAs(t, otherKey, "DELETE", "/api/v3/comments/"+made.ID, "").Status)
	gone := n.sendJSON(t, "DELETE", "/api/v3/comments/"+made.ID, "")
	require.Equal(t, 200, gone.Status)
	require.Equal(t, "0", gone.Header.Get("Content-Length"))
	require.Equal(t, 404, n.get(t, "/api/v3/comments/"+made.ID).Status)
	require.Equal(t, 404, n.sendJSON(t, "DELETE", "/api/v3/comments/"+made.ID, "").Status)
	require.Empty(t, n.get(t, item+"/comments").list(t))
}

func TestCommentsArePaged(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	path := "/api/v3/files/" + hexOf("content") + "/comments"
	want := make(map[string]bool)
	for i := range 5 {
		want[n.post(t, path, commentBody(fmt.Sprint("comment ", i))).resource(t).ID] = true
	}
	for _, option := range []string{"", "&descriptors_only=true"} {
		got := make(map[string]bool)
		next := n.url + path + "?limit=2" + option
		for pages := 0; next != ""; pages++ {
			require.Less(t, pages, 3)
			a := n.get(t, strings.TrimPrefix(next, n.url))
			for _, item := range a.list(t) {
				got[item.ID] = true
				require.Equal(t, option == "", item.Attributes != nil)
			}
			require.EqualValues(t, 5, a.Meta["count"])
			next = a.links(t)["next"]
			require.Equal(t, next != "", a.Meta["cursor"] != nil)
		}
		require.Equal(t, want, got)
	}
	descriptors := n.get(t, "/api/v3/files/"+hexOf("content")+"/relationships/comments?limit=1").list(t)
	require.Equal(t, []resource{{Type: "comment", ID: descriptors[0].ID}}, descriptors)
}

func (a answer) links(t *testing.T) map[string]string {
	t.Helper()
	var body struct {
		Links map[string]string `json:"links"`
	}
	require.NoError(t, json.Unmarshal(a.Raw, &body))
	return body.Links
}

func TestWalletSignsAComment(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	w, text := newWallet("alpha"), "signed ünicode #x"
	item := community.Item{Type: "file", ID: hexOf("content")}
	path := "/api/v3/files/" + hexOf("content") + "/comments"
	data := `{"type":"comment","attributes":{"text":"signed ünicode #x"}}`
	body := n.sign(t, w, community.CommentStatement(chainID, item, text), data)
	made := n.post(t, path, body).resource(t)
	proof := made.Attributes["virusmap"].(map[string]any)
	require.Equal(t, w.account, proof["author_address"])
	require.Equal(t, "wallet", proof["signed"])
	require.True(t, strings.HasPrefix(proof["statement"].(string), "VirusMap comment\nchain: virusmap-test-1\naccount: "+w.account+
		"\nitem: file/"+hexOf("content")+"\ntime: "), proof["statement"])
	require.Equal(t, made.ID, n.post(t, path, body).resource(t).ID, "sent again it is the same comment")
	require.Len(t, n.get(t, path).list(t), 1)
	require.Equal(t, w.account, n.get(t, "/api/v3/comments/"+made.ID+"/author").resource(t).ID)

	other := n.sign(t, newWallet("beta"), community.DeleteCommentStatement(chainID, made.ID), "")
	require.Equal(t, 403, n.sendJSON(t, "DELETE", "/api/v3/comments/"+made.ID, other).Status)
	require.Equal(t, 403, n.sendJSON(t, "DELETE", "/api/v3/comments/"+made.ID, "").Status, "the key is not the wallet's")
	own := n.sign(t, w, community.DeleteCommentStatement(chainID, made.ID), "")
	require.Equal(t, 200, n.sendJSON(t, "DELETE", "/api/v3/comments/"+made.ID, own).Status)
	require.Equal(t, 409, n.post(t, path, body).Status, "it does not come back")
}

func TestHostileContributions(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	w := newWallet("alpha")
	item := community.Item{Type: "file", ID: hexOf("content")}
	data := `{"type":"comment","attributes":{"text":"text"}}`
	good := community.CommentStatement(chainID, item, "text")
	change := func(change func(*community.Statement)) string {
		changed := good
		change(&changed)
		return n.sign(t, w, changed, data)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"other text":    {n.sign(t, w, community.CommentStatement(chainID, item, "other"), data), 400, "line 6"},
		"other chain":   {change(func(s *community.Statement) { s.ChainID = "other-1" }), 400, "line 2"},
		"other item":    {change(func(s *community.Statement) { s.Item.ID = hexOf("x") }), 400, "line 4"},
		"other title":   {change(func(s *community.Statement) { s.Title = "VirusMap vote" }), 400, "line 1"},
		"more lines":    {change(func(s *community.Statement) { s.Details = append(s.Details, community.Detail{Name: "a", Value: "b"}) }), 400, "lines"},
		"old":           {change(func(s *community.Statement) { s.Time = n.now().Add(-2 * community.MaxStatementAge) }), 400, "time"},
		"to come":       {change(func(s *community.Statement) { s.Time = n.now().Add(2 * community.MaxStatementAge) }), 400, "time"},
		"no signature":  {`{"data":` + data + `,"signed":{}}`, 400, "signed"},
		"not JSON":      {"text=x", 400, "JSON"},
		"deep":          {strings.Repeat("[", 20_000), 400, "JSON"},
		"no data":       {`{}`, 400, "data"},
		"wrong data":    {`{"data":7}`, 400, "data"},
		"empty":         {commentBody("  \n"), 400, "empty"},
		"long":          {commentBody(strings.Repeat("x", community.MaxCommentBytes+1)), 400, "4096"},
		"control":       {commentBody("a\u0007b"), 400, "U+0007"},
		"turned":        {commentBody("a\u202eb"), 400, "U+202E"},
		"NUL":           {commentBody("a\u0000b"), 400, "U+0000"},
		"too large":     {commentBody(strings.Repeat("x", maxContributionBytes)), 413, "larger"},
		"numbered text": {`{"data":{"attributes":{"text":5}}}`, 400, "data"},
	} {
		t.Run(name, func(t *testing.T) {
			a := n.post(t, "/api/v3/files/"+hexOf("content")+"/comments", c.body)
			require.Equal(t, c.status, a.Status, string(a.Raw))
			require.Contains(t, a.Err.Message, c.says)
		})
	}
	require.Empty(t, n.get(t, "/api/v3/files/"+hexOf("content")+"/comments").list(t))
	require.Equal(t, 404, n.get(t, "/api/v3/comments/a%00b").Status)
	require.Equal(t, 400, n.get(t, "/api/v3/comments?cursor=1.%00").Status)
	require.Equal(t, 400, n.get(t, "/api/v3/comments?cursor=x").Status)
}

func TestAuthorsAreBounded(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	var last answer
	for i := range 2 * contributionsBurst {
		last = n.post(t, "/api/v3/files/"+hexOf("content")+"/comments", commentBody(fmt.Sprint(i)))
		if last.Status != 200 {
			break
		}
	}
	require.Equal(t, 429, last.Status)
	require.Equal(t, "TooManyRequestsError", last.Err.Code)
	require.NotEmpty(t, last.Header.Get("Retry-After"))
}

package gateway

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/community"
)

// TestPeopleSayThingsAboutAllKinds is row V-08 for URLs, domains and addresses.
func TestPeopleSayThingsAboutAllKinds(t *testing.T) {
	n := startNode(t, nil)
	n.submitURL(t, "http://www.example.com/a").resource(t)
	n.submitURL(t, "http://192.0.2.1/").resource(t)
	for _, item := range []string{
		"/api/v3/urls/" + hexOf("http://www.example.com/a"), "/api/v3/domains/www.example.com", "/api/v3/ip_addresses/192.0.2.1",
	} {
		comment := n.post(t, item+"/comments", commentBody("about "+item)).resource(t)
		n.post(t, item+"/votes", `{"data":{"type":"vote","attributes":{"verdict":"malicious"}}}`).resource(t)
		require.Equal(t, []resource{comment}, n.get(t, item+"/comments").list(t))
		found := n.get(t, item).resource(t)
		require.Equal(t, -1.0, found.Attributes["reputation"], item)
		require.Equal(t, found.ID, n.get(t, "/api/v3/comments/"+comment.ID+"/item").resource(t).ID)
	}
	require.Equal(t, 404, n.post(t, "/api/v3/domains/unknown.example/comments", commentBody("text")).Status)
}

// TestPagesNeedAWallet is the way of people without a key.
func TestPagesNeedAWallet(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	path := "/ui/files/" + hexOf("content") + "/comments"
	refused := n.post(t, path, commentBody("text"))
	require.Equal(t, 400, refused.Status, "a key says nothing here")
	require.Contains(t, refused.Err.Message, "signed")
	w := newWallet("alpha")
	item := community.Item{Type: "file", ID: hexOf("content")}
	made := n.post(t, path, n.sign(t, w, community.CommentStatement(chainID, item, "text"), `{"attributes":{"text":"text"}}`)).resource(t)
	require.Equal(t, n.url+"/ui/comments/"+made.ID, made.Links["self"])
	require.Len(t, n.get(t, path).list(t), 1)
	require.Equal(t, 401, n.get(t, "/ui/users/me").Status)
}

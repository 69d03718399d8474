package gateway

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/community"
)

// TestVotes is row V-08, with the attributes that follow from votes.
func TestVotes(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	path := "/api/v3/files/" + hexOf("content")
	vote := func(key, verdict string) answer {
		return n.sendAs(t, key, "POST", path+"/votes", `{"data":{"type":"vote","attributes":{"verdict":"`+verdict+`"}}}`)
	}
	first := vote(testKey, "malicious").resource(t)
	require.Equal(t, "vote", first.Type)
	require.Equal(t, "malicious", first.Attributes["verdict"])
	require.Equal(t, -1.0, first.Attributes["value"])
	vote(otherKey, "malicious").resource(t)
	require.Equal(t, first.ID, vote(testKey, "harmless").resource(t).ID, "an account has one vote, which it may change")
	a := n.get(t, path).resource(t).Attributes
	require.Equal(t, map[string]any{"harmless": 1.0, "malicious": 1.0}, a["total_votes"])
	require.Equal(t, 0.0, a["reputation"])

	w := newWallet("alpha")
	item := community.Item{Type: "file", ID: hexOf("content")}
	body := n.sign(t, w, community.VoteStatement(chainID, item, "harmless"), `{"type":"vote","attributes":{"verdict":"harmless"}}`)
	signed := n.post(t, path+"/votes", body).resource(t)
	require.Equal(t, w.account, signed.Attributes["virusmap"].(map[string]any)["author_address"])
	require.Equal(t, 1.0, n.get(t, path).resource(t).Attributes["reputation"])
	require.Len(t, n.get(t, path+"/votes").list(t), 3)
	require.EqualValues(t, 3, n.get(t, path+"/votes?limit=1").Meta["count"])

	refused := vote(testKey, "positive")
	require.Equal(t, 400, refused.Status)
	require.Contains(t, refused.Err.Message, "harmless, malicious")
}

func TestVotesOnComments(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	id := n.post(t, "/api/v3/files/"+hexOf("content")+"/comments", commentBody("text")).resource(t).ID
	a := n.post(t, "/api/v3/comments/"+id+"/vote", `{"data":"positive"}`)
	require.Equal(t, 200, a.Status)
	require.JSONEq(t, `{"positive":1,"negative":0,"abuse":0}`, string(a.Data))
	a = n.post(t, "/api/v3/comments/"+id+"/votes", `{"data":{"type":"vote","attributes":{"verdict":"abuse"}}}`)
	require.Equal(t, "abuse", a.resource(t).Attributes["verdict"])
	require.Equal(t, map[string]any{"positive": 0.0, "negative": 0.0, "abuse": 1.0},
		n.get(t, "/api/v3/comments/"+id).resource(t).Attributes["votes"])
	require.Equal(t, 400, n.post(t, "/api/v3/comments/"+id+"/vote", `{"data":"malicious"}`).Status)
}

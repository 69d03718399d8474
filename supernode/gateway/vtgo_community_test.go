package gateway

import (
	"testing"

	vt "github.com/VirusTotal/vt-go"
	"github.com/stretchr/testify/require"
)

// TestVirusTotalsGoClientInTheCommunity runs what VirusTotal's own client does besides
// scanning, unmodified.
func TestVirusTotalsGoClientInTheCommunity(t *testing.T) {
	n := startBundleNode(t)
	n.upload(t, file("content"))
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	vt.SetHost(n.url)
	client := vt.NewClient(testKey)

	metadata, err := client.GetMetadata()
	require.NoError(t, err)
	require.NotEmpty(t, metadata.Relationships["file"])

	for _, text := range []string{"first #tag", "second", "third"} {
		comment := vt.NewObject("comment")
		comment.SetString("text", text)
		require.NoError(t, client.PostObject(vt.URL("files/%s/comments", hexOf("content")), comment))
		require.NotEmpty(t, comment.ID())
	}
	vote := vt.NewObject("vote")
	vote.SetString("verdict", "malicious")
	require.NoError(t, client.PostObject(vt.URL("files/%s/votes", hexOf("content")), vote))

	comments, err := client.Iterator(vt.URL("files/%s/comments", hexOf("content")), vt.IteratorBatchSize(2))
	require.NoError(t, err)
	defer comments.Close()
	seen := 0
	for comments.Next() {
		seen++
		require.Equal(t, "comment", comments.Get().Type())
	}
	require.NoError(t, comments.Error())
	require.Equal(t, 3, seen)

	object, err := client.GetObject(vt.URL("files/%s?relationships=comments,votes", hexOf("content")))
	require.NoError(t, err)
	votes, err := object.GetInt64("total_votes.malicious")
	require.NoError(t, err)
	require.EqualValues(t, 1, votes)
	require.ElementsMatch(t, []string{"comments", "votes"}, object.Relationships())
	related, err := object.GetRelationship("comments")
	require.NoError(t, err)
	require.Len(t, related.Objects(), 3)

	found, err := client.Search(hexOf("content"))
	require.NoError(t, err)
	defer found.Close()
	require.True(t, found.Next(), found.Error())
	require.Equal(t, hexOf("content"), found.Get().ID())

	collection := vt.NewObject("collection")
	collection.SetString("name", "of the client")
	collection.SetData("raw_items", "www.example.com 192.0.2.1")
	require.NoError(t, client.PostObject(vt.URL("collections"), collection))
	domains, err := collection.GetInt64("domains_count")
	require.NoError(t, err)
	require.EqualValues(t, 1, domains)
	changed := vt.NewObjectWithID("collection", collection.ID())
	changed.SetString("name", "renamed")
	require.NoError(t, client.PatchObject(vt.URL("collections/%s", collection.ID()), changed))
	_, err = client.Delete(vt.URL("collections/%s", collection.ID()))
	require.NoError(t, err)

	bundle := map[string]any{"password": "infected", "hashes": []string{hexOf("content")}}
	response, err := client.PostData(vt.URL("intelligence/zip_files"), bundle)
	require.NoError(t, err)
	made := n.awaitBundle(t, response.Data)
	require.Equal(t, 1.0, made.Attributes["files_ok"])
	var address string
	_, err = client.GetData(vt.URL("intelligence/zip_files/%s/download_url", made.ID), &address)
	require.NoError(t, err)
	require.Equal(t, n.url+bundlesPath+"/"+made.ID+"/download", address)
}

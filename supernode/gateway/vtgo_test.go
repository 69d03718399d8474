package gateway

import (
	"strings"
	"testing"

	vt "github.com/VirusTotal/vt-go"
	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestVirusTotalsGoClient runs VirusTotal's own client, unmodified, against the gateway.
func TestVirusTotalsGoClient(t *testing.T) {
	t.Parallel()
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.MaxFileBytes = 64 << 20 })
	n.submitting(t)
	vt.SetHost(n.url)
	client := vt.NewClient(testKey)
	scanner := client.NewFileScanner()

	scan := func(content string) *vt.Object {
		progress := make(chan float32, 1<<16)
		analysis, err := scanner.Scan(strings.NewReader(content), "/some/dir/name.bin", progress)
		require.NoError(t, err)
		require.Equal(t, "analysis", analysis.Type())
		return analysis
	}
	analysis := scan("content")
	scan(strings.Repeat("x", 31<<20)) // above 30 MiB the client asks for an upload URL

	polled, err := client.GetObject(vt.URL("analyses/%s", analysis.ID()))
	require.NoError(t, err)
	status, err := polled.GetString("status")
	require.NoError(t, err)
	require.Equal(t, "queued", status)

	eventually(t, func() bool { return len(n.chain.accepted()) == 2 }, "on chain")
	n.chain.finish("content", 1, verdictstypes.OUTCOME_MALICIOUS,
		verdictstypes.EngineVerdict{Engine: "clamav", Operator: operator(1), Category: verdictstypes.CATEGORY_MALICIOUS, Label: "Label"})

	polled, err = client.GetObject(vt.URL("analyses/%s", analysis.ID()))
	require.NoError(t, err)
	status, err = polled.GetString("status")
	require.NoError(t, err)
	require.Equal(t, "completed", status)

	object, err := client.GetObject(vt.URL("files/%s", hexOf("content")))
	require.NoError(t, err)
	require.Equal(t, "file", object.Type())
	require.Equal(t, hexOf("content"), object.ID())
	malicious, err := object.GetInt64("last_analysis_stats.malicious")
	require.NoError(t, err)
	require.EqualValues(t, 1, malicious)
	label, err := object.GetString("last_analysis_results.clamav.result")
	require.NoError(t, err)
	require.Equal(t, "Label", label)
	date, err := object.GetTime("last_analysis_date")
	require.NoError(t, err)
	require.EqualValues(t, 1_900_000_100, date.Unix())
	name, err := object.GetString("meaningful_name")
	require.NoError(t, err)
	require.Equal(t, "name.bin", name)

	_, err = client.GetObject(vt.URL("files/%s", strings.Repeat("0", 64)))
	var apiErr vt.Error
	require.ErrorAs(t, err, &apiErr)
	require.Equal(t, "NotFoundError", apiErr.Code)

	_, err = vt.NewClient("wrong").GetObject(vt.URL("files/%s", hexOf("content")))
	require.ErrorAs(t, err, &apiErr)
	require.Equal(t, "WrongCredentialsError", apiErr.Code)
}

// TestVirusTotalsFeedClient runs the feed of VirusTotal's own client, unmodified.
func TestVirusTotalsFeedClient(t *testing.T) {
	f := startFeedNode(t, nil)
	vt.SetHost(f.url)
	feed, err := vt.NewClient(testKey).NewFeed(vt.FileFeed, vt.FeedCursor("202603011000"))
	require.NoError(t, err)
	var seen []string
	for object := range feed.C {
		require.Equal(t, "file", object.Type())
		outcome, err := object.GetString("virusmap.outcome")
		require.NoError(t, err)
		seen = append(seen, object.ID()+" "+outcome)
	}
	require.Error(t, feed.Error(), "two minutes in a row without a package end it")
	require.Equal(t, []string{
		hexOf("a") + " malicious", hexOf("b") + " malicious", hexOf("c") + " malicious", hexOf("a") + " clean",
	}, seen, "the minute without a package is passed over")

	resumed, err := vt.NewClient(testKey).NewFeed(vt.FileFeed, vt.FeedCursor("202603011000-2"))
	require.NoError(t, err)
	require.Equal(t, hexOf("c"), (<-resumed.C).ID(), "it goes on in the middle of a package")
	require.NoError(t, resumed.Stop())
}

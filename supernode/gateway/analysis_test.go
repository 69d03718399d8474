package gateway

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestAnalysisLifecycle is row V-30: the states that clients poll through.
func TestAnalysisLifecycle(t *testing.T) {
	n := startNode(t, nil)
	upload := n.upload(t, file("content"))
	id := upload.resource(t).ID
	require.Equal(t, "==", id[len(id)-2:], "the padding is part of the id")

	expect := func(status, submission string) resource {
		t.Helper()
		a := n.get(t, "/api/v3/analyses/"+id)
		object := a.resource(t)
		require.Equal(t, "analysis", object.Type)
		require.Equal(t, id, object.ID)
		require.Equal(t, status, object.Attributes["status"])
		require.IsType(t, 0.0, object.Attributes["date"])
		require.Len(t, object.Attributes["stats"], 8)
		require.IsType(t, map[string]any{}, object.Attributes["results"])
		require.Equal(t, upload.Meta["file_info"], a.Meta["file_info"])
		require.Equal(t, submission, a.Meta["virusmap"].(map[string]any)["submission"])
		require.Equal(t, n.url+"/api/v3/files/"+hexOf("content"), object.Links["item"])
		return object
	}
	stage := func(status samplestypes.Status, round uint64, phase verdictstypes.RoundStatus) {
		n.chain.set(func() {
			sample := n.chain.samples[hexOf("content")]
			sample.Status, sample.Round = status, round
			n.chain.samples[hexOf("content")] = sample
			if round > 0 {
				n.chain.reports[hexOf("content")] = verdictstypes.Report{Round: verdictstypes.Round{Number: round, Status: phase, Seats: 3}}
			}
		})
	}
	expect("queued", "queued")
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	expect("queued", "on-chain")
	stage(samplestypes.STATUS_SCANNING, 4, verdictstypes.ROUND_STATUS_COMMIT)
	object := expect("in-progress", "on-chain")
	require.Equal(t, "commit", object.Attributes["virusmap"].(map[string]any)["round_status"])
	stage(samplestypes.STATUS_FINAL, 4, verdictstypes.ROUND_STATUS_TALLY)
	expect("in-progress", "on-chain")
	n.chain.finish("content", 4, verdictstypes.OUTCOME_MALICIOUS,
		verdictstypes.EngineVerdict{Engine: "clamav", Operator: operator(1), Category: verdictstypes.CATEGORY_MALICIOUS, Label: "L"})
	object = expect("completed", "on-chain")
	require.Equal(t, 1.0, object.Attributes["stats"].(map[string]any)["malicious"])
	require.Equal(t, "L", object.Attributes["results"].(map[string]any)["clamav"].(map[string]any)["result"])
	require.Equal(t, 1_900_000_100.0, object.Attributes["date"])

	escaped := n.get(t, "/api/v3/analyses/"+url.PathEscape(id)).resource(t)
	require.Equal(t, id, escaped.ID)
}

// TestAnalysisIDTellsTheHash is rule R-13: integrations read the hash out of the id.
func TestAnalysisIDTellsTheHash(t *testing.T) {
	n := startNode(t, nil)
	a := n.upload(t, file("content"))
	id := a.resource(t).ID
	require.Regexp(t, `^[\d\w=]{20,}$`, id)
	decoded, err := base64.StdEncoding.DecodeString(id)
	require.NoError(t, err)
	var unix int64
	_, err = fmt.Sscanf(string(decoded[33:]), "%d", &unix)
	require.NoError(t, err)
	require.Equal(t, a.Meta["file_info"].(map[string]any)["md5"], string(decoded[:32]))
}

func TestPollingNeverFails(t *testing.T) {
	n := startNode(t, nil)
	id := n.upload(t, file("content")).resource(t).ID
	n.chain.set(func() { n.chain.away = true })
	require.Equal(t, "queued", n.get(t, "/api/v3/analyses/"+id).resource(t).Attributes["status"])
}

func TestBlockedSampleEndsTheWait(t *testing.T) {
	n := startNode(t, nil)
	id := n.upload(t, file("content")).resource(t).ID
	n.chain.set(func() {
		n.chain.samples[hexOf("content")] = samplestypes.Sample{Status: samplestypes.STATUS_BLOCKED}
	})
	require.Equal(t, "completed", n.get(t, "/api/v3/analyses/"+id).resource(t).Attributes["status"])
}

// A file is handed in anew after somebody else's submission of its hash was found
// invalid: the old outcome does not end the new analysis.
func TestAnalysisAfterAnInvalidSubmission(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 4, verdictstypes.OUTCOME_INVALID) // long ago
	n.chain.set(func() {
		sample := n.chain.samples[hexOf("content")]
		sample.Status = samplestypes.STATUS_INVALID
		n.chain.samples[hexOf("content")] = sample
		report := n.chain.reports[hexOf("content")]
		report.Round.FinalTime = 1_700_000_000
		n.chain.reports[hexOf("content")] = report
	})
	id := n.upload(t, file("content")).resource(t).ID
	object := n.get(t, "/api/v3/analyses/"+id).resource(t)
	require.NotEqual(t, "completed", object.Attributes["status"])

	n.chain.finish("content", 5, verdictstypes.OUTCOME_CLEAN)
	eventually(t, func() bool {
		return n.get(t, "/api/v3/analyses/"+id).resource(t).Attributes["status"] == "completed"
	}, "the new round ends it")
}

package gateway

import (
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// rescan is the chain's rule: only a finished sample is scanned again.
func (c *scriptedChain) rescan(msg *samplestypes.MsgRequestRescan) error {
	key := hex.EncodeToString(msg.Sha256)
	sample := c.samples[key]
	if sample.Status != samplestypes.STATUS_FINAL {
		return &chain.Error{Codespace: samplestypes.ModuleName, Code: 5, Log: "status"}
	}
	sample.Status = samplestypes.STATUS_QUEUED
	c.samples[key] = sample
	return nil
}

func (n *node) post(t *testing.T, path, body string) answer {
	t.Helper()
	return n.sendJSON(t, http.MethodPost, path, body)
}

// TestRescan is row V-04.
func TestRescan(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.RescansPerDay = 1 })
	path := "/api/v3/files/" + hexOf("content") + "/analyse"
	require.Equal(t, 404, n.post(t, path, "").Status, "nobody brought it here")
	first := n.upload(t, file("content")).resource(t)
	require.Equal(t, first.ID, n.post(t, path, "").resource(t).ID, "it waits for its first round")

	n.chain.finish("content", 1, verdictstypes.OUTCOME_CLEAN)
	n.chain.set(func() {
		report := n.chain.reports[hexOf("content")]
		report.Round.FinalTime = 1_000_000_000
		n.chain.reports[hexOf("content")] = report
	})
	again := n.post(t, path, "").resource(t)
	require.Equal(t, "analysis", again.Type)
	require.Equal(t, samplestypes.STATUS_QUEUED, n.chain.samples[hexOf("content")].Status)
	require.Equal(t, "queued", n.analysisStatus(t, again.ID), "the earlier report is not its answer")
	require.Equal(t, again.ID, n.post(t, path, "").resource(t).ID, "it is on its way")

	n.chain.finish("content", 2, verdictstypes.OUTCOME_MALICIOUS)
	require.Equal(t, "completed", n.analysisStatus(t, again.ID))
	broadcasts := n.chain.broadcasts
	require.Equal(t, again.ID, n.post(t, path, "").resource(t).ID, "the allowance of the day is used up")
	require.Equal(t, broadcasts, n.chain.broadcasts)
}

func (n *node) analysisStatus(t *testing.T, id string) any {
	t.Helper()
	return n.get(t, "/api/v3/analyses/"+id).resource(t).Attributes["status"]
}

func TestRescansAreOffByDefault(t *testing.T) {
	n := startNode(t, nil)
	first := n.upload(t, file("content")).resource(t)
	n.chain.finish("content", 1, verdictstypes.OUTCOME_CLEAN)
	require.Equal(t, first.ID, n.post(t, "/api/v3/files/"+hexOf("content")+"/analyse", "").resource(t).ID)
	require.Zero(t, n.chain.broadcasts)
}

// TestContentIsNotGivenAway is where nothing can be opened; see TestDownload.
func TestContentIsNotGivenAway(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	for _, name := range []string{"download", "download_url"} {
		a := n.get(t, "/api/v3/files/"+hexOf("content")+"/"+name)
		require.Equal(t, 403, a.Status)
		require.Equal(t, "ForbiddenError", a.Err.Code)
		require.Contains(t, a.Err.Message, "virusmap buy "+hexOf("content"))
		require.Equal(t, 404, n.get(t, "/api/v3/files/"+hexOf("none")+"/"+name).Status)
	}
	require.Equal(t, 404, n.get(t, "/api/v3/operations/none").Status)
}

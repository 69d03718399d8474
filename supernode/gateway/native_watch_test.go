package gateway

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestWatch follows an upload over both transports from the queue to the verdicts.
func TestWatch(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	uploaded := n.page(t, "content").resource(t)
	overGRPC, err := nodev1.NewNodeClient(n.overGRPC(t)).WatchAnalysis(withKey(t, testKey), &nodev1.WatchAnalysisRequest{Id: uploaded.ID})
	require.NoError(t, err)
	answer, err := http.Get(n.url + "/virusmap/node/v1/analyses/" + uploaded.ID + "/watch")
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	lines := bufio.NewScanner(answer.Body)
	next := func() (status string, line map[string]any) {
		overStream, err := overGRPC.Recv()
		require.NoError(t, err)
		require.True(t, lines.Scan(), "the stream goes on: %v", lines.Err())
		var object struct {
			Result map[string]any `json:"result"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &object))
		require.Equal(t, overStream.Status, object.Result["status"])
		return overStream.Status, object.Result
	}
	status, _ := next()
	require.Equal(t, "queued", status)
	n.chain.finish("content", 1, verdictstypes.OUTCOME_MALICIOUS,
		verdictstypes.EngineVerdict{Engine: "yara", Operator: operator(1), Category: verdictstypes.CATEGORY_MALICIOUS})
	status, line := next()
	require.Equal(t, "completed", status)
	require.Equal(t, "malicious", line["outcome"])
	require.Equal(t, "on-chain", line["submission"])
	require.Len(t, line["verdicts"], 1)
	require.False(t, lines.Scan(), "it ends when there is nothing to wait for")
	require.NoError(t, lines.Err())
	_, err = overGRPC.Recv()
	require.ErrorIs(t, err, io.EOF)
}

// TestWatchersAreBounded takes all places, those of one client and those of all.
func TestWatchersAreBounded(t *testing.T) {
	n := startNode(t, nil)
	uploaded := n.page(t, "content").resource(t)
	path := "/virusmap/node/v1/analyses/" + uploaded.ID + "/watch"
	self := string(n.sourceOfSite(siteOf(netip.MustParseAddr("127.0.0.1"))))
	taken := func(client string, places int) (leave func()) {
		var all []func()
		for range places {
			one, err := n.watchers.enter(client)
			require.NoError(t, err)
			all = append(all, one)
		}
		return func() {
			for _, one := range all {
				one()
			}
		}
	}
	leave := taken(self, maxWatchersEach)
	a := n.anonymously(t, http.MethodGet, path, "")
	require.Equal(t, http.StatusTooManyRequests, a.Status)
	require.Equal(t, "TooManyRequestsError", a.Err.Code)
	leave()

	leave = func() {}
	for i := range maxWatchers / maxWatchersEach {
		before, own := leave, taken(fmt.Sprint(i), maxWatchersEach)
		leave = func() { before(); own() }
	}
	a = n.anonymously(t, http.MethodGet, path, "")
	require.Equal(t, http.StatusServiceUnavailable, a.Status)
	require.Equal(t, "TransientError", a.Err.Code)
	leave()

	n.chain.finish("content", 1, verdictstypes.OUTCOME_CLEAN)
	require.Equal(t, http.StatusOK, n.anonymously(t, http.MethodGet, path, "").Status)
	require.Zero(t, n.watchers.all, "who leaves gives the place back")
	require.Empty(t, n.watchers.bySelf)
}

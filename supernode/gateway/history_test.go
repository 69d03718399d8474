package gateway

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func (c *scriptedChain) History(_ context.Context, in *verdictstypes.QueryHistoryRequest, opts ...grpc.CallOption) (*verdictstypes.QueryHistoryResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	response := &verdictstypes.QueryHistoryResponse{}
	for key, report := range c.rounds {
		if key.sha256 == in.Sha256 {
			response.Entries = append(response.Entries, verdictstypes.HistoryEntry{Round: key.round, Outcome: report.Outcome})
		}
	}
	if report, found := c.reports[in.Sha256]; found {
		response.Entries = append(response.Entries, verdictstypes.HistoryEntry{Round: report.Round.Number, Outcome: report.Outcome})
	}
	slices.SortFunc(response.Entries, func(a, b verdictstypes.HistoryEntry) int { return cmp.Compare(a.Round, b.Round) })
	if page := in.Pagination; page.GetReverse() && len(response.Entries) > 0 {
		slices.Reverse(response.Entries)
		response.Entries = response.Entries[:page.Limit]
	}
	return response, c.answer(opts)
}

// TestHistoryIsPagedFromTheNewestOn reads it from the chain; TestIndexAndChainGiveTheSameAnswers
// compares that with the index.
func TestHistoryIsPagedFromTheNewestOn(t *testing.T) {
	n := startNode(t, nil)
	for _, judged := range []struct {
		round   uint64
		outcome verdictstypes.Outcome
	}{{3, verdictstypes.OUTCOME_CLEAN}, {5, verdictstypes.OUTCOME_SUSPICIOUS}, {9, verdictstypes.OUTCOME_MALICIOUS}} {
		n.chain.finish("content", judged.round, judged.outcome, verdictstypes.EngineVerdict{
			Operator: operator(1), Engine: "E", Category: verdictstypes.CATEGORY_MALICIOUS,
		})
	}
	path := "/api/v3/files/" + hexOf("content") + "/history?limit=2"
	var rounds, outcomes []string
	for next := path; next != ""; {
		a := n.get(t, next)
		require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
		for _, item := range a.list(t) {
			require.Equal(t, "round", item.Type)
			rounds = append(rounds, item.ID)
			outcomes = append(outcomes, item.Attributes["outcome"].(string))
			require.Equal(t, 1.0, item.Attributes["stats"].(map[string]any)["malicious"])
		}
		cursor, _ := a.Meta["cursor"].(string)
		if next = ""; cursor != "" {
			next = path + "&cursor=" + cursor
		}
	}
	require.Equal(t, []string{"9", "5", "3"}, rounds)
	require.Equal(t, []string{"malicious", "suspicious", "clean"}, outcomes)

	for path, want := range map[string]int{
		"/api/v3/files/zz/history":                                        http.StatusBadRequest,
		"/api/v3/files/" + hexOf("content") + "/history?cursor=x":         http.StatusBadRequest,
		"/api/v3/files/" + hexOf("content") + "/history?limit=1000":       http.StatusBadRequest,
		"/api/v3/files/" + hexOf("unknown") + "/history":                  http.StatusNotFound,
		"/api/v3/files/" + hexOf("unknown")[:32] + "/history":             http.StatusNotFound,
		"/api/v3/files/" + hexOf("content") + "/history?cursor=3&limit=1": http.StatusOK,
	} {
		require.Equal(t, want, n.get(t, path).Status, path)
	}
}

package gateway

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/cosmos/cosmos-sdk/types/query"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func (c *scriptedChain) History(_ context.Context, in *verdictstypes.QueryHistoryRequest, opts ...grpc.CallOption) (*verdictstypes.QueryHistoryResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.answer(opts); err != nil {
		return nil, err
	}
	var all []verdictstypes.HistoryEntry
	for key, report := range c.rounds {
		if key.sha256 == in.Sha256 {
			all = append(all, verdictstypes.HistoryEntry{Round: key.round, Outcome: report.Outcome})
		}
	}
	if report, found := c.reports[in.Sha256]; found {
		all = append(all, verdictstypes.HistoryEntry{Round: report.Round.Number, Outcome: report.Outcome})
	}
	slices.SortFunc(all, func(a, b verdictstypes.HistoryEntry) int { return cmp.Compare(a.Round, b.Round) })
	if in.Pagination.GetReverse() {
		slices.Reverse(all)
	}
	start := len(in.Pagination.GetKey()) // the key is as long as what was read
	end := len(all)
	if limit := int(in.Pagination.GetLimit()); limit > 0 {
		end = min(start+limit, end)
	}
	page := &query.PageResponse{}
	if end < len(all) {
		page.NextKey = make([]byte, end)
	}
	return &verdictstypes.QueryHistoryResponse{Entries: all[start:end], Pagination: page}, nil
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

// TestHistoryOfAURL asks by both forms of its id.
func TestHistoryOfAURL(t *testing.T) {
	n := startNode(t, nil)
	n.submitting(t)
	const canonical = "http://www.example.com/a"
	n.submitURL(t, canonical).resource(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	path := func(id string) string { return "/api/v3/urls/" + id + "/history" }
	require.Empty(t, n.get(t, path(hexOf(canonical))).list(t), "it waits for its first round")

	n.finishURL(canonical, verdictstypes.OUTCOME_MALICIOUS, verdictstypes.EngineVerdict{
		Operator: operator(1), Engine: "E", Category: verdictstypes.CATEGORY_MALICIOUS,
	})
	for _, id := range []string{hexOf(canonical), base64.RawURLEncoding.EncodeToString([]byte(canonical))} {
		rounds := n.get(t, path(id)).list(t)
		require.Len(t, rounds, 1, id)
		require.Equal(t, "malicious", rounds[0].Attributes["outcome"])
	}

	n.upload(t, file("content"))
	for path, want := range map[string]int{
		path("!"):                              http.StatusBadRequest,
		path(hexOf(canonical)) + "?cursor=x":   http.StatusBadRequest,
		path(hexOf("http://unknown.example/")): http.StatusNotFound,
		path(hexOf("content")):                 http.StatusNotFound, // a file
	} {
		require.Equal(t, want, n.get(t, path).Status, path)
	}
}

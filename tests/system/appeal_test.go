package system

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

var appealSettings = map[string]any{
	"app_state.supernode.params.beacon_idle_blocks":   3,
	"app_state.verdicts.params.appeal_window_seconds": "5",
}

// An appeal against a right outcome goes before a drawn panel and is lost. Reports stay
// as they were all the while, and can be verified.
func TestAppealAgainstARightOutcome(t *testing.T) {
	w := ownWorld(t, "appeal", setup{supernodes: 1, genesis: appealSettings})
	path := sample(t, "contested.txt", freshText("contested"))
	found := w.submitAndWait(t, path)
	before := w.chainReport(t, found.SHA256)
	require.Equal(t, verdictstypes.OUTCOME_CLEAN, before.Outcome)
	requireSame := func() {
		require.Equal(t, before.Round.Number, w.chainReport(t, found.SHA256).Round.Number)
		p := w.virusmap(t, "verify", found.SHA256)
		require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	}

	bond := sdk.NewInt64Coin("uvmt", 2_000_000)
	_, err := w.chain.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&verdictstypes.MsgAppeal{
		Appellant: w.chain.Address().String(), Sha256: raw(t, found.SHA256),
		Claimed: verdictstypes.OUTCOME_MALICIOUS, Evidence: "https://analyst.example/report", Bond: bond,
	}}})
	require.NoError(t, err)
	appeal := func(ctx context.Context) (*verdictstypes.Appeal, error) {
		response, err := w.chain.Verdicts().Appeal(ctx, &verdictstypes.QueryAppealRequest{Sha256: found.SHA256})
		if err != nil {
			return nil, err
		}
		return &response.Appeal, nil
	}
	until(t, "the decision of the panel", func(ctx context.Context) bool {
		appeal, err := appeal(ctx)
		return err == nil && appeal.Status == verdictstypes.APPEAL_STATUS_DECIDED && appeal.Decision == verdictstypes.OUTCOME_CLEAN
	})
	requireSame()
	until(t, "the close of the appeal", func(ctx context.Context) bool {
		_, err := appeal(ctx)
		return status.Code(err) == codes.NotFound
	})
	requireSame()
	w.requireHealthy(t)
}

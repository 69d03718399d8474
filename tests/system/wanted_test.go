package system

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/testutil/fixtures"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

var wantedSettings = map[string]any{
	"app_state.samples.params.claim_window_blocks": 20,
	"app_state.bounty.params.min_bounty_seconds":   "1",
	"app_state.bounty.params.min_bounty.amount":    "1000",
	"app_state.bounty.params.bounty_fee.amount":    "100",
}

// Whoever brings what a hash, a family and a rule are out for is paid for all three. What
// nobody brings is refunded.
func TestWantedSampleIsPaidForAndTheRestRefunded(t *testing.T) {
	w := ownWorld(t, "wanted", setup{supernodes: 2, genesis: wantedSettings})
	mark := strings.ToLower(rand.Text())
	// The name of an entry stands in an archive as it is; EICAR in it gives the family.
	content := zipOf(t, entry{"eicar.com", fixtures.EICAR()}, entry{mark, freshText("beside")})
	rule := fmt.Sprintf("rule wanted {\n\tstrings:\n\t\t$a = %q\n\tcondition:\n\t\t$a\n}\n", mark)
	const long, short = 600, 40 // seconds

	posted := w.height(t)
	paid := []int64{30_000, 20_000, 10_000}
	w.post(t, bountytypes.BOUNTY_KIND_HASH, hashOf(content), paid[0], long)
	w.post(t, bountytypes.BOUNTY_KIND_FAMILY, "eicar", paid[1], long)
	w.post(t, bountytypes.BOUNTY_KIND_YARA, rule, paid[2], long)
	missing := w.post(t, bountytypes.BOUNTY_KIND_HASH, hashOf(freshText("nobody has this")), 5_000, short)
	require.Len(t, w.bounties(t), 4)

	contributor := newAddress(t)
	found := w.submitAndWait(t, sample(t, "wanted.zip", content), "--contributor", contributor)
	require.Equal(t, "malicious", found.Outcome)
	report := w.chainReport(t, found.SHA256)
	require.Equal(t, verdictstypes.ROUND_KIND_INITIAL, report.Round.Kind, "stage 0 pays")
	until(t, "the payment of three bounties", func(ctx context.Context) bool {
		return w.balance(ctx, contributor) == paid[0]+paid[1]+paid[2]
	})
	until(t, "the end of the fourth", func(context.Context) bool { return len(w.bounties(t)) == 0 })
	require.Zero(t, w.balance(t.Context(), bountytypes.EscrowAddress(missing).String()))

	payments, refunds := w.bountiesEnded(t, posted)
	require.Len(t, payments, len(paid))
	for _, payment := range payments {
		require.Equal(t, contributor, payment.Recipient)
		require.Equal(t, found.SHA256, hexOf(payment.Sha256))
	}
	require.Len(t, refunds, 1)
	require.Equal(t, missing, refunds[0].Bounty)
	require.Equal(t, "5000", refunds[0].Amount)
	w.requireHealthy(t)
}

// post posts a bounty that the first judgement pays, and returns its id.
func (w *world) post(t *testing.T, kind bountytypes.BountyKind, target string, amount int64, seconds uint64) []byte {
	t.Helper()
	before := w.bounties(t)
	_, err := w.chain.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&bountytypes.MsgPostBounty{
		Funder: w.chain.Address().String(), Kind: kind, Target: target,
		Amount: sdk.NewInt64Coin("uvmt", amount), DurationSeconds: seconds,
	}}})
	require.NoError(t, err)
	for id := range w.bounties(t) {
		if _, known := before[id]; !known {
			return []byte(id)
		}
	}
	require.Fail(t, "the bounty does not run", target)
	return nil
}

// bounties are those that run, by id.
func (w *world) bounties(t *testing.T) map[string]bountytypes.Bounty {
	t.Helper()
	found, err := w.chain.Bounties().Bounties(t.Context(), &bountytypes.QueryBountiesRequest{})
	require.NoError(t, err)
	running := make(map[string]bountytypes.Bounty)
	for _, bounty := range found.Bounties {
		running[string(bounty.Id)] = bounty
	}
	return running
}

// bountiesEnded recounts from the events since a height how bounties ended.
func (w *world) bountiesEnded(t *testing.T, from int64) (paid []*bountytypes.EventBountyPaid, refunded []*bountytypes.EventBountyRefunded) {
	t.Helper()
	head := w.height(t)
	err := w.chain.Follow(t.Context(), from, func(_ context.Context, block chain.Block) error {
		err := block.Each(func(event proto.Message) error {
			switch event := event.(type) {
			case *bountytypes.EventBountyPaid:
				paid = append(paid, event)
			case *bountytypes.EventBountyRefunded:
				refunded = append(refunded, event)
			}
			return nil
		})
		if err == nil && block.Height >= head {
			return errEnough
		}
		return err
	})
	require.ErrorIs(t, err, errEnough)
	return paid, refunded
}

func (w *world) height(t *testing.T) int64 {
	t.Helper()
	head, err := w.chain.Status(t.Context())
	require.NoError(t, err)
	return head.Height
}

// balance is in uvmt; 0 when the chain does not answer.
func (w *world) balance(ctx context.Context, address string) int64 {
	found, err := banktypes.NewQueryClient(w.chain.Conn()).Balance(ctx, &banktypes.QueryBalanceRequest{Address: address, Denom: "uvmt"})
	if err != nil {
		return 0
	}
	return found.Balance.Amount.Int64()
}

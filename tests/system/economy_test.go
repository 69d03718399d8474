package system

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/fixtures"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

var economySettings = map[string]any{
	"app_state.epochs.epochs.0.duration":                     "30s",
	"app_state.samples.params.claim_window_blocks":           5,
	"app_state.verdicts.params.retrospective_delays_seconds": []string{"10", "20"},
	"app_state.bounty.params.contributor_target_samples":     "10",
}

// A person without a coin brings malware that nobody else has seen, which is worth nothing.
// When others bring it to two other operators it is worth something, in full, from the next
// judgement on; and the person claims that without a fee.
func TestPaidForWhatOthersMetToo(t *testing.T) {
	w := ownWorld(t, "economy", setup{supernodes: 3, genesis: economySettings})
	wallet, err := w.NewWallet(t.Context(), "finder")
	require.NoError(t, err)
	path := sample(t, "invoice.com", fixtures.EICAR())
	p := w.virusmap(t, "submit", "--wait", "--contributor", wallet.Address, path)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	hash := hashOf(fixtures.EICAR())

	// The first judgement finds no sightings.
	until(t, "the first credit", func(ctx context.Context) bool {
		stages := w.explain(ctx, hash).Score.Stages
		return len(stages) > 0 && stages[0].Credited
	})
	require.Zero(t, w.explain(t.Context(), hash).Score.Stages[0].Points)

	for _, other := range w.Supernodes[1:] {
		p := w.virusmap(t, at(other, "submit", "--again", path)...)
		require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	}
	until(t, "both sightings and points for them", func(ctx context.Context) bool {
		stages := w.explain(ctx, hash).Score.Stages
		last := stages[len(stages)-1]
		return last.Sightings == 2 && last.Points > 0
	})
	before, err := wallet.Balance(t.Context())
	require.NoError(t, err)
	require.Zero(t, before)

	until(t, "the end of the epoch, and the claim", func(ctx context.Context) bool {
		if balance, err := wallet.Balance(ctx); err == nil && balance > 0 {
			return true
		}
		// Refused while there is nothing to claim, or a claim waits for its block.
		_ = wallet.Vmtd(ctx, "tx", "bounty", "claim-rewards", "--from", wallet.Name, "--gas", "auto", "--gas-adjustment", "1.5").Run()
		return false
	})
	p = w.virusmap(t, "--output", "json", "rewards", wallet.Address)
	require.Zero(t, p.code, p.stderr)
	w.requireHealthy(t)
}

// explain asks the chain what a sample earned; empty while it has no score.
func (w *world) explain(ctx context.Context, sha256 string) (explained bountytypes.QueryExplainResponse) {
	response, err := w.chain.Bounties().Explain(ctx, &bountytypes.QueryExplainRequest{Sha256: sha256})
	if err != nil {
		return explained
	}
	return *response
}

package trust

import (
	"testing"

	"github.com/stretchr/testify/require"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"

	"github.com/virusmap/virusmap/sim/arena"
)

// finishRounds lets every seated supernode attest that nothing was found, until no
// round is open.
func finishRounds(t *testing.T, chain *chaintest.Chain) {
	t.Helper()
	var txs [][]byte
	for _, node := range chain.SeatedNodes() {
		txs = append(txs, chain.Sign(node.Sidecar, node.RegisterEngine(arena.Engine)))
	}
	chain.Run(txs...)
	for range 20 {
		iterator, err := chain.App.VerdictsKeeper.OpenRounds.Iterate(chain.Context(), nil)
		require.NoError(t, err)
		open, err := iterator.Keys()
		require.NoError(t, err)
		txs = nil
		for _, number := range open {
			round, err := chain.App.VerdictsKeeper.Rounds.Get(chain.Context(), number)
			require.NoError(t, err)
			txs = append(txs, attestClean(chain, round)...)
		}
		chain.Block(txs...)
	}
}

func attestClean(chain *chaintest.Chain, round verdictstypes.Round) [][]byte {
	answers := chaintest.Answers(int(round.Samples), func(int) verdictstypes.Answer { return arena.Says(false, "") })
	vector := verdictstypes.NewVerdictVector(arena.Engine, "1.0", nil, 0, answers)
	attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{vector}, verdictstypes.FeatureVector{})
	var txs [][]byte
	for _, node := range chain.SeatedNodes() {
		switch round.Status {
		case verdictstypes.ROUND_STATUS_COMMIT:
			txs = append(txs, chain.SignFree(node.Sidecar, 2_000_000, node.Commit(round.Number, attestation)))
		case verdictstypes.ROUND_STATUS_REVEAL:
			txs = append(txs, chain.SignFree(node.Sidecar, 4_000_000, node.Reveal(round.Number, attestation)))
		}
	}
	return txs
}

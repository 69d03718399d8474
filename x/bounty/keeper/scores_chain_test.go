package keeper_test

import (
	"fmt"
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/bounty/keeper"
	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// A sample goes through the whole application: a gateway submits it for somebody without
// coins, another one sees it too, a round judges it, and its points come when no claim can
// replace the contributor any more.
func TestSampleEarnsOnAChain(t *testing.T) {
	contributor := party("contributor")
	chain := chaintest.New(t, chaintest.Config{Supernodes: 3, Modify: func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(gs *samplestypes.GenesisState) error {
			gs.Params.ClaimWindowBlocks = 20
			return nil
		}))
	}})
	chain.Block()
	chain.PublishVaultKey()
	for _, node := range chain.Supernodes {
		chain.Run(chain.Sign(node.Sidecar, node.RegisterEngine("engine")))
	}
	submission := chaintest.Submission([]byte("content"), 1)
	submission.Contributor = contributor.String()
	gateway := chain.Supernodes[0]
	chain.Run(chain.Sign(gateway.Sidecar, gateway.Sidecar.Submit(submission)))
	submitted := chain.Height
	for i, node := range chain.Supernodes {
		response := chain.Run(chain.Sign(node.Sidecar, &types.MsgReportSightings{
			Sidecar: node.Sidecar.Address.String(), Operator: node.Operator.Address.String(),
			Sightings: []types.Sighted{{Sha256: submission.Sha256, Contributor: party("another").String()}},
		}))
		require.Equal(t, i > 0, hasEvent(response.TxResults[0].Events, "virusmap.bounty.v1.EventSighted"))
	}

	chain.Blocks(2)
	round := openRoundOf(t, chain)
	categories := []verdictstypes.Category{verdictstypes.CATEGORY_MALICIOUS, verdictstypes.CATEGORY_MALICIOUS, verdictstypes.CATEGORY_UNDETECTED}
	attestations := make([]verdictstypes.Attestation, len(chain.Supernodes))
	var commits, reveals [][]byte
	for i := range chain.Supernodes {
		attestations[i] = verdictstypes.NewAttestation([]verdictstypes.VerdictVector{verdictstypes.NewVerdictVector("engine", "1.0", nil, 0,
			[]verdictstypes.Answer{{Category: categories[i], Confidence: 8}})}, verdictstypes.NewFeatureVector([]string{"elf"}))
		if categories[i] == verdictstypes.CATEGORY_MALICIOUS {
			attestations[i].Features.KeySample(0, verdictstypes.SimilarityKeys{{1}})
		}
	}
	for i, node := range chain.Supernodes {
		commits = append(commits, chain.SignFree(node.Sidecar, 2_000_000, node.Commit(round, attestations[i])))
	}
	chain.Run(commits...)
	for i, node := range chain.Supernodes {
		reveals = append(reveals, chain.SignFree(node.Sidecar, 2_000_000, node.Reveal(round, attestations[i])))
	}
	chain.Run(reveals...)
	chain.Blocks(3)

	score, err := chain.App.BountyKeeper.Scores.Get(chain.Context(), submission.Sha256)
	require.NoError(t, err)
	require.False(t, score.Stages[0].Credited)
	cluster, err := chain.App.BountyKeeper.Clusters.Get(chain.Context(), submission.Sha256)
	require.NoError(t, err)
	require.Equal(t, gateway.Operator.Address.String(), cluster.Operator)
	require.EqualValues(t, 1, cluster.Keys, "two thirds of the weight gave a key")
	require.Len(t, cluster.Sighters, 2)
	chain.RequireRoundTrip()

	chain.Blocks(int(submitted + 20 - chain.Height))
	// A third of the weight missed it: 0.2 + 0.8 · 0.333333 = 0.466666, of which 0.4 is decided.
	explained, err := keeper.NewQueryServer(chain.App.BountyKeeper).Explain(chain.Context(), &types.QueryExplainRequest{
		Sha256: fmt.Sprintf("%x", submission.Sha256),
	})
	require.NoError(t, err)
	require.EqualValues(t, 466_666, explained.Stages[0].Stage.Score)
	require.EqualValues(t, 186_666, explained.Stages[0].Stage.Points)
	require.EqualValues(t, 2, explained.Stages[0].Stage.Sightings)
	require.Contains(t, explained.Text, "  points   0.186666 ")
	require.True(t, chain.App.AccountKeeper.HasAccount(chain.Context(), contributor))
	standing, err := chain.App.BountyKeeper.Standings.Get(chain.Context(), contributor)
	require.NoError(t, err)
	require.EqualValues(t, 186_666, standing)
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	chain.RequireRoundTrip()
}

// openRoundOf is the number of the one round that is open.
func openRoundOf(t *testing.T, chain *chaintest.Chain) (number uint64) {
	t.Helper()
	require.NoError(t, chain.App.VerdictsKeeper.OpenRounds.Walk(chain.Context(), nil, func(open uint64) (bool, error) {
		number = open
		return false, nil
	}))
	require.NotZero(t, number)
	return number
}

func hasEvent(events []abci.Event, kind string) bool {
	return slices.ContainsFunc(events, func(e abci.Event) bool { return e.Type == kind })
}

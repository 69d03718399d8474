package light

import (
	"bytes"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// forgeWeights changes the answers to queries of the weights.
func forgeWeights(t *testing.T, change func(*abci.ResponseQuery)) func(string, *abci.ResponseQuery) {
	key, err := verdictstypes.WeightsStoreKey(worldEpoch)
	require.NoError(t, err)
	return func(_ string, answer *abci.ResponseQuery) {
		if bytes.Equal(answer.Key, key) {
			change(answer)
		}
	}
}

func TestWeightsAreProved(t *testing.T) {
	w := newWorld(t)
	result, err := w.newVerifier(t).Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Empty(t, failed(result), "%+v", result.Claims)
	var weights []uint64
	for _, verdict := range result.Proof.Verdicts {
		weights = append(weights, verdict.Weight)
	}
	require.Equal(t, []uint64{300_000, 100_000, 200_000, 0}, weights)
}

func TestTamperedWeightsAreRefuted(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*abci.ResponseQuery){
		"other weight": func(a *abci.ResponseQuery) {
			table := w.table
			table.Rows = append([]verdictstypes.EngineWeight{}, table.Rows...)
			table.Rows[0].Weight++
			var err error
			a.Value, err = proto.Marshal(&table)
			require.NoError(t, err)
		},
		"hidden":   func(a *abci.ResponseQuery) { a.Value = nil },
		"no proof": func(a *abci.ResponseQuery) { a.ProofOps = nil },
		"absence of another epoch": func(a *abci.ResponseQuery) {
			key, err := verdictstypes.WeightsStoreKey(worldEpoch + 1)
			require.NoError(t, err)
			other, err := w.answer(t.Context(), &abci.RequestQuery{Path: "/store/verdicts/key", Data: key, Height: a.Height, Prove: true})
			require.NoError(t, err)
			require.Empty(t, other.Value)
			*a = *other
		},
	} {
		t.Run(name, func(t *testing.T) {
			lying, honest := w.serve(t, forgeWeights(t, change)), w.serve(t, nil)
			result, err := w.newVerifier(t, lying).Verify(t.Context(), w.report(t))
			require.NoError(t, err)
			require.Equal(t, []string{"weights"}, failed(result), "%+v", result.Claims)
			result, err = w.newVerifier(t, lying, honest).Verify(t.Context(), w.report(t))
			require.NoError(t, err)
			require.Empty(t, failed(result), "%+v", result.Claims)
		})
	}
}

// The outcome is counted with the proved weights: with others the chain's own is wrong.
func TestOutcomeFollowsFromTheWeights(t *testing.T) {
	w := newWorld(t)
	w.table.Rows[0].Weight, w.table.Rows[2].Weight = 1, 1
	w.write(t)
	w.next(3)
	result, err := w.newVerifier(t).Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Equal(t, []string{"outcome"}, failed(result), "%+v", result.Claims)
}

// Where no weights are stored, that is proved, and all engines weigh the same.
func TestAbsentWeightsAreProved(t *testing.T) {
	w := newWorld(t)
	w.round.Epoch++
	w.write(t)
	w.next(3)
	result, err := w.newVerifier(t).Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Empty(t, failed(result), "%+v", result.Claims)
	for _, verdict := range result.Proof.Verdicts {
		require.Equal(t, verdictstypes.FullWeight, verdict.Weight)
	}
	for _, proof := range result.Proof.Stores {
		require.NoError(t, proof.verify(result.Proof.AppHash))
	}
}

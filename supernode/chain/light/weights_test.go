package light

import (
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

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
	for name, lie := range weightLies(t, w) {
		t.Run(name, func(t *testing.T) {
			lying, honest := w.serve(t, lie.tamper), w.serve(t, nil)
			result, err := w.newVerifier(t, lying).Verify(t.Context(), w.report(t))
			require.NoError(t, err)
			require.Equal(t, lie.claims, failed(result), "%+v", result.Claims)
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

package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func TestBrier(t *testing.T) {
	for _, test := range []struct {
		category         types.Category
		confidence       uint8
		malicious, clean uint64
	}{
		{types.CATEGORY_MALICIOUS, 15, 0, 128 * 128},
		{types.CATEGORY_MALICIOUS, 0, 30 * 30, 98 * 98},
		{types.CATEGORY_SUSPICIOUS, 15, 32 * 32, 96 * 96},
		{types.CATEGORY_SUSPICIOUS, 0, 62 * 62, 66 * 66},
		{types.CATEGORY_UNDETECTED, 0, 96 * 96, 32 * 32},
		{types.CATEGORY_UNDETECTED, 15, 126 * 126, 2 * 2},
		{types.CATEGORY_HARMLESS, 0, 113 * 113, 15 * 15},
		{types.CATEGORY_HARMLESS, 15, 128 * 128, 0},
	} {
		cell := types.NewCell(test.category, test.confidence)
		units, decisive := types.Brier(cell, true)
		require.True(t, decisive)
		require.Equal(t, test.malicious, units, "%s %d, malicious in the end", test.category, test.confidence)
		units, decisive = types.Brier(cell, false)
		require.True(t, decisive)
		require.Equal(t, test.clean, units, "%s %d, clean in the end", test.category, test.confidence)
	}
}

// Surer of malice is never a smaller probability, from harmless to malicious.
func TestProbabilityAscends(t *testing.T) {
	last := uint64(0)
	next := func(category types.Category, confidence int) {
		probability, decisive := types.NewCell(category, uint8(confidence)).Probability()
		require.True(t, decisive)
		require.GreaterOrEqual(t, probability, last)
		last = probability
	}
	for confidence := 15; confidence >= 0; confidence-- {
		next(types.CATEGORY_HARMLESS, confidence)
	}
	last = 0 // a sure "undetected" overlaps with an unsure "harmless"
	for confidence := 15; confidence >= 0; confidence-- {
		next(types.CATEGORY_UNDETECTED, confidence)
	}
	for _, category := range []types.Category{types.CATEGORY_SUSPICIOUS, types.CATEGORY_MALICIOUS} {
		for confidence := range 16 {
			next(category, confidence)
		}
	}
}

func TestAbstentionsHaveNoError(t *testing.T) {
	for category := types.CATEGORY_TYPE_UNSUPPORTED; category <= types.CATEGORY_UNDECRYPTABLE; category++ {
		_, decisive := types.Brier(types.NewCell(category, 15), true)
		require.False(t, decisive, category)
		require.False(t, types.SeesMalice(category), category)
	}
	require.True(t, types.SeesMalice(types.CATEGORY_SUSPICIOUS))
	require.True(t, types.SeesMalice(types.CATEGORY_MALICIOUS))
	require.False(t, types.SeesMalice(types.CATEGORY_UNDETECTED))
}

package types_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func TestMatchesAreCanonicalInAnyOrder(t *testing.T) {
	const n = 10
	bounty := func(b byte) []byte { return bytes.Repeat([]byte{b}, types.BountyIDBytes) }
	type call struct {
		bounty  []byte
		samples []uint32
	}
	calls := []call{
		{bounty(3), []uint32{9, 0, 4}},
		{bounty(1), []uint32{2}},
		{bounty(3), []uint32{4, 1}},
		{bounty(2), []uint32{7, 7}},
		{bounty(4), nil},
	}
	want := []types.BountyMatch{
		{Bounty: bounty(1), Samples: []uint32{2}},
		{Bounty: bounty(2), Samples: []uint32{7}},
		{Bounty: bounty(3), Samples: []uint32{0, 1, 4, 9}},
	}
	for range 20 {
		rand.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
		features := types.NewFeatureVector(make([]string, n))
		for _, c := range calls {
			features.Match(c.bounty, c.samples)
		}
		require.Equal(t, want, features.Matches)
		require.NoError(t, types.NewAttestation(nil, features).Validate(n))
	}
}

func TestMatchKeepsNothingOfItsCaller(t *testing.T) {
	id, samples := bytes.Repeat([]byte{1}, types.BountyIDBytes), []uint32{5, 3}
	var features types.FeatureVector
	features.Match(id, samples)
	require.Equal(t, []uint32{5, 3}, samples)
	id[0], samples[0] = 9, 9
	require.EqualValues(t, 1, features.Matches[0].Bounty[0])
	require.Equal(t, []uint32{3, 5}, features.Matches[0].Samples)
}

// A vector may say too much, which is for Validate to refuse.
func TestTooManyMatchesAreRefused(t *testing.T) {
	var features types.FeatureVector
	for i := range types.MaxMatchedBounties + 1 {
		require.NoError(t, types.NewAttestation(nil, features).Validate(1), i)
		id := make([]byte, types.BountyIDBytes)
		id[0], id[1] = byte(i>>8), byte(i)
		features.Match(id, []uint32{0})
	}
	require.ErrorIs(t, types.NewAttestation(nil, features).Validate(1), types.ErrInvalidAttestation)
}

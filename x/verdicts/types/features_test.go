package types_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// key is a similarity key of a slot.
func key(slot int, name string) (keys types.SimilarityKeys) {
	copy(keys[slot][:], name)
	return keys
}

// bountyID is the id of a bounty that somebody made up.
func bountyID(n uint32) []byte {
	return binary.BigEndian.AppendUint32(make([]byte, types.BountyIDBytes-4), n)
}

// voter is what one operator of a weight says of the features.
type voter struct {
	weight uint64
	keyed  map[uint32]types.SimilarityKeys // only looked up
	match  map[uint32][]uint32             // bounty -> samples, only looked up
}

// agree lets the voters attest over n samples, with ids of bounties below 10.
func agree(n int, voters ...voter) []types.SampleFeatures {
	var table types.WeightTable
	var signed []types.SignedAttestation
	for i, v := range voters {
		operator := fmt.Sprint("operator", i)
		table.Rows = append(table.Rows, types.EngineWeight{Operator: operator, Engine: "AV", Weight: v.weight})
		attestation := types.Attestation{Vectors: []types.VerdictVector{{Engine: "AV"}}}
		for sample := range uint32(n) {
			if keys, keyed := v.keyed[sample]; keyed {
				attestation.Features.KeySample(sample, keys)
			}
		}
		for bounty := range uint32(10) {
			if samples := v.match[bounty]; samples != nil {
				attestation.Features.Matches = append(attestation.Features.Matches, types.BountyMatch{Bounty: bountyID(bounty), Samples: samples})
			}
		}
		signed = append(signed, types.SignedAttestation{Operator: operator, Attestation: attestation})
	}
	return types.AgreeOnFeatures(signed, table, n)
}

func TestKeysNeedMoreThanHalfOfThoseWhoGaveKeys(t *testing.T) {
	gives := func(weight uint64, keys types.SimilarityKeys) voter {
		return voter{weight: weight, keyed: map[uint32]types.SimilarityKeys{0: keys}}
	}
	both := key(0, "content")
	both[5] = key(5, "band")[5]
	for name, test := range map[string]struct {
		voters []voter
		want   types.SimilarityKeys
		keyed  uint64
	}{
		"nobody":                 {voters: []voter{{weight: 7}}},
		"one of many":            {voters: []voter{gives(1, key(0, "a")), {weight: 9}}, want: key(0, "a"), keyed: 1},
		"exactly half":           {voters: []voter{gives(5, key(0, "a")), gives(5, key(0, "b"))}, keyed: 10},
		"half and one":           {voters: []voter{gives(5, key(0, "b")), gives(6, key(0, "a"))}, want: key(0, "a"), keyed: 11},
		"the largest, no half":   {voters: []voter{gives(4, key(0, "a")), gives(3, key(0, "b")), gives(3, key(0, "c"))}, keyed: 10},
		"majority in pieces":     {voters: []voter{gives(2, key(0, "a")), gives(3, key(0, "b")), gives(2, key(0, "a")), gives(2, key(0, "c")), gives(2, key(0, "a"))}, want: key(0, "a"), keyed: 11},
		"without the feature":    {voters: []voter{gives(6, types.SimilarityKeys{}), gives(5, key(0, "a"))}, keyed: 11},
		"each slot by itself":    {voters: []voter{gives(3, both), gives(2, key(5, "band")), gives(1, key(0, "other"))}, want: key(5, "band"), keyed: 6},
		"both slots":             {voters: []voter{gives(3, both), gives(1, key(5, "band"))}, want: both, keyed: 4},
		"no weight at all":       {voters: []voter{gives(0, key(0, "a"))}},
		"weightless are nothing": {voters: []voter{gives(0, key(0, "b")), gives(1, key(0, "a"))}, want: key(0, "a"), keyed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			features := agree(2, test.voters...)
			require.Equal(t, test.want, features[0].Keys)
			require.Equal(t, test.keyed, features[0].KeyedWeight)
			require.Zero(t, features[1].Keys)
			require.Equal(t, features[0].AttestedWeight, features[1].AttestedWeight)
		})
	}
}

func TestMatchesNeedAMajority(t *testing.T) {
	keyed := map[uint32]types.SimilarityKeys{0: {}}
	matches := func(weight uint64, keyed map[uint32]types.SimilarityKeys, bounties ...uint32) voter {
		v := voter{weight: weight, keyed: keyed, match: map[uint32][]uint32{}}
		for _, bounty := range bounties {
			v.match[bounty] = []uint32{0}
		}
		return v
	}
	for name, test := range map[string]struct {
		voters []voter
		want   []types.MatchWeight
	}{
		"of all":                       {voters: []voter{matches(6, nil, 3), matches(5, nil)}, want: []types.MatchWeight{{Bounty: bountyID(3), Weight: 6}}},
		"half of all":                  {voters: []voter{matches(5, nil, 3), matches(5, nil)}},
		"of those who gave keys":       {voters: []voter{matches(2, keyed, 3), matches(1, keyed), matches(9, nil)}, want: []types.MatchWeight{{Bounty: bountyID(3), Weight: 2}}},
		"half of those":                {voters: []voter{matches(2, keyed, 3), matches(2, keyed), matches(9, nil)}},
		"without keys among the keyed": {voters: []voter{matches(4, nil, 3), matches(3, keyed), matches(3, nil)}},
		"nobody gave keys":             {voters: []voter{matches(1, nil, 3), matches(9, nil)}},
		"several in order":             {voters: []voter{matches(3, nil, 2, 7), matches(2, nil, 1, 7), matches(1, nil, 2)}, want: []types.MatchWeight{{Bounty: bountyID(2), Weight: 4}, {Bounty: bountyID(7), Weight: 5}}},
	} {
		t.Run(name, func(t *testing.T) {
			features := agree(2, test.voters...)
			require.Equal(t, test.want, features[0].Matches)
			require.Empty(t, features[1].Matches)
		})
	}
}

func TestFeaturesRefuse(t *testing.T) {
	for name, change := range map[string]func(*types.FeatureVector){
		"keyed twice":           func(f *types.FeatureVector) { f.Keyed[1] = f.Keyed[0] },
		"keyed past the end":    func(f *types.FeatureVector) { f.Keyed[1] = 3 },
		"keyed past 31 bits":    func(f *types.FeatureVector) { f.Keyed[1] = 1 << 31 },
		"keys too short":        func(f *types.FeatureVector) { f.Keys = f.Keys[1:] },
		"keys without a sample": func(f *types.FeatureVector) { f.Keyed = f.Keyed[:1] },
		"short bounty":          func(f *types.FeatureVector) { f.Matches[0].Bounty = f.Matches[0].Bounty[1:] },
		"bounty twice":          func(f *types.FeatureVector) { f.Matches[1].Bounty = f.Matches[0].Bounty },
		"bounties out of order": func(f *types.FeatureVector) { f.Matches[0], f.Matches[1] = f.Matches[1], f.Matches[0] },
		"bounty of no sample":   func(f *types.FeatureVector) { f.Matches[0].Samples = nil },
		"sample past the end":   func(f *types.FeatureVector) { f.Matches[0].Samples = []uint32{3} },
		"samples out of order":  func(f *types.FeatureVector) { f.Matches[0].Samples = []uint32{1, 0} },
		"too many bounties": func(f *types.FeatureVector) {
			f.Matches = nil
			for i := range uint32(types.MaxMatchedBounties + 1) {
				f.Matches = append(f.Matches, types.BountyMatch{Bounty: bountyID(i), Samples: []uint32{0}})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			attestation := featured()
			require.NoError(t, attestation.Validate(3))
			change(&attestation.Features)
			require.ErrorIs(t, attestation.Validate(3), types.ErrInvalidAttestation)
		})
	}
}

// featured is the example with keys and matches.
func featured() types.Attestation {
	attestation := example()
	attestation.Features.KeySample(1, key(0, "content"))
	attestation.Features.KeySample(2, key(9, "piece"))
	attestation.Features.Matches = []types.BountyMatch{
		{Bounty: bountyID(1), Samples: []uint32{1}}, {Bounty: bountyID(2), Samples: []uint32{0, 2}},
	}
	return attestation
}

// FuzzFeatures decodes anything as two feature vectors: what is valid can be agreed on,
// alone says itself, and takes no majority from what another of more weight says.
func FuzzFeatures(f *testing.F) {
	seed := featured().Features
	encoded, err := seed.Marshal()
	require.NoError(f, err)
	f.Add(encoded, encoded, 3)
	f.Add(encoded, []byte{}, 3)
	f.Fuzz(func(t *testing.T, heavy, light []byte, n int) {
		if n < 1 || n > types.MaxRoundSamples {
			return
		}
		table := types.WeightTable{Rows: []types.EngineWeight{{Operator: "heavy", Engine: "AV", Weight: 2}, {Operator: "light", Engine: "AV", Weight: 1}}}
		var signed []types.SignedAttestation
		for operator, encoded := range map[string][]byte{"heavy": heavy, "light": light} {
			attestation := types.Attestation{}
			if attestation.Features.Unmarshal(encoded) != nil || attestation.Validate(n) != nil {
				return
			}
			attestation.Vectors = []types.VerdictVector{{Engine: "AV"}}
			signed = append(signed, types.SignedAttestation{Operator: operator, Attestation: attestation})
		}
		features := types.AgreeOnFeatures(signed, table, n)
		require.Len(t, features, n)
		for _, s := range signed {
			if s.Operator != "heavy" {
				continue
			}
			alone := types.AgreeOnFeatures([]types.SignedAttestation{s}, table, n)
			for _, sample := range s.Attestation.Features.Keyed {
				require.Equal(t, alone[sample].Keys, features[sample].Keys)
			}
			for _, match := range s.Attestation.Features.Matches {
				for _, sample := range match.Samples {
					require.NotEmpty(t, features[sample].Matches)
				}
			}
		}
	})
}

// BenchmarkAgreeOnFeatures measures rounds of 4096 samples in which everybody says as
// much as a reveal of 1 MiB can hold, and no two the same.
func BenchmarkAgreeOnFeatures(b *testing.B) {
	for _, operators := range []int{21, 100} {
		b.Run(fmt.Sprint(operators, " operators"), func(b *testing.B) {
			signed := make([]types.SignedAttestation, operators)
			for o := range signed {
				attestation := types.Attestation{Vectors: []types.VerdictVector{{Engine: "AV"}}}
				for sample := range uint32(types.MaxRoundSamples) {
					var keys types.SimilarityKeys
					for slot := range keys {
						binary.BigEndian.PutUint64(keys[slot][:], uint64(o)<<32|uint64(sample))
					}
					attestation.Features.KeySample(sample, keys)
				}
				for bounty := range uint32(types.MaxMatchedBounties) {
					samples := make([]uint32, types.MaxRoundSamples/4)
					for i := range samples {
						samples[i] = uint32(i)
					}
					attestation.Features.Matches = append(attestation.Features.Matches,
						types.BountyMatch{Bounty: bountyID(uint32(o)<<16 | bounty), Samples: samples})
				}
				signed[o] = types.SignedAttestation{Operator: fmt.Sprint(o), Attestation: attestation}
			}
			for b.Loop() {
				types.AgreeOnFeatures(signed, types.DefaultWeights(1), types.MaxRoundSamples)
			}
		})
	}
}

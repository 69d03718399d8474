package types

import (
	"bytes"
	"slices"
)

// Bounds of a feature vector's similarity keys and matches.
const (
	// SimilaritySlots is how many similarity keys a sample has: slot 0 is of the unpacked
	// content, 1 of the structure, 2 to 5 are bands of TLSH and 6 to 9 pieces of ssdeep.
	SimilaritySlots = 10
	// SimilarityKeyBytes is the size of one key.
	SimilarityKeyBytes = 8
	// BountyIDBytes is the size of a bounty's id, MaxMatchedBounties bounds how many match.
	BountyIDBytes      = 32
	MaxMatchedBounties = 256
)

// SimilarityKeys are the keys of one sample by slot; zeros stand for a feature that it
// does not have.
type SimilarityKeys [SimilaritySlots][SimilarityKeyBytes]byte

// MatchWeight is a wanted bounty with the engine weight of those who say that a sample
// matches it.
type MatchWeight struct {
	Bounty []byte
	Weight uint64
}

// SampleFeatures is what the supernodes of a round found out about one sample.
type SampleFeatures struct {
	// Keys have the agreement of more than half of KeyedWeight, each by itself.
	Keys SimilarityKeys
	// KeyedWeight is the engine weight of those who gave keys, as they saw malice.
	KeyedWeight uint64
	// AttestedWeight is the engine weight of all who attested.
	AttestedWeight uint64
	// Matches are in ascending order of the bounty.
	Matches []MatchWeight
}

// AgreeOnFeatures joins the feature vectors of a round over n samples. Each operator
// counts with the weight of its engines in the table.
func AgreeOnFeatures(attestations []SignedAttestation, table WeightTable, n int) ([]SampleFeatures, error) {
	columns, err := EngineColumns(attestations, table, n)
	if err != nil {
		return nil, err
	}
	weights := make(map[string]uint64, len(attestations)) // only looked up
	total := uint64(0)
	for _, column := range columns {
		weights[column.Operator] += column.Weight
		total += column.Weight
	}
	features := make([]SampleFeatures, n)
	votes := make([]keyVotes, n)
	for _, signed := range attestations {
		weight, vector := weights[signed.Operator], signed.Attestation.Features
		for i, sample := range vector.Keyed {
			votes[sample].add(vector.keysAt(i), weight)
			features[sample].KeyedWeight += weight
		}
		for _, match := range vector.Matches {
			for _, sample := range match.Samples {
				features[sample].addMatch(match.Bounty, weight)
			}
		}
	}
	for i := range features {
		features[i].AttestedWeight = total
		features[i].Keys = votes[i].agreed(features[i].KeyedWeight)
	}
	return features, nil
}

func (f *SampleFeatures) addMatch(bounty []byte, weight uint64) {
	at, found := slices.BinarySearchFunc(f.Matches, bounty, func(m MatchWeight, id []byte) int { return bytes.Compare(m.Bounty, id) })
	if !found {
		f.Matches = slices.Insert(f.Matches, at, MatchWeight{Bounty: bounty})
	}
	f.Matches[at].Weight += weight
}

// keyVotes are the keys that operators gave for one sample, with their weights.
type keyVotes struct {
	keys    []SimilarityKeys
	weights []uint64
}

func (v *keyVotes) add(keys SimilarityKeys, weight uint64) {
	v.keys, v.weights = append(v.keys, keys), append(v.weights, weight)
}

// agreed takes in each slot the key that has more than half of the total weight.
func (v *keyVotes) agreed(total uint64) (agreed SimilarityKeys) {
	for slot := range SimilaritySlots {
		for _, candidate := range v.keys {
			weight := uint64(0)
			for i, keys := range v.keys {
				if keys[slot] == candidate[slot] {
					weight += v.weights[i]
				}
			}
			if 2*weight > total {
				agreed[slot] = candidate[slot]
				break
			}
		}
	}
	return agreed
}

// keysAt returns the keys of the i-th keyed sample.
func (f FeatureVector) keysAt(i int) (keys SimilarityKeys) {
	row := f.Keys[i*SimilaritySlots*SimilarityKeyBytes:]
	for slot := range keys {
		copy(keys[slot][:], row[slot*SimilarityKeyBytes:])
	}
	return keys
}

// KeySample adds the similarity keys of a sample. Samples are added in ascending order.
func (f *FeatureVector) KeySample(sample uint32, keys SimilarityKeys) {
	f.Keyed = append(f.Keyed, sample)
	for _, key := range keys {
		f.Keys = append(f.Keys, key[:]...)
	}
}

// Match says that samples match a wanted bounty, in canonical order whatever the order of
// the calls and of the samples. No samples say nothing.
func (f *FeatureVector) Match(bounty []byte, samples []uint32) {
	if len(samples) == 0 {
		return
	}
	at, found := slices.BinarySearchFunc(f.Matches, bounty, func(m BountyMatch, id []byte) int { return bytes.Compare(m.Bounty, id) })
	if !found {
		f.Matches = slices.Insert(f.Matches, at, BountyMatch{Bounty: bytes.Clone(bounty)})
	}
	all := slices.Concat(f.Matches[at].Samples, samples)
	slices.Sort(all)
	f.Matches[at].Samples = slices.Compact(all)
}

func (f FeatureVector) validateKeys(n int) error {
	if err := validateIndexes("keyed", f.Keyed, n); err != nil {
		return err
	}
	if want := len(f.Keyed) * SimilaritySlots * SimilarityKeyBytes; len(f.Keys) != want {
		return ErrInvalidAttestation.Wrapf("keys have %d bytes, want %d", len(f.Keys), want)
	}
	return nil
}

func (f FeatureVector) validateMatches(n int) error {
	if len(f.Matches) > MaxMatchedBounties {
		return ErrInvalidAttestation.Wrapf("matches: %d, at most %d", len(f.Matches), MaxMatchedBounties)
	}
	for i, match := range f.Matches {
		if len(match.Bounty) != BountyIDBytes {
			return ErrInvalidAttestation.Wrapf("matches[%d].bounty has %d bytes, want %d", i, len(match.Bounty), BountyIDBytes)
		}
		if i > 0 && bytes.Compare(f.Matches[i-1].Bounty, match.Bounty) >= 0 {
			return ErrInvalidAttestation.Wrapf("matches[%d].bounty is not after the one before", i)
		}
		if len(match.Samples) == 0 {
			return ErrInvalidAttestation.Wrapf("matches[%d].samples is empty", i)
		}
		if err := validateIndexes("matches.samples", match.Samples, n); err != nil {
			return err
		}
	}
	return nil
}

// validateIndexes wants indexes below n in strictly ascending order.
func validateIndexes(field string, indexes []uint32, n int) error {
	for i, index := range indexes {
		if int(index) >= n || (i > 0 && indexes[i-1] >= index) {
			return ErrInvalidAttestation.Wrapf("%s: %d is out of order or range", field, index)
		}
	}
	return nil
}

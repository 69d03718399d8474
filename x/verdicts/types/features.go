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
	// Matches are those that more than half of the weight agrees on: of all who attested,
	// or of those who gave keys. They are in ascending order of the bounty.
	Matches []MatchWeight
}

// AgreeOnFeatures joins the feature vectors of a round over n samples. Each operator
// counts with the weight of its engines in the table. The cost grows with the size of
// what was attested alone, whatever it says.
func AgreeOnFeatures(attestations []SignedAttestation, table WeightTable, n int) []SampleFeatures {
	weights, total := make([]uint64, len(attestations)), uint64(0)
	weight := table.Lookup()
	for a, signed := range attestations {
		for _, vector := range signed.Attestation.Vectors {
			weights[a] += weight(signed.Operator, vector.Engine)
		}
		total += weights[a]
	}
	features := make([]SampleFeatures, n)
	for i := range features {
		features[i].AttestedWeight = total
	}
	agreeOnKeys(features, attestations, weights)
	agreeOnMatches(features, attestations, weights)
	return features
}

// agreeOnKeys finds by majority vote (Boyer and Moore) the one key per slot that can have
// more than half of the weight, then weighs it.
func agreeOnKeys(features []SampleFeatures, attestations []SignedAttestation, weights []uint64) {
	leads := make([][SimilaritySlots]uint64, len(features))
	for a, signed := range attestations {
		vector := signed.Attestation.Features
		for i, sample := range vector.Keyed {
			f, lead := &features[sample], &leads[sample]
			f.KeyedWeight += weights[a]
			for slot, key := range vector.keysAt(i) {
				switch {
				case key == f.Keys[slot]:
					lead[slot] += weights[a]
				case lead[slot] >= weights[a]:
					lead[slot] -= weights[a]
				default:
					f.Keys[slot], lead[slot] = key, weights[a]-lead[slot]
				}
			}
		}
	}
	support := make([][SimilaritySlots]uint64, len(features))
	for a, signed := range attestations {
		vector := signed.Attestation.Features
		for i, sample := range vector.Keyed {
			for slot, key := range vector.keysAt(i) {
				if key == features[sample].Keys[slot] {
					support[sample][slot] += weights[a]
				}
			}
		}
	}
	for sample := range features {
		for slot := range SimilaritySlots {
			if 2*support[sample][slot] <= features[sample].KeyedWeight {
				features[sample].Keys[slot] = [SimilarityKeyBytes]byte{}
			}
		}
	}
}

// matchClaim is what one operator says of one bounty.
type matchClaim struct {
	BountyMatch
	weight uint64
	keyed  []uint32
}

// agreeOnMatches weighs bounty by bounty, and keeps only what is agreed on: else a few
// operators could fill the memory with bounties that nobody posted. For the majority of
// those who gave keys only they count, so that nobody adds weight to a match and none to
// what it is measured against.
func agreeOnMatches(features []SampleFeatures, attestations []SignedAttestation, weights []uint64) {
	var claims []matchClaim
	for a, signed := range attestations {
		for _, match := range signed.Attestation.Features.Matches {
			claims = append(claims, matchClaim{match, weights[a], signed.Attestation.Features.Keyed})
		}
	}
	slices.SortStableFunc(claims, func(a, b matchClaim) int { return bytes.Compare(a.Bounty, b.Bounty) })
	all, keyed := make([]uint64, len(features)), make([]uint64, len(features))
	for len(claims) > 0 {
		same := 0
		for ; same < len(claims) && bytes.Equal(claims[same].Bounty, claims[0].Bounty); same++ {
			claims[same].count(all, keyed)
		}
		for _, claim := range claims[:same] {
			for _, sample := range claim.Samples {
				f := &features[sample]
				if 2*all[sample] > f.AttestedWeight || 2*keyed[sample] > f.KeyedWeight {
					f.Matches = append(f.Matches, MatchWeight{Bounty: claim.Bounty, Weight: all[sample]})
				}
				all[sample], keyed[sample] = 0, 0 // so that it comes once, and for the next bounty
			}
		}
		claims = claims[same:]
	}
}

// count adds the weight of the claim to each of its samples.
func (c matchClaim) count(all, keyed []uint64) {
	for _, sample := range c.Samples {
		all[sample] += c.weight
		if _, found := slices.BinarySearch(c.keyed, sample); found {
			keyed[sample] += c.weight
		}
	}
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

package rewards

import (
	"fmt"

	"github.com/virusmap/virusmap/cmd/recount/rounds"
)

const (
	slots    = 10
	keyBytes = 8
)

// slotKey is a similarity key in its slot.
type slotKey struct {
	slot int
	key  [keyBytes]byte
}

// sampleKeys are the keys of one sample by slot; zeros stand for none.
type sampleKeys [slots][keyBytes]byte

// agreement is what the supernodes of the newest judge agreed on, by sample.
type agreement struct {
	round uint64
	keys  map[string]sampleKeys
}

// agreedKeys returns the keys of a judge's members. One round judges up to 64 sources in a
// row, so the newest is kept.
func (a *Audit) agreedKeys(number uint64, judge *rounds.Round) (map[string]sampleKeys, error) {
	if a.agreed.round == number && a.agreed.keys != nil {
		return a.agreed.keys, nil
	}
	votes := make([]vote, len(judge.Members))
	for _, reveal := range judge.Reveals {
		weight := uint64(0)
		for _, vector := range reveal.Attestation.Vectors {
			weight += a.rounds.Weight(judge.Epoch, reveal.Operator, vector.Engine)
		}
		features := reveal.Attestation.Features
		if len(features.Keys) != len(features.Keyed)*slots*keyBytes {
			return nil, fmt.Errorf("round %d: %d bytes of keys of %s for %d samples", number, len(features.Keys), reveal.Operator, len(features.Keyed))
		}
		for i, member := range features.Keyed {
			if int(member) >= len(votes) {
				return nil, fmt.Errorf("round %d: keys of %s for member %d of %d", number, reveal.Operator, member, len(votes))
			}
			votes[member].add(features.Keys[i*slots*keyBytes:], weight)
		}
	}
	a.agreed = agreement{round: number, keys: make(map[string]sampleKeys)}
	for i, member := range judge.Members {
		a.agreed.keys[member] = votes[i].agreed()
	}
	return a.agreed.keys, nil
}

// vote collects the keys that supernodes gave for one sample.
type vote struct {
	total   uint64
	weights map[slotKey]uint64
}

func (v *vote) add(keys []byte, weight uint64) {
	if v.weights == nil {
		v.weights = make(map[slotKey]uint64)
	}
	v.total += weight
	for slot := range slots {
		v.weights[slotKey{slot, [keyBytes]byte(keys[slot*keyBytes:])}] += weight
	}
}

// agreed takes in each slot the key that more than half of the weight gave.
func (v *vote) agreed() (keys sampleKeys) {
	for candidate, weight := range v.weights {
		if 2*weight > v.total {
			keys[candidate.slot] = candidate.key
		}
	}
	return keys
}

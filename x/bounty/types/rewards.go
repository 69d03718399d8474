package types

import (
	stdmath "math"
	"math/big"

	"cosmossdk.io/math"
)

// maxKibDays bounds what one operator can prove to have stored in an epoch, so that sums
// over operators stay within 64 bits. It is 64 EiB for a day.
const maxKibDays = 1 << 56

// NewEpochRewards is the record of an epoch in which nobody has earned anything yet.
func NewEpochRewards(epoch uint64) EpochRewards {
	zero := math.ZeroInt()
	return EpochRewards{
		Epoch: epoch, Status: EPOCH_STATUS_ACCRUING,
		Emission: zero, Contributors: zero, Engines: zero, Storage: zero, Claimed: zero,
	}
}

// IsOpen tells whether contributors can claim.
func (r EpochRewards) IsOpen() bool {
	return r.Status == EPOCH_STATUS_PAYING || r.Status == EPOCH_STATUS_CLAIMABLE
}

// Settle fixes what of an emission is paid for the points of the epoch:
//
//	for contributors  ⌊emission · contributors_ppm / 10⁶⌋
//	for engines       ⌊emission · engines_ppm / 10⁶⌋
//	for storage       what remains
//
// each of them as Payout tells.
func (r *EpochRewards) Settle(params Params, emission math.Int) {
	r.Emission = emission
	contributors := Share(emission, uint64(params.ContributorsPpm), ppm)
	engines := Share(emission, uint64(params.EnginesPpm), ppm)
	storage := emission.Sub(contributors).Sub(engines)
	r.Contributors = Payout(contributors, r.ContributorPoints, params.ContributorTargetSamples*ppm)
	r.Engines = Payout(engines, r.EnginePoints, params.EngineTargetSamples*ppm)
	r.Storage = Payout(storage, r.StorageKibDays, params.StorageTargetGibDays<<20)
}

// Reward is what an open epoch pays for points, in uvmt.
func (r EpochRewards) Reward(points uint64) math.Int {
	return Share(r.Contributors, points, r.ContributorPoints)
}

// Payout is what of a part of an emission is paid for points. At the target and above it
// is the whole part; below it is paid in proportion, so that a quiet day does not make
// one sample precious:
//
//	⌊part · min(points, target) / target⌋
func Payout(part math.Int, points, target uint64) math.Int {
	return Share(part, min(points, target), target)
}

// Share is ⌊total · points / sum⌋, and 0 when the sum is.
func Share(total math.Int, points, sum uint64) math.Int {
	if sum == 0 {
		return math.ZeroInt()
	}
	return total.Mul(math.NewIntFromUint64(points)).Quo(math.NewIntFromUint64(sum))
}

// Room is how many points a contributor may still be given in an epoch, in millionths of
// a sample: no end of them when it is established, else
//
//	newcomer_points − what it has in the epoch
func Room(params Params, standing, inEpoch uint64) uint64 {
	switch {
	case standing >= params.EstablishedPoints:
		return stdmath.MaxUint64
	case inEpoch >= params.NewcomerPoints:
		return 0
	}
	return params.NewcomerPoints - inEpoch
}

// Storing is what the attesters of an epoch had to store.
type Storing struct {
	// Bytes of all samples, each to be kept by Replication of the Attesters.
	Bytes                  uint64
	Replication, Attesters uint64
	// Seconds is how long the epoch lasted.
	Seconds uint64
}

// KibDays is what an operator stored that proved so many of its challenges. Each sample
// is with min(replication, attesters) of the attesters:
//
//	⌊bytes · min(replication, attesters) · proved · seconds / (attesters · challenged · 86400 · 1024)⌋
//
// It is 0 without attesters or challenges, and at most maxKibDays.
func (s Storing) KibDays(proved, challenged uint32) uint64 {
	if s.Attesters == 0 || challenged == 0 {
		return 0
	}
	days := product(s.Bytes, min(s.Replication, s.Attesters), uint64(proved), s.Seconds)
	days.Quo(days, product(s.Attesters, uint64(challenged), day, 1024))
	if !days.IsUint64() {
		return maxKibDays
	}
	return min(days.Uint64(), maxKibDays)
}

func product(factors ...uint64) *big.Int {
	result := big.NewInt(1)
	for _, factor := range factors {
		result.Mul(result, new(big.Int).SetUint64(factor))
	}
	return result
}

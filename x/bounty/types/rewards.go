package types

import (
	stdmath "math"

	"cosmossdk.io/math"
)

// NewEpochRewards is the record of an epoch in which nobody has earned anything yet.
func NewEpochRewards(epoch uint64) EpochRewards {
	zero := math.ZeroInt()
	return EpochRewards{
		Epoch: epoch, Status: EPOCH_STATUS_ACCRUING,
		Emission: zero, Contributors: zero, Engines: zero, Storage: zero, Claimed: zero,
	}
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

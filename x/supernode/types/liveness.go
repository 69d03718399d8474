package types

import (
	"math"
	"math/bits"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Push enters a duty into the ring of the newest window duties. A ring of another
// window is given up for an empty one.
func (l *Liveness) Push(missed bool, window uint32) {
	if !l.fits(window) {
		l.Clear(window)
	}
	at, bit := l.Next/8, byte(1)<<(l.Next%8)
	if l.Missed[at]&bit != 0 {
		l.Missed[at] &^= bit
		l.MissedCount--
	}
	if missed {
		l.Missed[at] |= bit
		l.MissedCount++
	}
	l.Next = (l.Next + 1) % window
	l.Observed = min(l.Observed+1, window)
	if l.UnjailedDuties < math.MaxUint32 {
		l.UnjailedDuties++
	}
}

// Clear empties the ring, for window duties. The counters of the epoch stay.
func (l *Liveness) Clear(window uint32) {
	l.Missed = make([]byte, ringBytes(window))
	l.Next, l.Observed, l.MissedCount = 0, 0, 0
}

// fits tells whether the ring can go on with a window. A full ring shows for how many
// duties it was made; one that is not yet full serves every window of its size.
func (l Liveness) fits(window uint32) bool {
	return len(l.Missed) == ringBytes(window) && l.Next < window && l.Observed <= window &&
		(l.Observed == window || l.Observed == l.Next)
}

func ringBytes(window uint32) int { return int(window+7) / 8 }

// MissesTooMuch tells whether fewer than min_performed_ppm of a full window can have been
// performed. It need not be full: what is missed already is missed.
func (l Liveness) MissesTooMuch(p Params) bool {
	allowed := uint64(p.LivenessWindow) * uint64(ppm-p.MinPerformedPpm)
	return uint64(l.MissedCount)*ppm > allowed
}

// Enter makes an epoch the one whose duties are counted, and tells whether it is. A duty of
// an epoch before it came late and is not counted.
func (l *Liveness) Enter(epoch uint64) bool {
	if epoch > l.Epoch {
		l.Epoch = epoch
		l.Attested, l.Unrevealed, l.StorageMissed, l.StorageProved = 0, 0, 0, 0
		l.StorageSlashed = false
	}
	return epoch == l.Epoch
}

// StorageFraud tells whether the misses of the epoch are to be slashed, which they are once.
// It was there, for it attested meanwhile, and could not show what it must store.
func (l Liveness) StorageFraud(p Params) bool {
	return !l.StorageSlashed && l.StorageMissed > p.StorageMissTolerance
}

// Validate returns the operator of a record whose ring is whole, or ErrInvalidAddress or
// ErrInvalidGenesis naming the field below the given one.
func (l Liveness) Validate(field string) (sdk.AccAddress, error) {
	operator, err := parseCanonical(field+".operator", l.Operator)
	if err != nil {
		return nil, err
	}
	size := uint32(len(l.Missed)) * 8
	if len(l.Missed) < 1 || len(l.Missed) > MaxLivenessWindow/8 || l.Observed > size || l.Next > l.Observed || l.Next >= size {
		return nil, ErrInvalidGenesis.Wrapf("%s: next %d and observed %d do not go with a ring of %d bytes", field, l.Next, l.Observed, len(l.Missed))
	}
	set := 0
	for _, b := range l.Missed {
		set += bits.OnesCount8(b)
	}
	if uint32(set) != l.MissedCount || l.MissedCount > l.Observed {
		return nil, ErrInvalidGenesis.Wrapf("%s.missed_count is %d, the ring of %d observed has %d", field, l.MissedCount, l.Observed, set)
	}
	return operator, nil
}

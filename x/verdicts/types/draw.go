package types

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const appealDomain = "virusmap/appeal/v1"

// AppealSeed is what the panel of an appeal's level is drawn with:
//
//	SHA-256(domain || beacon value || sample sha256 || level32)
//
// The level is big-endian. Only the beacon is unknown to who asks for the level.
func AppealSeed(beacon, sample []byte, level uint32) []byte {
	preimage := slices.Concat([]byte(appealDomain), beacon, sample)
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(preimage, level))
	return sum[:]
}

// candidate is a seat that can still be drawn.
type candidate struct {
	operator sdk.AccAddress
	stake    *big.Int
}

// DrawByStake draws n operators without replacement, each time with chances in
// proportion to the stake of those that are left, and returns them in ascending
// order; all of them when there are not more than n. Draw i takes the operator on
// whose stake the number
//
//	SHA-256(seed || i64) mod (sum of the stakes that are left)
//
// falls when the stakes lie end to end in ascending operator order. A stake is below
// 2^64 and a set below 2^12 seats, so the modulus shifts no chance by more than 2^-180.
func DrawByStake(seats []supernodetypes.Seat, seed []byte, n int) ([]sdk.AccAddress, error) {
	left, err := candidates(seats)
	if err != nil {
		return nil, err
	}
	total := new(big.Int)
	for _, c := range left {
		total.Add(total, c.stake)
	}
	drawn := make([]sdk.AccAddress, 0, min(n, len(left)))
	for i := uint64(0); len(drawn) < n && total.Sign() > 0; i++ {
		at := fallsOn(left, ticket(seed, i, total))
		drawn = append(drawn, left[at].operator)
		total.Sub(total, left[at].stake)
		left = slices.Delete(left, at, at+1)
	}
	slices.SortFunc(drawn, func(a, b sdk.AccAddress) int { return bytes.Compare(a, b) })
	return drawn, nil
}

// candidates returns the seats in ascending operator order.
func candidates(seats []supernodetypes.Seat) ([]candidate, error) {
	all := make([]candidate, len(seats))
	for i, seat := range seats {
		operator, err := sdk.AccAddressFromBech32(seat.Operator)
		if err != nil {
			return nil, ErrInvalidAddress.Wrapf("seat %d: %s", i, err)
		}
		all[i] = candidate{operator, seat.Stake.BigInt()}
	}
	slices.SortFunc(all, func(a, b candidate) int { return bytes.Compare(a.operator, b.operator) })
	return all, nil
}

func ticket(seed []byte, i uint64, total *big.Int) *big.Int {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(slices.Clone(seed), i))
	number := new(big.Int).SetBytes(sum[:])
	return number.Mod(number, total)
}

// fallsOn returns the candidate on whose stake the number lies, which is below their sum.
func fallsOn(left []candidate, number *big.Int) int {
	for i, c := range left {
		if number.Cmp(c.stake) < 0 {
			return i
		}
		number.Sub(number, c.stake)
	}
	return len(left) - 1
}

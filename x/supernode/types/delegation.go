package types

import (
	"crypto/sha256"
	"strings"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// NewDelegation is a delegation without shares.
func NewDelegation(operator, delegator string) Delegation {
	zero := math.ZeroInt()
	return Delegation{Delegator: delegator, Operator: operator, Shares: zero, RewardIndex: zero, Rewards: zero}
}

// IsEmpty tells that nothing is left of a delegation, nor is anything on its way.
func (d Delegation) IsEmpty() bool {
	return d.Shares.IsZero() && d.Rewards.IsZero() && d.Unbondings == 0
}

// unbondingIDBytes is how much of the hash tells unbondings apart.
const unbondingIDBytes = 20

// Key is the place in the queue: the release time, and 20 bytes of the SHA-256 of
// delegator, operator and destination. Whatever leaves on the same way at the same
// time has the same key and is one entry.
func (u Unbonding) Key() collections.Pair[int64, []byte] {
	way := strings.Join([]string{u.Delegator, u.Operator, u.Destination}, "/")
	id := sha256.Sum256([]byte(way))
	return collections.Join(u.ReleaseTime, id[:unbondingIDBytes])
}

// CheckAmount returns ErrInvalidAmount unless field holds 0 to MaxStake of the bond denom.
func (p Params) CheckAmount(field string, coin sdk.Coin) error {
	if err := coin.Validate(); err != nil {
		return ErrInvalidAmount.Wrapf("%s: %v", field, err)
	}
	if coin.Denom != p.MinSelfBond.Denom {
		return ErrInvalidAmount.Wrapf("%s is in %s, want %s", field, coin.Denom, p.MinSelfBond.Denom)
	}
	if !coin.Amount.IsUint64() {
		return ErrInvalidAmount.Wrapf("%s is %s, want at most %d", field, coin.Amount, uint64(MaxStake))
	}
	return nil
}

// CheckDelegation returns ErrInvalidAmount unless field holds at least min_delegation
// of the bond denom.
func (p Params) CheckDelegation(field string, coin sdk.Coin) error {
	if err := p.CheckAmount(field, coin); err != nil {
		return err
	}
	if coin.Amount.LT(math.NewIntFromUint64(p.MinDelegation)) {
		return ErrInvalidAmount.Wrapf("%s is %s, want at least %d", field, coin, p.MinDelegation)
	}
	return nil
}

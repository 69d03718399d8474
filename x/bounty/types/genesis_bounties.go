package types

import (
	"bytes"
	"crypto/sha256"

	"cosmossdk.io/math"

	errorsmod "cosmossdk.io/errors"
)

const (
	// maxWanted and maxFunders are the hard bounds of the parameters of these names.
	maxWanted  = 256
	maxFunders = 100
	// maxStakeBits keeps the sums of stakes far from the limits of math.Int.
	maxStakeBits = 128
)

// validateBounties checks the running bounties with their stakes and matches, all in the
// order of their keys.
func (gs GenesisState) validateBounties() error {
	running := make(map[string]Bounty, len(gs.Bounties))
	wanted := 0
	for i, bounty := range gs.Bounties {
		if err := bounty.validate(); err != nil {
			return errorsmod.Wrapf(err, "bounties[%d]", i)
		}
		if i > 0 && bytes.Compare(gs.Bounties[i-1].Id, bounty.Id) >= 0 {
			return ErrInvalidGenesis.Wrapf("bounties[%d]: %x is not in ascending order", i, bounty.Id)
		}
		if bounty.Kind.Wanted() {
			wanted++
		}
		running[string(bounty.Id)] = bounty
	}
	if wanted > maxWanted {
		return ErrInvalidGenesis.Wrapf("bounties: %d are wanted ones, at most %d", wanted, maxWanted)
	}
	if err := gs.validateStakes(running); err != nil {
		return err
	}
	return gs.validateMatches(running)
}

func (b Bounty) validate() error {
	if err := ValidateTarget(b.Kind, b.Target); err != nil {
		return err
	}
	funder, err := ParseAddress("funder", b.Funder)
	if err != nil {
		return err
	}
	switch {
	case funder.String() != b.Funder:
		return ErrInvalidGenesis.Wrapf("funder: %q is not written as %s", b.Funder, funder)
	case !bytes.Equal(b.Id, BountyID(b.Kind, b.Target, funder)):
		return ErrInvalidGenesis.Wrapf("id: %x is not of its kind, target and funder", b.Id)
	case b.Amount.IsNil() || !b.Amount.IsPositive():
		return ErrInvalidGenesis.Wrapf("amount: %s, want a positive one", b.Amount)
	case b.Stage != 0 && !b.Kind.Wanted():
		return ErrInvalidGenesis.Wrapf("stage: %d on a sample, want 0", b.Stage)
	case b.PostedHeight < 0:
		return ErrInvalidGenesis.Wrapf("posted_height: %d is negative", b.PostedHeight)
	case b.ExpiryTime <= b.PostedTime:
		return ErrInvalidGenesis.Wrapf("expiry_time: %d is not after posted_time %d", b.ExpiryTime, b.PostedTime)
	}
	return nil
}

// validateStakes: each bounty's stakes sum up to its amount.
func (gs GenesisState) validateStakes(running map[string]Bounty) error {
	sums, counts := make(map[string]math.Int), make(map[string]int)
	var last []byte
	for i, stake := range gs.Stakes {
		funder, err := ParseAddress("funder", stake.Funder)
		if err != nil {
			return errorsmod.Wrapf(err, "stakes[%d]", i)
		}
		bounty, found := running[string(stake.Bounty)]
		key := append(bytes.Clone(stake.Bounty), funder...)
		switch {
		case !found:
			return ErrInvalidGenesis.Wrapf("stakes[%d]: no bounty %x", i, stake.Bounty)
		case funder.String() != stake.Funder:
			return ErrInvalidGenesis.Wrapf("stakes[%d].funder: %q is not written as %s", i, stake.Funder, funder)
		case i > 0 && bytes.Compare(last, key) >= 0:
			return ErrInvalidGenesis.Wrapf("stakes[%d]: (%x, %s) is not in ascending order", i, stake.Bounty, stake.Funder)
		case stake.Amount.IsNil() || !stake.Amount.IsPositive() || stake.Amount.BigInt().BitLen() > maxStakeBits:
			return ErrInvalidGenesis.Wrapf("stakes[%d].amount: %s, want a positive one of at most %d bits", i, stake.Amount, maxStakeBits)
		}
		id := string(bounty.Id)
		if counts[id]++; counts[id] > maxFunders {
			return ErrInvalidGenesis.Wrapf("stakes[%d]: bounty %x has more than %d funders", i, stake.Bounty, maxFunders)
		}
		if counts[id] == 1 {
			sums[id] = math.ZeroInt()
		}
		sums[id], last = sums[id].Add(stake.Amount), key
	}
	for i, bounty := range gs.Bounties {
		if sum := sums[string(bounty.Id)]; sum.IsNil() || !sum.Equal(bounty.Amount) {
			return ErrInvalidGenesis.Wrapf("bounties[%d].amount: %s, but the stakes are %s", i, bounty.Amount, sum)
		}
	}
	return nil
}

// validateMatches: matches are of running wanted bounties.
func (gs GenesisState) validateMatches(running map[string]Bounty) error {
	counts := make(map[string]int)
	var last []byte
	for i, match := range gs.Matches {
		bounty, found := running[string(match.Bounty)]
		key := append(bytes.Clone(match.Bounty), match.Sha256...)
		switch {
		case !found || !bounty.Kind.Wanted():
			return ErrInvalidGenesis.Wrapf("matches[%d]: no wanted bounty %x", i, match.Bounty)
		case len(match.Sha256) != sha256.Size:
			return ErrInvalidGenesis.Wrapf("matches[%d].sha256: %d bytes, want %d", i, len(match.Sha256), sha256.Size)
		case i > 0 && bytes.Compare(last, key) >= 0:
			return ErrInvalidGenesis.Wrapf("matches[%d]: (%x, %x) is not in ascending order", i, match.Bounty, match.Sha256)
		case match.DueHeight < 0:
			return ErrInvalidGenesis.Wrapf("matches[%d].due_height: %d is negative", i, match.DueHeight)
		}
		if counts[string(match.Bounty)]++; counts[string(match.Bounty)] > MaxMatches {
			return ErrInvalidGenesis.Wrapf("matches[%d]: bounty %x has more than %d", i, match.Bounty, MaxMatches)
		}
		last = key
	}
	return nil
}

package types

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis is an empty register with the default parameters.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams()}
}

// Validate returns an error naming the first entry that is malformed, occurs
// twice or contradicts another. Whether bonds and pools are funded is known to x/bank alone
// and is checked by InitGenesis.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if err := gs.validateSupernodes(); err != nil {
		return err
	}
	if err := gs.ValidateDelegations(); err != nil {
		return err
	}
	if err := gs.validateSeats(); err != nil {
		return err
	}
	if err := gs.validateVaultKeys(); err != nil {
		return err
	}
	return gs.validateLiveness()
}

// Current is the newest epoch; its number is 0 when there is none.
func (gs GenesisState) Current() Epoch {
	var current Epoch
	for _, epoch := range gs.Epochs {
		if epoch.Number > current.Number {
			current = epoch
		}
	}
	return current
}

func (gs GenesisState) validateSupernodes() error {
	operators := make(map[string]bool, len(gs.Supernodes))
	sidecars := make(map[string]bool, len(gs.Supernodes))
	for i, supernode := range gs.Supernodes {
		field := fmt.Sprintf("supernodes[%d]", i)
		if err := supernode.validate(field); err != nil {
			return err
		}
		if operators[supernode.Operator] {
			return ErrInvalidGenesis.Wrapf("%s.operator %s occurs twice", field, supernode.Operator)
		}
		if sidecars[supernode.Profile.Sidecar] {
			return ErrInvalidGenesis.Wrapf("%s.profile.sidecar %s occurs twice", field, supernode.Profile.Sidecar)
		}
		operators[supernode.Operator] = true
		sidecars[supernode.Profile.Sidecar] = true
	}
	return nil
}

func (s Supernode) validate(field string) error {
	if _, err := parseCanonical(field+".operator", s.Operator); err != nil {
		return err
	}
	if err := s.Profile.Validate(); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	if _, err := parseCanonical(field+".profile.sidecar", s.Profile.Sidecar); err != nil {
		return err
	}
	if err := CheckStake(s.SelfBond); err != nil {
		return fmt.Errorf("%s.self_bond: %w", field, err)
	}
	if s.RegisteredHeight < 0 {
		return ErrInvalidGenesis.Wrapf("%s.registered_height is %d, want 0 or more", field, s.RegisteredHeight)
	}
	switch {
	case s.Status == STATUS_CANDIDATE && s.ReleaseTime == 0 && s.JailedUntil == 0:
	case s.Status == STATUS_RETIRED && s.ReleaseTime > 0 && s.JailedUntil == 0:
	case s.Status == STATUS_JAILED && s.ReleaseTime == 0 && s.JailedUntil > 0:
	default:
		return ErrInvalidGenesis.Wrapf("%s: status %s does not go with release_time %d and jailed_until %d", field, s.Status, s.ReleaseTime, s.JailedUntil)
	}
	return nil
}

func (gs GenesisState) validateSeats() error {
	tables := make(map[uint64][]Seat, len(gs.Epochs))
	for i, seat := range gs.Seats {
		field := fmt.Sprintf("seats[%d]", i)
		if _, err := parseCanonical(field+".operator", seat.Operator); err != nil {
			return err
		}
		if err := CheckStake(seat.Stake); err != nil {
			return fmt.Errorf("%s.stake: %w", field, err)
		}
		tables[seat.Epoch] = append(tables[seat.Epoch], seat)
	}
	numbers := make(map[uint64]bool, len(gs.Epochs))
	for i, epoch := range gs.Epochs {
		field := fmt.Sprintf("epochs[%d]", i)
		if epoch.Number == 0 || epoch.StartHeight < 0 {
			return ErrInvalidGenesis.Wrapf("%s: number %d or start_height %d is too small", field, epoch.Number, epoch.StartHeight)
		}
		if numbers[epoch.Number] {
			return ErrInvalidGenesis.Wrapf("%s.number %d occurs twice", field, epoch.Number)
		}
		numbers[epoch.Number] = true
		if err := epoch.ValidateSeats(tables[epoch.Number]); err != nil {
			return fmt.Errorf("%s: %w", field, err)
		}
	}
	for i, seat := range gs.Seats {
		if !numbers[seat.Epoch] {
			return ErrInvalidGenesis.Wrapf("seats[%d].epoch %d has no epoch", i, seat.Epoch)
		}
	}
	return nil
}

// ValidateSeats returns ErrInvalidGenesis unless seats, in any order, are the
// whole table of the epoch: each operator once, ranked from 0 by stake.
func (e Epoch) ValidateSeats(seats []Seat) error {
	if len(seats) != int(e.Seats) || e.Seats > MaxActiveLimit {
		return ErrInvalidGenesis.Wrapf("epoch %d: %d rows for %d seats, at most %d", e.Number, len(seats), e.Seats, MaxActiveLimit)
	}
	ranked := slices.SortedFunc(slices.Values(seats), func(a, b Seat) int { return cmp.Compare(a.Rank, b.Rank) })
	operators := make(map[string]bool, len(ranked))
	for i, seat := range ranked {
		if operators[seat.Operator] {
			return ErrInvalidGenesis.Wrapf("epoch %d: %s has two seats", e.Number, seat.Operator)
		}
		operators[seat.Operator] = true
		if seat.Epoch != e.Number || int(seat.Rank) != i {
			return ErrInvalidGenesis.Wrapf("epoch %d: seat of %s has epoch %d and rank %d, want rank %d", e.Number, seat.Operator, seat.Epoch, seat.Rank, i)
		}
		if i == 0 {
			continue
		}
		ordered, err := ranked[i-1].before(seat)
		if err != nil {
			return err
		}
		if !ordered {
			return ErrInvalidGenesis.Wrapf("epoch %d: rank %d does not go before rank %d", e.Number, i-1, i)
		}
	}
	return nil
}

// before tells whether s ranks before other: the larger stake first, then the
// smaller operator bytes.
func (s Seat) before(other Seat) (bool, error) {
	if !s.Stake.Equal(other.Stake) {
		return s.Stake.GT(other.Stake), nil
	}
	operator, err := ParseAddress("operator", s.Operator)
	if err != nil {
		return false, err
	}
	next, err := ParseAddress("operator", other.Operator)
	if err != nil {
		return false, err
	}
	return bytes.Compare(operator, next) < 0, nil
}

func (gs GenesisState) validateVaultKeys() error {
	current := gs.Current().Number
	published := make(map[uint64]bool, len(gs.VaultKeys))
	for i, key := range gs.VaultKeys {
		field := fmt.Sprintf("vault_keys[%d]", i)
		if key.Epoch == 0 || key.Epoch > current || published[key.Epoch] {
			return ErrInvalidGenesis.Wrapf("%s.epoch is %d, want each of 1 to %d at most once", field, key.Epoch, current)
		}
		if _, err := parseCanonical(field+".maker", key.Maker); err != nil {
			return err
		}
		if _, err := ParseRecipient(field+".recipient", key.Recipient); err != nil {
			return err
		}
		if key.Height < 0 {
			return ErrInvalidGenesis.Wrapf("%s.height is %d, want 0 or more", field, key.Height)
		}
		published[key.Epoch] = true
	}
	sealed := make(map[string]bool, len(gs.SealedKeys))
	for i, key := range gs.SealedKeys {
		field := fmt.Sprintf("sealed_keys[%d]", i)
		if _, err := key.Validate(field); err != nil {
			return err
		}
		if _, err := parseCanonical(field+".operator", key.Operator); err != nil {
			return err
		}
		if size := len(key.RecipientHash); size != 0 && size != sha256.Size {
			return ErrInvalidGenesis.Wrapf("%s.recipient_hash has %d bytes, want none or %d", field, size, sha256.Size)
		}
		if !published[key.Epoch] {
			return ErrInvalidGenesis.Wrapf("%s.epoch %d has no vault key", field, key.Epoch)
		}
		id := fmt.Sprintf("%d/%s", key.Epoch, key.Operator)
		if sealed[id] {
			return ErrInvalidGenesis.Wrapf("%s: epoch and operator occur twice: %s", field, id)
		}
		sealed[id] = true
	}
	return nil
}

// parseCanonical also refuses an address that is spelled otherwise than the chain
// spells it (bech32 allows upper case), for then equal accounts could look unequal.
func parseCanonical(field, bech32 string) (sdk.AccAddress, error) {
	account, err := ParseAddress(field, bech32)
	if err != nil {
		return nil, err
	}
	if account.String() != bech32 {
		return nil, ErrInvalidAddress.Wrapf("%s %q is not in lower case", field, bech32)
	}
	return account, nil
}

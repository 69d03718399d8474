package types

import (
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// maxAmountBits bounds amounts of state, so that products with points stay far
	// below the 256 bits of math.Int.
	maxAmountBits = 64
	// maxPoints bounds sums of points, so that what is added to them stays within 64 bits.
	maxPoints = 1 << 62
)

// books adds up what the entries of a genesis take from the records of its epochs.
type books struct {
	epochs map[uint64]EpochRewards
	// contributor and engine are the points of an epoch that no entry has taken yet, kibDays
	// the storage.
	contributor, engine, kibDays map[uint64]uint64
}

// ValidateTreasury returns an error naming the first entry of the schedule, the ledger or
// the epochs with their points and works that is malformed, occurs twice, or contradicts
// another.
func (gs GenesisState) ValidateTreasury() error {
	if err := gs.Schedule.Validate(); err != nil {
		return err
	}
	if err := checkNatural("burned", gs.Burned); err != nil {
		return err
	}
	b, err := gs.validateEpochs()
	if err != nil {
		return err
	}
	if err := gs.validateLedger(); err != nil {
		return err
	}
	if err := gs.validatePoints(b); err != nil {
		return err
	}
	return gs.validateWorks(b)
}

// validateEpochs wants the epochs in ascending order, those before next_epoch settled.
func (gs GenesisState) validateEpochs() (books, error) {
	b := books{
		epochs:      make(map[uint64]EpochRewards, len(gs.Epochs)),
		contributor: make(map[uint64]uint64, len(gs.Epochs)), engine: make(map[uint64]uint64, len(gs.Epochs)),
		kibDays: make(map[uint64]uint64, len(gs.Epochs)),
	}
	for i, rewards := range gs.Epochs {
		field := fmt.Sprintf("epochs[%d]", i)
		if i > 0 && gs.Epochs[i-1].Epoch >= rewards.Epoch {
			return b, ErrInvalidGenesis.Wrapf("%s: epoch %d is out of order", field, rewards.Epoch)
		}
		if err := rewards.validate(field, gs.NextEpoch); err != nil {
			return b, err
		}
		b.epochs[rewards.Epoch] = rewards
		b.contributor[rewards.Epoch], b.engine[rewards.Epoch] = rewards.ContributorPoints, rewards.EnginePoints
		b.kibDays[rewards.Epoch] = rewards.StorageKibDays
	}
	return b, nil
}

func (r EpochRewards) validate(field string, next uint64) error {
	for _, amount := range []struct {
		name  string
		value math.Int
	}{
		{"emission", r.Emission},
		{"contributors", r.Contributors},
		{"engines", r.Engines},
		{"storage", r.Storage},
		{"claimed", r.Claimed},
	} {
		if err := checkNatural(field+"."+amount.name, amount.value); err != nil {
			return err
		}
	}
	if r.ContributorPoints > maxPoints || r.EnginePoints > maxPoints || r.StorageKibDays > maxPoints {
		return ErrInvalidGenesis.Wrapf("%s: %d or %d points or %d KiB-days are over %d",
			field, r.ContributorPoints, r.EnginePoints, r.StorageKibDays, uint64(maxPoints))
	}
	paid := r.Contributors.Add(r.Engines).Add(r.Storage)
	if paid.GT(r.Emission) || r.Claimed.GT(r.Contributors) {
		return ErrInvalidGenesis.Wrapf("%s: %s of an emission of %s, and %s claimed of %s", field, paid, r.Emission, r.Claimed, r.Contributors)
	}
	var right bool
	switch accruing := r.Epoch >= next; r.Status {
	case EPOCH_STATUS_ACCRUING:
		right = accruing && r.Emission.IsZero() && r.StorageKibDays == 0 && r.SettledTime == 0 && r.CloseTime == 0
	case EPOCH_STATUS_PAYING: // one at a time
		right = r.Epoch+1 == next && r.CloseTime > r.SettledTime && r.Claimed.IsZero()
	case EPOCH_STATUS_CLAIMABLE:
		right = !accruing && r.CloseTime > r.SettledTime && r.Claimed.IsZero()
	case EPOCH_STATUS_CLOSED:
		right = !accruing && r.CloseTime > r.SettledTime
	}
	if !right {
		return ErrInvalidGenesis.Wrapf("%s: epoch %d is %s with next_epoch %d, emission %s, claimed %s, settled_time %d and close_time %d",
			field, r.Epoch, r.Status, next, r.Emission, r.Claimed, r.SettledTime, r.CloseTime)
	}
	return nil
}

// validateLedger: what contributors got is what the closed epochs say, and no more left
// the treasury than it had.
func (gs GenesisState) validateLedger() error {
	for _, amount := range []struct {
		name  string
		value math.Int
	}{
		{"contributors", gs.Ledger.Contributors},
		{"engines", gs.Ledger.Engines},
		{"storage", gs.Ledger.Storage},
	} {
		if err := checkNatural("ledger."+amount.name, amount.value); err != nil {
			return err
		}
	}
	claimed := math.ZeroInt()
	for _, rewards := range gs.Epochs {
		claimed = claimed.Add(rewards.Claimed)
	}
	if !claimed.Equal(gs.Ledger.Contributors) {
		return ErrInvalidGenesis.Wrapf("ledger.contributors is %s, the closed epochs have %s", gs.Ledger.Contributors, claimed)
	}
	if gone := gs.Ledger.Sum().Add(OpenRewards(gs.Epochs)); gone.GT(gs.Schedule.Treasury) {
		return ErrInvalidGenesis.Wrapf("%s left the treasury, it had %s", gone, gs.Schedule.Treasury)
	}
	return nil
}

// validatePoints: the points of an epoch sum up to its record, unless they are being
// pruned, and nobody has more of them than its standing.
func (gs GenesisState) validatePoints(b books) error {
	standings := make(map[string]uint64, len(gs.Standings))
	for i, standing := range gs.Standings {
		field := fmt.Sprintf("standings[%d]", i)
		if err := checkAddress(field+".contributor", standing.Contributor); err != nil {
			return err
		}
		if _, twice := standings[standing.Contributor]; twice {
			return ErrInvalidGenesis.Wrapf("%s: contributor %s occurs twice", field, standing.Contributor)
		}
		if standing.Points == 0 || standing.Points > maxPoints {
			return ErrInvalidGenesis.Wrapf("%s.points is %d, want 1..%d", field, standing.Points, uint64(maxPoints))
		}
		standings[standing.Contributor] = standing.Points
	}
	seen := make(map[string]bool, len(gs.Points))
	for i, points := range gs.Points {
		field := fmt.Sprintf("points[%d]", i)
		if err := checkAddress(field+".contributor", points.Contributor); err != nil {
			return err
		}
		key := fmt.Sprintf("%s/%d", points.Contributor, points.Epoch)
		if seen[key] {
			return ErrInvalidGenesis.Wrapf("%s: %s occurs twice", field, key)
		}
		seen[key] = true
		if err := points.validate(field, b.epochs); err != nil {
			return err
		}
		if !take(b.contributor, points.Epoch, points.Points) {
			return ErrInvalidGenesis.Wrapf("%s: more points than the %d of epoch %d", field, b.epochs[points.Epoch].ContributorPoints, points.Epoch)
		}
		if !take(standings, points.Contributor, points.Points) {
			return ErrInvalidGenesis.Wrapf("%s: more points than the standing of %s", field, points.Contributor)
		}
	}
	for i, rewards := range gs.Epochs {
		if left := b.contributor[rewards.Epoch]; left > 0 && rewards.Status != EPOCH_STATUS_CLOSED {
			return ErrInvalidGenesis.Wrapf("epochs[%d]: %d of %d points belong to nobody", i, left, rewards.ContributorPoints)
		}
	}
	return nil
}

func (p Points) validate(field string, epochs map[uint64]EpochRewards) error {
	rewards, known := epochs[p.Epoch]
	if !known || p.Points == 0 {
		return ErrInvalidGenesis.Wrapf("%s: %d points in epoch %d, want 1 or more in a known one", field, p.Points, p.Epoch)
	}
	if err := checkNatural(field+".claimed", p.Claimed); err != nil {
		return err
	}
	if p.Claimed.IsPositive() && !p.Claimed.Equal(rewards.Reward(p.Points)) {
		return ErrInvalidGenesis.Wrapf("%s: %s claimed, want 0 or %s", field, p.Claimed, rewards.Reward(p.Points))
	}
	return nil
}

// validateWorks: works are of epochs that have not paid all operators. Their points sum
// up to the record of the epoch, less what is paid.
func (gs GenesisState) validateWorks(b books) error {
	seen := make(map[string]bool, len(gs.Works))
	for i, work := range gs.Works {
		field := fmt.Sprintf("works[%d]", i)
		if err := checkAddress(field+".operator", work.Operator); err != nil {
			return err
		}
		key := fmt.Sprintf("%d/%s", work.Epoch, work.Operator)
		if seen[key] {
			return ErrInvalidGenesis.Wrapf("%s: %s occurs twice", field, key)
		}
		seen[key] = true
		if accruing := work.Epoch >= gs.NextEpoch; !accruing && b.epochs[work.Epoch].Status != EPOCH_STATUS_PAYING {
			return ErrInvalidGenesis.Wrapf("%s: epoch %d has paid its operators", field, work.Epoch)
		}
		if work.Proved > work.Challenged || work.EnginePoints == 0 && work.Challenged == 0 {
			return ErrInvalidGenesis.Wrapf("%s: %d of %d challenges proved, %d points", field, work.Proved, work.Challenged, work.EnginePoints)
		}
		if !take(b.engine, work.Epoch, work.EnginePoints) || !take(b.kibDays, work.Epoch, work.StorageKibDays) {
			return ErrInvalidGenesis.Wrapf("%s: more points or KiB-days than epoch %d has", field, work.Epoch)
		}
	}
	for i, rewards := range gs.Epochs {
		if left := b.engine[rewards.Epoch]; left > 0 && rewards.Status == EPOCH_STATUS_ACCRUING {
			return ErrInvalidGenesis.Wrapf("epochs[%d]: %d of %d engine_points belong to nobody", i, left, rewards.EnginePoints)
		}
	}
	return nil
}

// Sum is all that left the treasury for good, in uvmt.
func (l Ledger) Sum() math.Int { return l.Contributors.Add(l.Engines).Add(l.Storage) }

// OpenRewards is what contributors have claimed of open epochs and can claim yet, in uvmt.
func OpenRewards(epochs []EpochRewards) math.Int {
	sum := math.ZeroInt()
	for _, rewards := range epochs {
		if rewards.IsOpen() {
			sum = sum.Add(rewards.Contributors)
		}
	}
	return sum
}

// take subtracts from what is left under a key, and tells whether there was enough.
func take[K comparable](left map[K]uint64, key K, amount uint64) bool {
	if left[key] < amount {
		return false
	}
	left[key] -= amount
	return true
}

// checkNatural returns ErrInvalidGenesis unless value is a natural number of at most
// maxAmountBits bits.
func checkNatural(field string, value math.Int) error {
	if value.IsNil() || value.IsNegative() || value.BigIntMut().BitLen() > maxAmountBits {
		return ErrInvalidGenesis.Wrapf("%s is %s, want 0 to 2^%d-1", field, value, maxAmountBits)
	}
	return nil
}

// checkAddress also refuses an address that is spelled otherwise than the chain spells it
// (bech32 allows upper case), for then equal accounts could look unequal.
func checkAddress(field, address string) error {
	parsed, err := sdk.AccAddressFromBech32(address)
	if err != nil || parsed.String() != address {
		return ErrInvalidGenesis.Wrapf("%s %q is no address in lower case", field, address)
	}
	return nil
}

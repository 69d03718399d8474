package types

import (
	"bytes"
	"cmp"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// validateAppeals checks the running appeals and the truths, which are in ascending
// order of their samples. The rounds are known to be in order.
func (gs GenesisState) validateAppeals() error {
	for i, appeal := range gs.Appeals {
		if i > 0 && bytes.Compare(gs.Appeals[i-1].Sha256, appeal.Sha256) >= 0 {
			return ErrInvalidGenesis.Wrapf("appeal of %X is out of order", appeal.Sha256)
		}
		if err := gs.validateAppeal(appeal); err != nil {
			return ErrInvalidGenesis.Wrapf("appeal of %X: %s", appeal.Sha256, err)
		}
	}
	for i, truth := range gs.Truths {
		if len(truth.Sha256) != 32 || !truth.Outcome.IsTruth() {
			return ErrInvalidGenesis.Wrapf("truth of %X is %s", truth.Sha256, truth.Outcome)
		}
		if i > 0 && bytes.Compare(gs.Truths[i-1].Sha256, truth.Sha256) >= 0 {
			return ErrInvalidGenesis.Wrapf("truth of %X is out of order", truth.Sha256)
		}
	}
	return nil
}

func (gs GenesisState) validateAppeal(appeal Appeal) error {
	if err := validateClaim(appeal.Sha256, appeal.Claimed, appeal.Evidence); err != nil {
		return err
	}
	if !appeal.ContestedOutcome.Decided() || appeal.ContestedOutcome == appeal.Claimed {
		return ErrInvalidAppeal.Wrapf("contested_outcome is %s with %s claimed", appeal.ContestedOutcome, appeal.Claimed)
	}
	if err := validateBonds(appeal); err != nil {
		return err
	}
	for i, number := range appeal.Rounds {
		if _, found := gs.round(number); !found || (i > 0 && appeal.Rounds[i-1] >= number) {
			return ErrInvalidAppeal.Wrapf("rounds[%d] is %d, which is unknown or out of order", i, number)
		}
	}
	return gs.validateStatus(appeal)
}

// validateBonds wants one bond per level, the appellant's first.
func validateBonds(appeal Appeal) error {
	if appeal.Level >= maxAppealLevels || len(appeal.Bonds) != int(appeal.Level)+1 {
		return ErrInvalidAppeal.Wrapf("%d bonds at level %d, want one per level of at most %d", len(appeal.Bonds), appeal.Level, maxAppealLevels)
	}
	for i, bond := range appeal.Bonds {
		if _, err := sdk.AccAddressFromBech32(bond.Address); err != nil {
			return ErrInvalidAddress.Wrapf("bonds[%d]: %s", i, err)
		}
		if bond.Amount.IsNil() || !bond.Amount.IsPositive() {
			return ErrInvalidBond.Wrapf("bonds[%d] is %s, want a positive amount", i, bond.Amount)
		}
	}
	if first := appeal.Bonds[0]; first.Address != appeal.Appellant || !first.ForAppeal {
		return ErrInvalidBond.Wrapf("bonds[0] is of %s, want the appellant %s for the appeal", first.Address, appeal.Appellant)
	}
	return nil
}

func (gs GenesisState) validateStatus(appeal Appeal) error {
	round, drawn := gs.round(appeal.NewestRound())
	running := drawn && round.FinalHeight == 0 && round.Kind == ROUND_KIND_APPEAL
	decided := appeal.Decision.Decided()
	var right bool
	switch appeal.Status {
	case APPEAL_STATUS_DRAW:
		right = appeal.CloseTime == 0 && !running
	case APPEAL_STATUS_ROUND:
		right = appeal.CloseTime == 0 && running
	case APPEAL_STATUS_DECIDED:
		right = appeal.CloseTime > 0 && !running && drawn && decided
	}
	if !right || (appeal.Level > 0 && !decided) || (!decided && appeal.Decision != OUTCOME_UNSPECIFIED) {
		return ErrInvalidAppeal.Wrapf("level %d is in %s with decision %s, round %d and close_time %d",
			appeal.Level, appeal.Status, appeal.Decision, appeal.NewestRound(), appeal.CloseTime)
	}
	return nil
}

func (gs GenesisState) round(number uint64) (Round, bool) {
	at, found := slices.BinarySearchFunc(gs.Rounds, number, func(round Round, number uint64) int { return cmp.Compare(round.Number, number) })
	if !found {
		return Round{}, false
	}
	return gs.Rounds[at], true
}

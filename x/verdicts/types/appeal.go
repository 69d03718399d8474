package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// MaxEvidenceBytes bounds the evidence of an appeal.
	MaxEvidenceBytes = 512

	// MaxAppealDraws is how many panels in a row may fail to decide a level before the
	// appeal ends undecided.
	MaxAppealDraws = 3

	// maxAppealLevels is the hard bound of the escalation.
	maxAppealLevels = 5
)

// Validate checks the addresses and the shape of an appeal.
func (m *MsgAppeal) Validate() error {
	if _, err := sdk.AccAddressFromBech32(m.Appellant); err != nil {
		return ErrInvalidAddress.Wrapf("appellant: %s", err)
	}
	return validateClaim(m.Sha256, m.Claimed, m.Evidence)
}

// Validate checks the addresses and the shape of an escalation.
func (m *MsgEscalateAppeal) Validate() error {
	if _, err := sdk.AccAddressFromBech32(m.Party); err != nil {
		return ErrInvalidAddress.Wrapf("party: %s", err)
	}
	return validateSample(m.Sha256)
}

func validateClaim(sample []byte, claimed Outcome, evidence string) error {
	if err := validateSample(sample); err != nil {
		return err
	}
	if !claimed.IsTruth() {
		return ErrInvalidAppeal.Wrapf("claimed is %s, want %s or %s", claimed, OUTCOME_CLEAN, OUTCOME_MALICIOUS)
	}
	if len(evidence) > MaxEvidenceBytes {
		return ErrInvalidAppeal.Wrapf("evidence has %d bytes, at most %d", len(evidence), MaxEvidenceBytes)
	}
	if !IsPrintable(evidence) {
		return ErrInvalidAppeal.Wrap("evidence is not printable UTF-8")
	}
	return nil
}

func validateSample(sample []byte) error {
	if len(sample) != 32 {
		return ErrInvalidAppeal.Wrapf("sha256 has %d bytes, want 32", len(sample))
	}
	return nil
}

// CheckAppealBond returns ErrInvalidBond unless bond is at least appeal_bond × 2^level,
// in the same denomination.
func (p Params) CheckAppealBond(bond sdk.Coin, level uint32) error {
	if err := bond.Validate(); err != nil {
		return ErrInvalidBond.Wrapf("bond: %s", err)
	}
	least := sdk.NewCoin(p.AppealBond.Denom, p.AppealBond.Amount.MulRaw(1<<level))
	if bond.Denom != least.Denom || bond.Amount.LT(least.Amount) {
		return ErrInvalidBond.Wrapf("bond is %s, want at least %s at level %d", bond, least, level)
	}
	return nil
}

// PanelSize is how many supernodes judge a level: appeal_panel at level 0, then 2n + 1
// each time, which is (appeal_panel + 1) × 2^level - 1.
func (p Params) PanelSize(level uint32) int {
	return (int(p.AppealPanel)+1)<<level - 1
}

// PanelShare is the part of lost bonds that the panel gets, rounded down.
func (p Params) PanelShare(lost math.Int) math.Int {
	return lost.MulRaw(int64(p.AppealPanelPpm)).QuoRaw(ppm)
}

// NewestRound is the round of the newest draw; 0 before the first.
func (a Appeal) NewestRound() uint64 {
	if len(a.Rounds) == 0 {
		return 0
	}
	return a.Rounds[len(a.Rounds)-1]
}

// Prevailed tells that the newest decision is what the appellant claimed. Any other
// decision lets the contested outcome stand.
func (a Appeal) Prevailed() bool { return a.Decision == a.Claimed }

// Sides parts the bonds by the newest decision.
func (a Appeal) Sides() (winners, losers []AppealBond) {
	for _, bond := range a.Bonds {
		if bond.ForAppeal == a.Prevailed() {
			winners = append(winners, bond)
		} else {
			losers = append(losers, bond)
		}
	}
	return winners, losers
}

// BondSum is the sum of bonds in uvmt.
func BondSum(bonds []AppealBond) math.Int {
	sum := math.ZeroInt()
	for _, bond := range bonds {
		sum = sum.Add(bond.Amount)
	}
	return sum
}

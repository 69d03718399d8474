package types

// Duty is how a supernode performed in a round it had to attest in.
type Duty int

const (
	// DutyDone: it committed and revealed.
	DutyDone Duty = iota
	// DutyMissed: it did not commit.
	DutyMissed
	// DutyUnrevealed: it committed but did not reveal.
	DutyUnrevealed
)

// What EventDutyMissed calls the duties.
const (
	DutyNameRound    = "round"
	DutyNameReveal   = "reveal"
	DutyNameStorage  = "storage"
	DutyNameVaultKey = "vault_key"
)

// Name is what EventDutyMissed calls a duty that was not done.
func (d Duty) Name() string {
	if d == DutyUnrevealed {
		return DutyNameReveal
	}
	return DutyNameRound
}

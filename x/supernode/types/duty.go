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

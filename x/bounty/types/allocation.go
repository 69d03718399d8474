package types

import "cosmossdk.io/math"

// TotalSupply is all uvmt there ever are.
var TotalSupply = math.NewInt(1_000_000_000_000_000)

// Validate checks an allocation against the schedule and what was burned since.
func (a Allocation) Validate(schedule Schedule, burned math.Int) error { return nil }

package types

import "cosmossdk.io/math"

// DefaultGenesis is the state of a chain without an allocation: nobody is paid.
func DefaultGenesis() *GenesisState {
	zero := math.ZeroInt()
	return &GenesisState{
		Params:     DefaultParams(),
		Schedule:   Schedule{Treasury: zero, PeriodEpochs: DefaultPeriodEpochs, Tail: zero},
		Allocation: NoAllocation(),
		Burned:     zero,
		Ledger:     Ledger{Contributors: zero, Engines: zero, Storage: zero},
	}
}

// Validate checks what can be checked without other modules.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if err := gs.ValidateTreasury(); err != nil {
		return err
	}
	if err := gs.Allocation.Validate(gs.Schedule, gs.Burned); err != nil {
		return err
	}
	if err := gs.ValidateScores(); err != nil {
		return err
	}
	return gs.validateBounties()
}

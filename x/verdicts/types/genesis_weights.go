package types

import (
	"bytes"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// validateWeights checks the tables and the windows.
func (gs GenesisState) validateWeights() error {
	for i, table := range gs.Weights {
		if i > 0 && gs.Weights[i-1].Epoch >= table.Epoch {
			return ErrInvalidGenesis.Wrapf("weights of epoch %d are out of order", table.Epoch)
		}
		if err := table.Validate(); err != nil {
			return err
		}
	}
	seen := make(map[[2]string]bool, len(gs.Windows))
	for _, window := range gs.Windows {
		if _, err := sdk.AccAddressFromBech32(window.Operator); err != nil {
			return ErrInvalidGenesis.Wrapf("window of %q: operator: %s", window.Engine, err)
		}
		if err := ValidateEngineName(window.Engine); err != nil {
			return err
		}
		id := [2]string{window.Operator, window.Engine}
		if seen[id] {
			return ErrInvalidGenesis.Wrapf("window of %s/%s stands twice", window.Operator, window.Engine)
		}
		seen[id] = true
		if err := window.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// Validate wants the rows in ascending order and no weight above FullWeight.
func (t WeightTable) Validate() error {
	if t.NewcomerWeight > FullWeight {
		return ErrInvalidGenesis.Wrapf("weights of epoch %d: newcomer_weight is %d, at most %d", t.Epoch, t.NewcomerWeight, FullWeight)
	}
	var last sdk.AccAddress
	for i, row := range t.Rows {
		operator, err := sdk.AccAddressFromBech32(row.Operator)
		if err != nil {
			return ErrInvalidGenesis.Wrapf("weights of epoch %d: operator: %s", t.Epoch, err)
		}
		if i > 0 && !ascend(last, t.Rows[i-1].Engine, operator, row.Engine) {
			return ErrInvalidGenesis.Wrapf("weights of epoch %d: %s/%s is out of order", t.Epoch, row.Operator, row.Engine)
		}
		if row.SkillPpm > ppm || row.BondPpm > ppm || row.IndependencePpm > ppm || row.Weight > FullWeight {
			return ErrInvalidGenesis.Wrapf("weights of epoch %d: %s/%s has a factor above 1", t.Epoch, row.Operator, row.Engine)
		}
		last = operator
	}
	return nil
}

// ascend tells whether one engine comes before another by operator bytes and name.
func ascend(operator sdk.AccAddress, engine string, next sdk.AccAddress, nextEngine string) bool {
	order := bytes.Compare(operator, next)
	return order < 0 || (order == 0 && engine < nextEngine)
}

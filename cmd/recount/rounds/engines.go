package rounds

import (
	"fmt"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// newcomer is the weight of an engine in an epoch that was never weighed.
const newcomer = 1_000_000

// Engine is what one engine said in a round, with the weight of the round's epoch.
type Engine struct {
	Operator, Name string
	Weight         uint64
	Cells          []byte
}

// Engines returns everybody who answered in a round.
func (rs *Rounds) Engines(r *Round) ([]Engine, error) {
	var engines []Engine
	for _, reveal := range r.Reveals {
		for _, vector := range reveal.Attestation.Vectors {
			cells, err := types.UnpackColumn(vector.Column, len(r.Members))
			if err != nil {
				return nil, fmt.Errorf("round %d: %s of %s: %w", reveal.Round, vector.Engine, reveal.Operator, err)
			}
			engines = append(engines, Engine{
				Operator: reveal.Operator, Name: vector.Engine, Cells: cells,
				Weight: rs.Weight(r.Epoch, reveal.Operator, vector.Engine),
			})
		}
	}
	return engines, nil
}

// Weight of an engine in an epoch.
func (rs *Rounds) Weight(epoch uint64, operator, name string) uint64 {
	table, weighed := rs.weights[epoch]
	if !weighed {
		return newcomer
	}
	for _, row := range table.Rows {
		if row.Operator == operator && row.Engine == name {
			return row.Weight
		}
	}
	return table.NewcomerWeight
}

// Table is the weights of an epoch; empty when it was never weighed.
func (rs *Rounds) Table(epoch uint64) types.WeightTable { return rs.weights[epoch] }

// Opinion tells whether a cell speaks of malice, if it says anything definite.
func Opinion(cell byte) (detects, decisive bool) {
	switch types.Category(cell >> 4) {
	case types.CATEGORY_MALICIOUS, types.CATEGORY_SUSPICIOUS:
		return true, true
	case types.CATEGORY_HARMLESS, types.CATEGORY_UNDETECTED:
		return false, true
	default:
		return false, false
	}
}

// Right tells whether a cell says the truth, if it says anything definite.
func Right(cell byte, truth types.Outcome) bool {
	detects, decisive := Opinion(cell)
	return decisive && detects == (truth == types.OUTCOME_MALICIOUS)
}

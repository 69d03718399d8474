package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/bounty/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// scoreEngines gives the operators the points of their engines for a stage; valuesPpm is
// what each member is worth. The columns are in the order of operators.
func (k *Keeper) scoreEngines(ctx context.Context, j verdictstypes.Judgement, valuesPpm []uint32) error {
	slices := make([]uint32, len(valuesPpm))
	for i, value := range valuesPpm {
		slices[i] = types.EngineSlice(j.Source.Rules.SlicesPpm[j.Stage], value)
	}
	points := verdictstypes.Points(j.Columns, j.Truths, slices)
	sum := uint64(0)
	for c, column := range j.Columns {
		sum += points[c]
		if c+1 < len(j.Columns) && j.Columns[c+1].Operator == column.Operator {
			continue
		}
		if sum > 0 {
			operator, err := types.ParseAddress("operator", column.Operator)
			if err != nil {
				return err
			}
			if err := k.addEnginePoints(ctx, operator, sum); err != nil {
				return err
			}
		}
		sum = 0
	}
	return nil
}

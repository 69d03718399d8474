package keeper

import (
	"context"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// scoreEngines gives the operators the points of their engines for a stage; valuesPpm is
// what each member is worth.
func (k *Keeper) scoreEngines(ctx context.Context, j verdictstypes.Judgement, valuesPpm []uint32) error {
	return nil
}

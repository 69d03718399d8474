package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// Slash burns the parameter's part of an operator's bond for a proven fault, and
// delegator_share_ppm of that part from its pool.
func (k *Keeper) Slash(ctx context.Context, operator sdk.AccAddress, fault types.Fault) error {
	return errUnwritten
}

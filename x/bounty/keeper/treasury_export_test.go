package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// GivePoints and AddEnginePoints are what the scores call.
func (k *Keeper) GivePoints(ctx context.Context, contributor sdk.AccAddress, add uint64, params types.Params) (given, capped, epoch uint64, err error) {
	return k.givePoints(ctx, contributor, add, params)
}

func (k *Keeper) AddEnginePoints(ctx context.Context, operator sdk.AccAddress, points uint64) error {
	return k.addEnginePoints(ctx, operator, points)
}

package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (s msgServer) CreateBundle(ctx context.Context, msg *types.MsgCreateBundle) (*types.MsgCreateBundleResponse, error) {
	return nil, errors.New("not written")
}

// discounted is the price of one sample when all of a bundle is ordered at once; it refuses
// items that are not the bundle's samples. An empty bundle changes nothing.
func (k *Keeper) discounted(ctx context.Context, bundle []byte, items []types.Item, price uint64) (uint64, error) {
	return price, nil
}

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/market/types"
)

// initFeeds writes the heads and packages. A genesis time before theirs is refused: minutes
// that are on record would come again.
func (k *Keeper) initFeeds(ctx context.Context, gs types.GenesisState) error {
	now := minute(ctx)
	for i, head := range gs.FeedHeads {
		if head.Minute > now {
			return types.ErrInvalidGenesis.Wrapf("feed_heads[%d]: minute %d is after the %d of the genesis time", i, head.Minute, now)
		}
		if err := k.FeedHeads.Set(ctx, head.Feed, head); err != nil {
			return err
		}
	}
	for i, packaged := range gs.FeedPackages {
		if packaged.Minute >= now {
			return types.ErrInvalidGenesis.Wrapf("feed_packages[%d]: minute %d is not before the %d of the genesis time", i, packaged.Minute, now)
		}
		if err := k.FeedPackages.Set(ctx, collections.Join(packaged.Minute, packaged.Feed), packaged); err != nil {
			return err
		}
	}
	return nil
}

// exportFeeds reads the heads and packages in the order of their keys.
func (k *Keeper) exportFeeds(ctx context.Context, gs *types.GenesisState) error {
	heads, err := k.FeedHeads.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.FeedHeads, err = heads.Values(); err != nil {
		return err
	}
	packages, err := k.FeedPackages.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	gs.FeedPackages, err = packages.Values()
	return err
}

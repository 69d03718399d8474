package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
)

// FeedsInvariant: heads and packages are sound and under their keys, and a minute that
// still grows has no package, nor has a later one.
func (k *Keeper) FeedsInvariant(ctx context.Context) error {
	growing := make(map[string]int64) // only looked up
	err := k.FeedHeads.Walk(ctx, nil, func(feed string, head types.FeedHead) (bool, error) {
		growing[feed] = head.Minute
		if err := head.Validate(); err != nil || feed != head.Feed {
			return true, types.ErrInvariant.Wrapf("head of %q: it says %q (error %v)", feed, head.Feed, err)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.FeedPackages.Walk(ctx, nil, func(key packageKey, packaged types.FeedPackage) (bool, error) {
		if err := packaged.Validate(); err != nil || key.K1() != packaged.Minute || key.K2() != packaged.Feed {
			return true, types.ErrInvariant.Wrapf("package (%d, %q): it says (%d, %q) (error %v)", key.K1(), key.K2(), packaged.Minute, packaged.Feed, err)
		}
		if minute, open := growing[key.K2()]; open && key.K1() >= minute {
			return true, types.ErrInvariant.Wrapf("package (%d, %q) is there, but minute %d still grows", key.K1(), key.K2(), minute)
		}
		return false, nil
	})
}

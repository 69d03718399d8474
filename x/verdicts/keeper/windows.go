package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// observe gives each sample whose truth is known the next position in the error windows.
// Windows of engines that said nothing in the source forget what stood there.
func (k *Keeper) observe(ctx context.Context, s stage, epoch uint64, answered map[string]bool) error {
	from, err := k.WindowPosition.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	resolved := uint64(0)
	for _, truth := range s.truths {
		if truth.IsTruth() {
			resolved++
		}
	}
	if resolved == 0 {
		return nil
	}
	for _, column := range s.columns {
		if err := k.observeColumn(ctx, column, s.truths, from, epoch); err != nil {
			return err
		}
	}
	if err := k.forgetAbsent(ctx, answered, from, resolved); err != nil {
		return err
	}
	return k.WindowPosition.Set(ctx, from+resolved)
}

func (k *Keeper) observeColumn(ctx context.Context, column types.EngineColumn, truths []types.Outcome, position, epoch uint64) error {
	operator, err := sdk.AccAddressFromBech32(column.Operator)
	if err != nil {
		return err
	}
	key := collections.Join(operator, column.Vector.Engine)
	window, err := k.Windows.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	window.Operator, window.Engine, window.Epoch = column.Operator, column.Vector.Engine, epoch
	for i, truth := range truths {
		if truth.IsTruth() {
			window.Observe(position, column.Observation(i, truth))
			position++
		}
	}
	return k.Windows.Set(ctx, key, window)
}

// forgetAbsent clears the positions in the windows of the engines that have not answered.
func (k *Keeper) forgetAbsent(ctx context.Context, answered map[string]bool, from, n uint64) error {
	iterator, err := k.Windows.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	keys, err := iterator.Keys()
	if err != nil {
		return err
	}
	for _, key := range keys {
		if answered[key.K1().String()+"/"+key.K2()] {
			continue
		}
		window, err := k.Windows.Get(ctx, key)
		if err != nil {
			return err
		}
		window.Forget(from, n)
		if err := k.Windows.Set(ctx, key, window); err != nil {
			return err
		}
	}
	return nil
}

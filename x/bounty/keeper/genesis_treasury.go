package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// initTreasury writes the books of the treasury and rebuilds their queues. The bank must
// have its state already: books that no account backs are refused.
func (k *Keeper) initTreasury(ctx context.Context, gs types.GenesisState) error {
	if err := k.Schedule.Set(ctx, gs.Schedule); err != nil {
		return err
	}
	if err := k.Ledger.Set(ctx, gs.Ledger); err != nil {
		return err
	}
	if err := k.NextEpoch.Set(ctx, gs.NextEpoch); err != nil {
		return err
	}
	closed := make(map[uint64]bool)
	for _, rewards := range gs.Epochs {
		if err := k.Epochs.Set(ctx, rewards.Epoch, rewards); err != nil {
			return err
		}
		closed[rewards.Epoch] = rewards.Status == types.EPOCH_STATUS_CLOSED
		if !rewards.IsOpen() {
			continue
		}
		if err := k.Closings.Set(ctx, collections.Join(rewards.CloseTime, rewards.Epoch)); err != nil {
			return err
		}
	}
	if err := k.initPoints(ctx, gs, closed); err != nil {
		return err
	}
	for _, work := range gs.Works {
		operator, err := types.ParseAddress("operator", work.Operator)
		if err != nil {
			return err
		}
		if err := k.Works.Set(ctx, collections.Join(work.Epoch, operator), work); err != nil {
			return err
		}
	}
	return k.checkMoney(ctx, gs)
}

// initPoints writes the points and standings. Closed epochs that have points left are
// those that are being pruned.
func (k *Keeper) initPoints(ctx context.Context, gs types.GenesisState, closed map[uint64]bool) error {
	for _, points := range gs.Points {
		contributor, err := types.ParseAddress("contributor", points.Contributor)
		if err != nil {
			return err
		}
		if err := k.setPoints(ctx, contributor, points); err != nil {
			return err
		}
		if !closed[points.Epoch] {
			continue
		}
		if err := k.ClosedEpochs.Set(ctx, points.Epoch); err != nil {
			return err
		}
	}
	for _, standing := range gs.Standings {
		contributor, err := types.ParseAddress("contributor", standing.Contributor)
		if err != nil {
			return err
		}
		if err := k.Standings.Set(ctx, contributor, standing.Points); err != nil {
			return err
		}
	}
	return nil
}

// exportTreasury reads the books of the treasury.
func (k *Keeper) exportTreasury(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Schedule, err = k.Schedule.Get(ctx); err != nil {
		return err
	}
	if gs.Ledger, err = k.Ledger.Get(ctx); err != nil {
		return err
	}
	if gs.NextEpoch, err = k.NextEpoch.Get(ctx); err != nil {
		return err
	}
	if gs.Epochs, err = values(ctx, k.Epochs); err != nil {
		return err
	}
	if gs.Points, err = values(ctx, k.Points); err != nil {
		return err
	}
	if gs.Works, err = values(ctx, k.Works); err != nil {
		return err
	}
	standings, err := k.Standings.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	entries, err := standings.KeyValues()
	for _, entry := range entries {
		gs.Standings = append(gs.Standings, types.Standing{Contributor: entry.Key.String(), Points: entry.Value})
	}
	return err
}

// values returns all values of a collection in key order.
func values[K, V any](ctx context.Context, entries collections.Map[K, V]) ([]V, error) {
	iterator, err := entries.Iterate(ctx, nil)
	if err != nil {
		return nil, err
	}
	return iterator.Values()
}

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// InitGenesis sets the whole state; the candidates, their order and the release
// queue follow from the registrations. It runs after x/bank and refuses a
// registration whose bond account does not hold the bond, and a pool whose accounts
// do not hold what it owes.
func (k *Keeper) InitGenesis(ctx context.Context, gs *types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.Params.Set(ctx, gs.Params); err != nil {
		return err
	}
	// Before the supernodes: what is delegated counts for their order.
	if err := k.initDelegations(ctx, gs); err != nil {
		return err
	}
	for _, supernode := range gs.Supernodes {
		if err := k.initSupernode(ctx, supernode); err != nil {
			return err
		}
	}
	for _, epoch := range gs.Epochs {
		if err := k.Epochs.Set(ctx, epoch.Number, epoch); err != nil {
			return err
		}
	}
	if current := gs.Current(); current.Number > 0 {
		if err := k.Current.Set(ctx, current.Number); err != nil {
			return err
		}
	}
	for _, seat := range gs.Seats {
		if err := setByOperator(ctx, k.SeatTable, seat.Epoch, seat.Operator, seat); err != nil {
			return err
		}
	}
	for _, key := range gs.VaultKeys {
		if err := k.VaultKeys.Set(ctx, key.Epoch, key); err != nil {
			return err
		}
	}
	for _, key := range gs.SealedKeys {
		if err := setByOperator(ctx, k.SealedKeys, key.Epoch, key.Operator, key); err != nil {
			return err
		}
	}
	if err := k.initLiveness(ctx, gs); err != nil {
		return err
	}
	return errors.Join(k.BondsBacked(ctx), k.PoolsBacked(ctx))
}

func (k *Keeper) initSupernode(ctx context.Context, supernode types.Supernode) error {
	operator, err := types.ParseAddress("operator", supernode.Operator)
	if err != nil {
		return err
	}
	if err := k.Supernodes.Set(ctx, operator, supernode); err != nil {
		return err
	}
	if supernode.Status == types.STATUS_RETIRED {
		return k.Releases.Set(ctx, collections.Join(supernode.ReleaseTime, operator))
	}
	return k.restand(ctx, operator)
}

// ExportGenesis returns the whole state, each list in key order.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	if gs.Supernodes, err = values(ctx, k.Supernodes); err != nil {
		return nil, err
	}
	if gs.Epochs, err = values(ctx, k.Epochs); err != nil {
		return nil, err
	}
	if gs.Seats, err = values(ctx, k.SeatTable); err != nil {
		return nil, err
	}
	if gs.VaultKeys, err = values(ctx, k.VaultKeys); err != nil {
		return nil, err
	}
	if gs.SealedKeys, err = values(ctx, k.SealedKeys); err != nil {
		return nil, err
	}
	if err := k.exportDelegations(ctx, gs); err != nil {
		return nil, err
	}
	return gs, k.exportLiveness(ctx, gs)
}

func setByOperator[V any](ctx context.Context, m collections.Map[collections.Pair[uint64, sdk.AccAddress], V], epoch uint64, bech32 string, value V) error {
	operator, err := types.ParseAddress("operator", bech32)
	if err != nil {
		return err
	}
	return m.Set(ctx, collections.Join(epoch, operator), value)
}

// values returns all values of a collection in key order.
func values[K, V any](ctx context.Context, collection interface {
	Iterate(context.Context, collections.Ranger[K]) (collections.Iterator[K, V], error)
},
) ([]V, error) {
	all, err := collection.Iterate(ctx, nil)
	if err != nil {
		return nil, err
	}
	return all.Values()
}

package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/market/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// shared is where a payment went that belongs to nobody in particular, in uvmt. The parts
// sum up to the payment.
type shared struct {
	epoch                     uint64
	royalties, served, burned math.Int
}

// payShared divides a payment for what all contributors and all supernodes made: the part
// of contributors waits in the pool of the current epoch, the parts of engines, deliverer
// and storage go to the attesters of the epoch alike. What cannot be paid to them, and what
// rounding leaves, is burned with the rest. It writes records that all payments share, so
// that only EndBlock may call it.
func (k *Keeper) payShared(ctx context.Context, from sdk.AccAddress, amount math.Int, rates types.Rates) (paid shared, err error) {
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return paid, err
	}
	split := rates.Divide(amount)
	paid.epoch, paid.royalties = epoch.Number, split.Contributor
	if err := k.payIntoPool(ctx, from, paid.epoch, paid.royalties); err != nil {
		return paid, err
	}
	paid.served, err = k.payAttesters(ctx, from, paid.epoch, split.Engines.Add(split.Deliverer).Add(split.Storage))
	if err != nil {
		return paid, err
	}
	paid.burned = amount.Sub(paid.royalties).Sub(paid.served)
	return paid, k.burn(ctx, from, paid.burned)
}

// payIntoPool adds to the royalties of an epoch.
func (k *Keeper) payIntoPool(ctx context.Context, from sdk.AccAddress, epoch uint64, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	pool, err := k.Pools.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		pool, err = types.Pool{Epoch: epoch, Amount: math.ZeroInt()}, nil
	}
	if err != nil {
		return err
	}
	pool.Amount = pool.Amount.Add(amount)
	if err := k.send(ctx, from, types.PoolAddress(epoch), amount); err != nil {
		return err
	}
	return k.Pools.Set(ctx, epoch, pool)
}

// payAttesters gives the attesters of an epoch equal parts of an amount, and returns what
// they got. One that cannot be paid costs the others nothing.
func (k *Keeper) payAttesters(ctx context.Context, from sdk.AccAddress, epoch uint64, amount math.Int) (served math.Int, err error) {
	served = math.ZeroInt()
	attesters, err := k.supernode.Attesters(ctx, epoch)
	if err != nil || len(attesters) == 0 {
		return served, err
	}
	part := amount.QuoRaw(int64(len(attesters)))
	for _, seat := range attesters {
		operator, err := types.ParseAddress("operator", seat.Operator)
		if err != nil {
			return served, err
		}
		registered := true
		failed := endblock.Isolate(ctx, fmt.Sprintf("part of %s", operator), func(ctx context.Context) error {
			err := k.supernode.AllocateRewards(ctx, from, operator, part)
			if registered = !errors.Is(err, supernodetypes.ErrNotFound); !registered {
				return nil
			}
			return err
		})
		if failed == nil && registered {
			served = served.Add(part)
		}
	}
	return served, nil
}

// burn takes an amount of uvmt out of the supply.
func (k *Keeper) burn(ctx context.Context, from sdk.AccAddress, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	coins := sdk.NewCoins(sdk.NewCoin(types.Denom, amount))
	if err := k.bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, coins); err != nil {
		return err
	}
	return k.bank.BurnCoins(ctx, types.ModuleName, coins)
}

// send moves an amount of uvmt; nothing moves when it is 0.
func (k *Keeper) send(ctx context.Context, from, to sdk.AccAddress, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	return k.bank.SendCoins(ctx, from, to, sdk.NewCoins(sdk.NewCoin(types.Denom, amount)))
}

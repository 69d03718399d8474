package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

const millionths = 1_000_000

// Slash burns the parameter's part of an operator's bond for a proven fault, and
// delegator_share_ppm of that part from its pool. A bond that waits for its release is
// slashed as well; of what has left already, nothing is taken and nothing fails.
// ErrNotFound: it is no fault.
func (k *Keeper) Slash(ctx context.Context, operator sdk.AccAddress, fault types.Fault) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	ofBond, ofDelegations, err := params.SlashPpm(fault)
	if err != nil {
		return err
	}
	fromBond, err := k.slashBond(ctx, operator, ofBond)
	if err != nil {
		return err
	}
	fromDelegated, fromUnbonding, err := k.slashPool(ctx, operator, ofDelegations)
	if err != nil {
		return err
	}
	if err := k.burn(ctx, types.BondAddress(operator), params.Bond(fromBond)); err != nil {
		return err
	}
	if err := k.burn(ctx, types.PoolAddress(operator), params.Bond(fromDelegated.Add(fromUnbonding))); err != nil {
		return err
	}
	if err := k.restand(ctx, operator); err != nil {
		return err
	}
	return emit(ctx, types.NewEventSlashed(operator, fault, params.Bond(fromBond), params.Bond(fromDelegated), params.Bond(fromUnbonding)))
}

// slashBond takes floor(self_bond × ppm / 10⁶) off the record and returns it. As no fault
// costs the whole, something is always left to stand with.
func (k *Keeper) slashBond(ctx context.Context, operator sdk.AccAddress, ppm uint32) (math.Int, error) {
	supernode, err := k.Supernodes.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	if err != nil {
		return math.Int{}, err
	}
	taken := supernode.SelfBond.MulRaw(int64(ppm)).QuoRaw(millionths)
	supernode.SelfBond = supernode.SelfBond.Sub(taken)
	return taken, k.Supernodes.Set(ctx, operator, supernode)
}

func (k *Keeper) slashPool(ctx context.Context, operator sdk.AccAddress, ppm uint32) (fromDelegated, fromUnbonding math.Int, err error) {
	pool, err := k.pool(ctx, operator)
	if err != nil {
		return math.Int{}, math.Int{}, err
	}
	fromDelegated, fromUnbonding = pool.Slash(ppm)
	return fromDelegated, fromUnbonding, k.setPool(ctx, operator, pool)
}

func (k *Keeper) burn(ctx context.Context, account sdk.AccAddress, amount sdk.Coin) error {
	if amount.IsZero() {
		return nil
	}
	coins := sdk.NewCoins(amount)
	if err := k.bank.SendCoinsFromAccountToModule(ctx, account, types.ModuleName, coins); err != nil {
		return err
	}
	return k.bank.BurnCoins(ctx, types.ModuleName, coins)
}

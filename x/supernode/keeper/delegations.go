package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// Delegate adds tokens to the stake of a supernode that has not retired.
func (m msgServer) Delegate(ctx context.Context, msg *types.MsgDelegate) (*types.MsgDelegateResponse, error) {
	delegator, operator, err := parseDelegation(msg.Delegator, msg.Operator)
	if err != nil {
		return nil, err
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.CheckDelegation("amount", msg.Amount); err != nil {
		return nil, err
	}
	shares, err := m.enter(ctx, delegator, operator, delegator, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgDelegateResponse{Shares: shares}, nil
}

// Undelegate takes tokens back, which are paid after the unbonding time.
func (m msgServer) Undelegate(ctx context.Context, msg *types.MsgUndelegate) (*types.MsgUndelegateResponse, error) {
	delegator, operator, err := parseDelegation(msg.Delegator, msg.Operator)
	if err != nil {
		return nil, err
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.CheckAmount("amount", msg.Amount); err != nil {
		return nil, err
	}
	unbonding := types.Unbonding{
		Delegator:   delegator.String(),
		Operator:    operator.String(),
		ReleaseTime: sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(params.UnbondingSeconds),
	}
	if err := m.leave(ctx, params, operator, delegator, unbonding, msg.Amount.Amount); err != nil {
		return nil, err
	}
	return &types.MsgUndelegateResponse{ReleaseTime: unbonding.ReleaseTime}, nil
}

// Redelegate moves tokens to another supernode. They leave the first one's stake at
// once but stay in its pool for redelegation_seconds, so that a fault committed while
// they backed it is still slashed from them.
func (m msgServer) Redelegate(ctx context.Context, msg *types.MsgRedelegate) (*types.MsgRedelegateResponse, error) {
	delegator, operator, err := parseDelegation(msg.Delegator, msg.Operator)
	if err != nil {
		return nil, err
	}
	destination, err := types.ParseAddress("destination", msg.Destination)
	if err != nil {
		return nil, err
	}
	if destination.Equals(operator) {
		return nil, types.ErrInvalidAddress.Wrapf("destination %s is the operator itself", destination)
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.CheckDelegation("amount", msg.Amount); err != nil {
		return nil, err
	}
	if _, err := m.unretired(ctx, destination); err != nil {
		return nil, err
	}
	unbonding := types.Unbonding{
		Delegator:   delegator.String(),
		Operator:    operator.String(),
		Destination: destination.String(),
		ReleaseTime: sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(params.RedelegationSeconds),
	}
	if err := m.leave(ctx, params, operator, delegator, unbonding, msg.Amount.Amount); err != nil {
		return nil, err
	}
	return &types.MsgRedelegateResponse{ReleaseTime: unbonding.ReleaseTime}, nil
}

// enter pays an amount from an account into the pool of an operator, for the shares
// it returns, which are the delegator's.
func (k *Keeper) enter(ctx context.Context, from, operator, delegator sdk.AccAddress, amount sdk.Coin) (math.Int, error) {
	supernode, err := k.unretired(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	pool, err := k.pool(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	if stake := supernode.SelfBond.Add(pool.Delegated).Add(amount.Amount); !stake.IsUint64() {
		return math.Int{}, types.ErrInvalidAmount.Wrapf("amount %s makes the stake of operator %s %s, want at most %d", amount, operator, stake, uint64(types.MaxStake))
	}
	delegation, err := k.delegation(ctx, operator, delegator)
	if errors.Is(err, types.ErrNoDelegation) {
		delegation, err = types.NewDelegation(operator.String(), delegator.String()), nil
	}
	if err != nil {
		return math.Int{}, err
	}
	pool.Settle(&delegation)
	shares, err := pool.Delegate(amount.Amount)
	if err != nil {
		return math.Int{}, err
	}
	delegation.Shares = delegation.Shares.Add(shares)

	if err := k.bank.SendCoins(ctx, from, types.PoolAddress(operator), sdk.NewCoins(amount)); err != nil {
		return math.Int{}, err
	}
	if err := k.store(ctx, operator, delegator, pool, delegation); err != nil {
		return math.Int{}, err
	}
	return shares, emit(ctx, types.NewEventDelegated(delegation, amount, shares))
}

// leave moves what an amount in uvmt takes of a delegation's shares to the unbonding
// part of the pool and queues it. It works for the retired and for those whose
// registration is gone, too.
func (k *Keeper) leave(ctx context.Context, params types.Params, operator, delegator sdk.AccAddress, unbonding types.Unbonding, amount math.Int) error {
	delegation, err := k.delegation(ctx, operator, delegator)
	if err != nil {
		return err
	}
	pool, err := k.pool(ctx, operator)
	if err != nil {
		return err
	}
	pool.Settle(&delegation)
	shares, tokens, unbondingShares, err := pool.Undelegate(delegation.Shares, amount)
	if err != nil {
		return err
	}
	delegation.Shares = delegation.Shares.Sub(shares)
	unbonding.Shares = unbondingShares
	if unbondingShares.IsPositive() {
		merged, err := k.Unbondings.Has(ctx, unbonding.Key())
		if err != nil {
			return err
		}
		if !merged && delegation.Unbondings >= params.MaxUnbondingsPerDelegation {
			return types.ErrTooManyUnbondings.Wrapf("%d from operator %s are on their way, want fewer than %d", delegation.Unbondings, operator, params.MaxUnbondingsPerDelegation)
		}
		if !merged {
			delegation.Unbondings++
		}
		if err := k.queueUnbonding(ctx, unbonding); err != nil {
			return err
		}
	}
	if err := k.store(ctx, operator, delegator, pool, delegation); err != nil {
		return err
	}
	return emit(ctx, types.NewEventUndelegated(unbonding, params.Bond(tokens)))
}

// store writes a pool, the delegation that changed with it, and the operator's place
// among the candidates.
func (k *Keeper) store(ctx context.Context, operator, delegator sdk.AccAddress, pool types.Pool, delegation types.Delegation) error {
	if err := k.setDelegation(ctx, operator, delegator, delegation); err != nil {
		return err
	}
	if err := k.setPool(ctx, operator, pool); err != nil {
		return err
	}
	return k.restand(ctx, operator)
}

func parseDelegation(delegator, operator string) (owner, supernode sdk.AccAddress, err error) {
	if owner, err = types.ParseAddress("delegator", delegator); err != nil {
		return nil, nil, err
	}
	supernode, err = types.ParseAddress("operator", operator)
	return owner, supernode, err
}

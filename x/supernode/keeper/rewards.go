package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// AllocateRewards pays amount uvmt from an account to an operator and its delegators,
// divided as Pool.Allocate tells. Nothing is paid on an amount of 0. It returns
// ErrNotFound when the operator is not registered any more, ErrInvalidAmount for a
// negative amount, and the error of x/bank when the account has less.
func (k *Keeper) AllocateRewards(ctx context.Context, from, operator sdk.AccAddress, amount math.Int) error {
	if amount.IsNil() || amount.IsNegative() {
		return types.ErrInvalidAmount.Wrapf("rewards are %s, want 0 or more", amount)
	}
	supernode, err := k.Supernode(ctx, operator)
	if err != nil || amount.IsZero() {
		return err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	pool, err := k.pool(ctx, operator)
	if err != nil {
		return err
	}
	toOperator, toDelegators := pool.Allocate(amount, supernode.SelfBond)

	if err := k.bank.SendCoins(ctx, from, types.RewardsAddress(operator), sdk.NewCoins(params.Bond(amount))); err != nil {
		return err
	}
	if err := k.setPool(ctx, operator, pool); err != nil {
		return err
	}
	return emit(ctx, types.NewEventRewardsAllocated(pool, params.Bond(toOperator), params.Bond(toDelegators)))
}

// FundRewards lets anybody pay an operator and its delegators.
func (m msgServer) FundRewards(ctx context.Context, msg *types.MsgFundRewards) (*types.MsgFundRewardsResponse, error) {
	sender, err := types.ParseAddress("sender", msg.Sender)
	if err != nil {
		return nil, err
	}
	operator, err := types.ParseAddress("operator", msg.Operator)
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
	if !msg.Amount.IsPositive() {
		return nil, types.ErrInvalidAmount.Wrapf("amount is %s, want 1 or more", msg.Amount)
	}
	return &types.MsgFundRewardsResponse{}, m.AllocateRewards(ctx, sender, operator, msg.Amount.Amount)
}

// SetCommission changes what the operator keeps of its delegators' rewards.
func (m msgServer) SetCommission(ctx context.Context, msg *types.MsgSetCommission) (*types.MsgSetCommissionResponse, error) {
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	if _, err := m.unretired(ctx, operator); err != nil {
		return nil, err
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	epoch, err := m.CurrentEpoch(ctx)
	if err != nil {
		return nil, err
	}
	pool, err := m.pool(ctx, operator)
	if err != nil {
		return nil, err
	}
	if err := pool.SetCommission(epoch.Number, msg.CommissionPpm, params.MaxCommissionChangePpm); err != nil {
		return nil, err
	}

	if err := m.setPool(ctx, operator, pool); err != nil {
		return nil, err
	}
	return &types.MsgSetCommissionResponse{}, emit(ctx, types.NewEventCommissionSet(pool))
}

// WithdrawRewards pays a delegator what it earned with an operator.
func (m msgServer) WithdrawRewards(ctx context.Context, msg *types.MsgWithdrawRewards) (*types.MsgWithdrawRewardsResponse, error) {
	delegator, operator, err := parseDelegation(msg.Delegator, msg.Operator)
	if err != nil {
		return nil, err
	}
	delegation, err := m.delegation(ctx, operator, delegator)
	if err != nil {
		return nil, err
	}
	pool, err := m.pool(ctx, operator)
	if err != nil {
		return nil, err
	}
	pool.Settle(&delegation)
	amount := delegation.Rewards
	if !amount.IsPositive() {
		return nil, types.ErrNothingToWithdraw.Wrapf("delegator %s, operator %s", delegator, operator)
	}
	delegation.Rewards = math.ZeroInt()
	pool.DelegatorRewards = pool.DelegatorRewards.Sub(amount)

	if err := m.setDelegation(ctx, operator, delegator, delegation); err != nil {
		return nil, err
	}
	if err := m.setPool(ctx, operator, pool); err != nil {
		return nil, err
	}
	return &types.MsgWithdrawRewardsResponse{Amount: amount}, m.payRewards(ctx, operator, delegator, amount)
}

// WithdrawCommission pays an operator its commission and its bond's rewards, also
// after its registration is gone.
func (m msgServer) WithdrawCommission(ctx context.Context, msg *types.MsgWithdrawCommission) (*types.MsgWithdrawCommissionResponse, error) {
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	pool, err := m.pool(ctx, operator)
	if err != nil {
		return nil, err
	}
	amount := pool.OperatorRewards
	if !amount.IsPositive() {
		return nil, types.ErrNothingToWithdraw.Wrapf("operator %s", operator)
	}
	pool.OperatorRewards = math.ZeroInt()

	if err := m.setPool(ctx, operator, pool); err != nil {
		return nil, err
	}
	return &types.MsgWithdrawCommissionResponse{Amount: amount}, m.payRewards(ctx, operator, operator, amount)
}

// payRewards pays an amount in uvmt from the rewards of an operator to an account.
func (k *Keeper) payRewards(ctx context.Context, operator, to sdk.AccAddress, amount math.Int) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	paid := params.Bond(amount)
	if err := k.bank.SendCoins(ctx, types.RewardsAddress(operator), to, sdk.NewCoins(paid)); err != nil {
		return err
	}
	return emit(ctx, types.NewEventRewardsWithdrawn(operator, to, paid))
}

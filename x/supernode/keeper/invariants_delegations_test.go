package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestInvariantsNoticeDamagedPools(t *testing.T) {
	changePool := func(change func(*types.Pool)) func(*fixture) error {
		return func(f *fixture) error {
			pool := f.pool(1)
			change(&pool)
			return f.keeper.Pools.Set(f.ctx, operator(1), pool)
		}
	}
	changeDelegation := func(change func(*types.Delegation)) func(*fixture) error {
		return func(f *fixture) error {
			key := collections.Join(operator(1), holder(1))
			delegation, err := f.keeper.Delegations.Get(f.ctx, key)
			if err != nil {
				return err
			}
			change(&delegation)
			return f.keeper.Delegations.Set(f.ctx, key, delegation)
		}
	}
	backed := func(f *fixture) func(context.Context) error { return f.keeper.PoolsBacked }
	match := func(f *fixture) func(context.Context) error { return f.keeper.DelegationsMatch }
	order := func(f *fixture) func(context.Context) error { return f.keeper.CandidatesMatch }
	tests := map[string]struct {
		invariant func(*fixture) func(context.Context) error
		damage    func(*fixture) error
	}{
		"tokens missing": {backed, func(f *fixture) error {
			return f.bank.SendCoins(f.ctx, types.PoolAddress(operator(1)), holder(1), sdk.NewCoins(coin(1)))
		}},
		"rewards missing": {backed, func(f *fixture) error {
			return f.bank.SendCoins(f.ctx, types.RewardsAddress(operator(1)), holder(1), sdk.NewCoins(coin(1)))
		}},
		"stake is another":        {order, changePool(func(p *types.Pool) { p.Delegated = p.Delegated.SubRaw(1) })},
		"pool without operator":   {match, changePool(func(p *types.Pool) { p.Operator = operator(3).String() })},
		"pool has more shares":    {match, changePool(func(p *types.Pool) { p.Shares = p.Shares.AddRaw(1) })},
		"pool has fewer on way":   {match, changePool(func(p *types.Pool) { p.UnbondingShares = p.UnbondingShares.SubRaw(1) })},
		"pool owes too little":    {match, changePool(func(p *types.Pool) { p.DelegatorRewards = math.OneInt() })},
		"pool missing":            {match, func(f *fixture) error { return f.keeper.Pools.Remove(f.ctx, operator(1)) }},
		"delegation has more":     {match, changeDelegation(func(d *types.Delegation) { d.Shares = d.Shares.AddRaw(1) })},
		"delegation earned more":  {match, changeDelegation(func(d *types.Delegation) { d.Rewards = d.Rewards.AddRaw(1_000) })},
		"delegation counts wrong": {match, changeDelegation(func(d *types.Delegation) { d.Unbondings++ })},
		"delegation of another":   {match, changeDelegation(func(d *types.Delegation) { d.Delegator = holder(3).String() })},
		"unbonding missing":       {match, func(f *fixture) error { return f.keeper.Unbondings.Remove(f.ctx, f.queued()[0].Key()) }},
		"unbonding at another time": {match, func(f *fixture) error {
			unbonding := f.queued()[0]
			if err := f.keeper.Unbondings.Remove(f.ctx, unbonding.Key()); err != nil {
				return err
			}
			key := unbonding.Key()
			unbonding.ReleaseTime++
			return f.keeper.Unbondings.Set(f.ctx, key, unbonding)
		}},
		"pool nobody needs": {match, func(f *fixture) error {
			return f.keeper.Pools.Set(f.ctx, operator(9), types.NewPool(operator(9).String()))
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := busyFixture(t)
			f.damaged = true
			require.NoError(t, tc.invariant(f)(f.ctx))
			require.NoError(t, tc.damage(f))
			require.ErrorIs(t, tc.invariant(f)(f.ctx), types.ErrInvariant)
			require.ErrorIs(t, f.keeper.AllInvariants(f.ctx), types.ErrInvariant)
		})
	}
}

// queued returns all unbondings, the first due first.
func (f *fixture) queued() []types.Unbonding {
	f.t.Helper()
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return gs.Unbondings
}

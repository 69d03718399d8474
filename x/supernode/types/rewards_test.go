package types_test

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestAllocate(t *testing.T) {
	tests := map[string]struct {
		delegated, bond, amount  int64
		commission               uint32
		toOperator, toDelegators int64
	}{
		"nobody delegated":        {bond: 100, amount: 1000, toOperator: 1000},
		"by stake":                {delegated: 300, bond: 100, amount: 1000, toOperator: 250, toDelegators: 750},
		"commission on the rest":  {delegated: 300, bond: 100, amount: 1000, commission: 100_000, toOperator: 325, toDelegators: 675},
		"whole commission":        {delegated: 300, bond: 100, amount: 1000, commission: 1_000_000, toOperator: 1000},
		"rounded to delegators":   {delegated: 200, bond: 100, amount: 10, commission: 100_000, toOperator: 3, toDelegators: 7},
		"one token":               {delegated: 1, bond: 100, amount: 1, toDelegators: 1},
		"a bond that was slashed": {delegated: 300, bond: 0, amount: 1000, toDelegators: 1000},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			pool := types.NewPool(account(1))
			pool.CommissionPpm = tc.commission
			if tc.delegated > 0 {
				_, err := pool.Delegate(math.NewInt(tc.delegated))
				require.NoError(t, err)
			}
			toOperator, toDelegators := pool.Allocate(math.NewInt(tc.amount), math.NewInt(tc.bond))
			require.EqualValues(t, tc.toOperator, toOperator.Int64())
			require.EqualValues(t, tc.toDelegators, toDelegators.Int64())
			require.EqualValues(t, tc.toOperator, pool.OperatorRewards.Int64())
			require.EqualValues(t, tc.toDelegators, pool.DelegatorRewards.Int64())
		})
	}
}

// A pool whose tokens were all slashed earns nothing for those who hold its shares.
func TestAnEmptiedPoolEarnsNothing(t *testing.T) {
	pool := poolOf(0, 100, 0, 0)
	toOperator, toDelegators := pool.Allocate(math.NewInt(10), math.NewInt(100))
	require.EqualValues(t, 10, toOperator.Int64())
	require.True(t, toDelegators.IsZero())
}

// What divisions leave over is carried, so that many small rewards add up.
func TestSmallRewardsAddUp(t *testing.T) {
	pool := types.NewPool(account(1))
	_, err := pool.Delegate(math.NewInt(7_000_000_000))
	require.NoError(t, err)
	delegation := types.NewDelegation(account(1), account(2))
	delegation.Shares = math.NewInt(3_000_000_000)
	for range 7_000 {
		pool.Allocate(math.OneInt(), math.ZeroInt())
	}
	require.EqualValues(t, 3_000, pool.Earned(delegation).Int64())
}

// TestRewardsAreExact: whatever joins, leaves, is slashed and earned, each delegator
// gets its part of every reward by its shares at that time, to less than 1 uvmt for
// each settlement, and all together never more than was allocated.
func TestRewardsAreExact(t *testing.T) {
	for seed := range int64(20) {
		random := rand.New(rand.NewSource(seed))
		pool := types.NewPool(account(1))
		delegations := make([]types.Delegation, 4)
		want := make([]math.LegacyDec, len(delegations))
		settled := make([]int64, len(delegations))
		for i := range delegations {
			delegations[i], want[i] = types.NewDelegation(account(1), account(byte(i))), math.LegacyZeroDec()
		}
		for range 300 {
			who := random.Intn(len(delegations))
			delegation := &delegations[who]
			switch random.Intn(6) {
			case 0:
				pool.Settle(delegation)
				settled[who]++
				if shares, err := pool.Delegate(math.NewInt(1 + random.Int63n(1_000_000))); err == nil {
					delegation.Shares = delegation.Shares.Add(shares)
				}
			case 1:
				worth := pool.Worth(delegation.Shares)
				if !worth.IsPositive() {
					break
				}
				pool.Settle(delegation)
				settled[who]++
				next := pool
				if shares, _, _, err := next.Undelegate(delegation.Shares, math.NewInt(1+random.Int63n(worth.Int64()))); err == nil {
					pool = next
					delegation.Shares = delegation.Shares.Sub(shares)
				}
			case 2:
				pool.Slash(uint32(random.Intn(100_000)))
			default:
				_, toDelegators := pool.Allocate(math.NewInt(random.Int63n(1_000)), math.NewInt(500_000))
				for i := range delegations {
					if pool.Shares.IsPositive() {
						want[i] = want[i].Add(math.LegacyNewDecFromInt(toDelegators.Mul(delegations[i].Shares)).QuoInt(pool.Shares))
					}
				}
			}
		}
		all := math.ZeroInt()
		for i := range delegations {
			earned := pool.Earned(delegations[i])
			all = all.Add(earned)
			short := want[i].Sub(math.LegacyNewDecFromInt(earned))
			require.True(t, short.LT(math.LegacyNewDec(settled[i]+2)), "seed %d: %s short", seed, short)
			require.True(t, short.GT(math.LegacyNewDec(-1)), "seed %d: %s too much", seed, short)
		}
		require.False(t, all.GT(pool.DelegatorRewards))
	}
}

func TestSetCommission(t *testing.T) {
	type change struct {
		epoch      uint64
		commission uint32
		refused    bool
	}
	tests := map[string][]change{
		"up to the limit":                  {{epoch: 1, commission: 110_000}},
		"above the limit":                  {{epoch: 1, commission: 110_001, refused: true}},
		"down is free":                     {{epoch: 1, commission: 0}},
		"not by steps within an epoch":     {{epoch: 1, commission: 110_000}, {epoch: 1, commission: 110_001, refused: true}},
		"down and up again":                {{epoch: 1, commission: 0}, {epoch: 1, commission: 110_000}, {epoch: 1, commission: 110_001, refused: true}},
		"from where it is, the next epoch": {{epoch: 1, commission: 0}, {epoch: 2, commission: 10_001, refused: true}, {epoch: 2, commission: 10_000}},
		"by steps over epochs":             {{epoch: 1, commission: 110_000}, {epoch: 2, commission: 120_000}, {epoch: 3, commission: 130_000}},
		"above everything":                 {{epoch: 1, commission: 1_000_001, refused: true}},
		"far above everything":             {{epoch: 1, commission: 4_294_967_295, refused: true}},
	}
	for name, changes := range tests {
		t.Run(name, func(t *testing.T) {
			pool := types.NewPool(account(1))
			pool.CommissionPpm, pool.Shares = 100_000, math.OneInt()
			for _, change := range changes {
				before := pool
				err := pool.SetCommission(change.epoch, change.commission, 10_000)
				if change.refused {
					require.ErrorIs(t, err, types.ErrInvalidCommission)
					require.Equal(t, before, pool)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, change.commission, pool.CommissionPpm)
			}
		})
	}
}

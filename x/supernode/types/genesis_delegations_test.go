package types_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestGenesisValidateDelegations(t *testing.T) {
	large := math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 128))
	tests := map[string]struct {
		change  func(*types.GenesisState)
		err     error
		message string
	}{
		"all kinds of records":    {change: func(*types.GenesisState) {}},
		"a pool with rewards":     {change: func(gs *types.GenesisState) { gs.Pools = append(gs.Pools, leftPool(9, 3)) }},
		"a pool of a registered":  {change: func(gs *types.GenesisState) { gs.Pools = append(gs.Pools, leftPool(2, 0)) }},
		"operator is no address":  {change: func(gs *types.GenesisState) { gs.Pools[0].Operator = "x" }, err: types.ErrInvalidAddress, message: "pools[0].operator"},
		"pool in upper case":      {change: func(gs *types.GenesisState) { gs.Pools[0].Operator = strings.ToUpper(account(1)) }, err: types.ErrInvalidAddress, message: "lower case"},
		"pool twice":              {change: func(gs *types.GenesisState) { gs.Pools = append(gs.Pools, gs.Pools[0]) }, err: types.ErrInvalidGenesis, message: "pools[1].operator"},
		"pool nobody needs":       {change: func(gs *types.GenesisState) { gs.Pools = append(gs.Pools, leftPool(9, 0)) }, err: types.ErrInvalidGenesis, message: "pools[1] has no delegations"},
		"commission":              {change: func(gs *types.GenesisState) { gs.Pools[0].CommissionPpm = 1_000_001 }, err: types.ErrInvalidGenesis, message: "commission_ppm is 1000001"},
		"commission base":         {change: func(gs *types.GenesisState) { gs.Pools[0].CommissionBasePpm = 1_000_001 }, err: types.ErrInvalidGenesis, message: "commission_base_ppm 1000001"},
		"no amount":               {change: func(gs *types.GenesisState) { gs.Pools[0].Unbonding = math.Int{} }, err: types.ErrInvalidGenesis, message: "pools[0].unbonding"},
		"negative amount":         {change: func(gs *types.GenesisState) { gs.Pools[0].RewardCarry = math.NewInt(-1) }, err: types.ErrInvalidGenesis, message: "pools[0].reward_carry is -1"},
		"large amount":            {change: func(gs *types.GenesisState) { gs.Pools[0].RewardIndex = large }, err: types.ErrInvalidGenesis, message: "want 0 to 2^128-1"},
		"tokens without shares":   {change: func(gs *types.GenesisState) { gs.Pools[0].Shares = math.ZeroInt() }, err: types.ErrInvalidGenesis, message: "without shares"},
		"shares of nobody":        {change: func(gs *types.GenesisState) { gs.Pools[0].Shares = math.NewInt(101) }, err: types.ErrInvalidGenesis, message: "its delegations have 100"},
		"unbonding of nobody":     {change: func(gs *types.GenesisState) { gs.Pools[0].UnbondingShares = math.NewInt(11) }, err: types.ErrInvalidGenesis, message: "its unbondings have 10"},
		"rewards missing":         {change: func(gs *types.GenesisState) { gs.Pools[0].DelegatorRewards = math.NewInt(6) }, err: types.ErrInvalidGenesis, message: "have earned 7"},
		"stake above 64 bits":     {change: func(gs *types.GenesisState) { gs.Pools[0].Delegated = math.NewIntFromUint64(types.MaxStake) }, err: types.ErrInvalidGenesis, message: "supernodes[0]: stake"},
		"delegator no address":    {change: func(gs *types.GenesisState) { gs.Delegations[1].Delegator = "x" }, err: types.ErrInvalidAddress, message: "delegations[1].delegator"},
		"delegation without pool": {change: func(gs *types.GenesisState) { gs.Delegations[1].Operator = account(2) }, err: types.ErrInvalidGenesis, message: "delegations[1].operator"},
		"delegation twice":        {change: func(gs *types.GenesisState) { gs.Delegations[1] = gs.Delegations[0] }, err: types.ErrInvalidGenesis, message: "delegations[1]: delegator and operator occur twice"},
		"delegation ahead":        {change: func(gs *types.GenesisState) { gs.Delegations[1].RewardIndex = large.SubRaw(1) }, err: types.ErrInvalidGenesis, message: "delegations[1].reward_index"},
		"delegation without sum":  {change: func(gs *types.GenesisState) { gs.Delegations[1].Rewards = math.Int{} }, err: types.ErrInvalidGenesis, message: "delegations[1].rewards"},
		"empty delegation":        {change: func(gs *types.GenesisState) { gs.Delegations[1].Shares = math.ZeroInt() }, err: types.ErrInvalidGenesis, message: "delegations[1] is empty"},
		"unbondings miscounted":   {change: func(gs *types.GenesisState) { gs.Delegations[0].Unbondings = 1 }, err: types.ErrInvalidGenesis, message: "delegations[0].unbondings is 1, 2 wait"},
		"unbonding uncounted": {change: func(gs *types.GenesisState) {
			gs.Unbondings[1].Delegator = account(13)
			gs.Delegations[0].Unbondings = 1
		}, err: types.ErrInvalidGenesis, message: "1 of 2 belong to no delegation"},
		"unbonding no address":   {change: func(gs *types.GenesisState) { gs.Unbondings[0].Delegator = "" }, err: types.ErrInvalidAddress, message: "unbondings[0].delegator"},
		"unbonding without pool": {change: func(gs *types.GenesisState) { gs.Unbondings[0].Operator = account(2) }, err: types.ErrInvalidGenesis, message: "unbondings[0].operator"},
		"destination no address": {change: func(gs *types.GenesisState) { gs.Unbondings[1].Destination = "x" }, err: types.ErrInvalidAddress, message: "unbondings[1].destination"},
		"destination is source":  {change: func(gs *types.GenesisState) { gs.Unbondings[1].Destination = account(1) }, err: types.ErrInvalidGenesis, message: "another operator"},
		"unbonding of nothing":   {change: func(gs *types.GenesisState) { gs.Unbondings[0].Shares = math.ZeroInt() }, err: types.ErrInvalidGenesis, message: "unbondings[0]: shares 0"},
		"unbonding without time": {change: func(gs *types.GenesisState) { gs.Unbondings[0].ReleaseTime = 0 }, err: types.ErrInvalidGenesis, message: "release_time 0"},
		"unbonding twice":        {change: func(gs *types.GenesisState) { gs.Unbondings[1] = gs.Unbondings[0] }, err: types.ErrInvalidGenesis, message: "unbondings[1]: what leaves"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			gs := validGenesis()
			tc.change(&gs)
			err := gs.Validate()
			if tc.err == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tc.err)
			require.ErrorContains(t, err, tc.message)
		})
	}
}

// leftPool is a pool in which only its operator has something.
func leftPool(operator byte, rewards int64) types.Pool {
	pool := types.NewPool(account(operator))
	pool.OperatorRewards = math.NewInt(rewards)
	return pool
}

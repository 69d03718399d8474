package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/bounty/types"
)

func TestDefaultAllocation(t *testing.T) {
	a := types.DefaultAllocation()
	require.Equal(t, "1000000000000000", types.TotalSupply.String(), "1,000,000,000 VMT")
	require.Equal(t, "600000000000000", a.Contribution.String())
	require.Equal(t, "200000000000000", a.Sale.String())
	require.Equal(t, "100000000000000", a.Developers.String())
	require.Equal(t, "50000000000000", a.Supporters.String())
	require.Equal(t, "50000000000000", a.Community.String())
	require.False(t, a.IsZero())
	require.NoError(t, a.Validate(types.Schedule{Treasury: a.Contribution}, math.ZeroInt()))
	require.True(t, types.NoAllocation().IsZero())
}

func TestAllocationIsRefused(t *testing.T) {
	half := types.TotalSupply.QuoRaw(2)
	one := math.OneInt()
	for _, test := range []struct {
		name   string
		change func(gs *types.GenesisState)
		want   string // empty when it is sound
	}{
		{"unchanged", func(*types.GenesisState) {}, ""},
		{"all is for contributors", func(gs *types.GenesisState) {
			gs.Allocation = types.NoAllocation()
			gs.Allocation.Contribution, gs.Schedule.Treasury = types.TotalSupply, types.TotalSupply
		}, ""},
		{"one uvmt more than half", func(gs *types.GenesisState) {
			gs.Allocation.Contribution, gs.Schedule.Treasury = half.Add(one), half.Add(one)
			gs.Allocation.Sale = gs.Allocation.Sale.Add(types.TotalSupply.QuoRaw(10)).Sub(one)
		}, ""},
		{"just half", func(gs *types.GenesisState) {
			gs.Allocation.Contribution, gs.Schedule.Treasury = half, half
			gs.Allocation.Sale = gs.Allocation.Sale.Add(types.TotalSupply.QuoRaw(10))
		}, "allocation.contribution is 500000000000000, want more than 500000000000000uvmt"},
		{"one uvmt too little", func(gs *types.GenesisState) {
			gs.Allocation.Sale = gs.Allocation.Sale.Sub(one)
		}, "allocation sums up to 999999999999999, want 1000000000000000uvmt"},
		{"one uvmt too much", func(gs *types.GenesisState) {
			gs.Allocation.Community = gs.Allocation.Community.Add(one)
		}, "allocation sums up to 1000000000000001"},
		{"a negative part", func(gs *types.GenesisState) {
			gs.Allocation.Developers = one.Neg()
		}, "allocation.developers is -1, want 0..1000000000000000uvmt"},
		{"a part of more than all", func(gs *types.GenesisState) {
			gs.Allocation.Supporters = types.TotalSupply.Add(one)
		}, "allocation.supporters"},
		{"a part that is missing", func(gs *types.GenesisState) {
			gs.Allocation.Sale = math.Int{}
		}, "allocation.sale is <nil>"},
		{"a schedule of less", func(gs *types.GenesisState) {
			gs.Schedule.Treasury = gs.Schedule.Treasury.Sub(one)
		}, "schedule.treasury is 599999999999999, want 600000000000000uvmt"},
		{"a schedule without a treasury", func(gs *types.GenesisState) {
			gs.Schedule.Treasury = math.Int{}
		}, "schedule.treasury is <nil>"},
		{"something burned", func(gs *types.GenesisState) { gs.Burned = one }, ""},
		{"everything burned", func(gs *types.GenesisState) { gs.Burned = types.TotalSupply }, ""},
		{"more than everything burned", func(gs *types.GenesisState) {
			gs.Burned = types.TotalSupply.Add(one)
		}, "burned is 1000000000000001, want 0..1000000000000000uvmt"},
		{"less than nothing burned", func(gs *types.GenesisState) { gs.Burned = one.Neg() }, "burned is -1"},
		{"nothing said of what is burned", func(gs *types.GenesisState) { gs.Burned = math.Int{} }, "burned is <nil>"},
		{"none", func(gs *types.GenesisState) { *gs = *types.DefaultGenesis() }, ""},
		{"none, but an emission", func(gs *types.GenesisState) {
			*gs = *types.DefaultGenesis()
			gs.Schedule.Treasury = one
		}, "schedule.treasury is 1, want 0uvmt"},
		{"none, but something burned", func(gs *types.GenesisState) {
			*gs = *types.DefaultGenesis()
			gs.Burned = one
		}, "burned is 1, want 0..0uvmt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			gs := allocated()
			test.change(gs)
			err := gs.Validate()
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, types.ErrInvalidGenesis)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestCheckSupply(t *testing.T) {
	all, treasury := types.TotalSupply, types.DefaultAllocation().Contribution
	one := math.OneInt()
	for _, test := range []struct {
		name             string
		change           func(gs *types.GenesisState)
		supply, treasury math.Int
		want             string
	}{
		{name: "as allocated", supply: all, treasury: treasury},
		{name: "one uvmt more", supply: all.Add(one), treasury: treasury, want: "want the allocated 1000000000000000"},
		{name: "one uvmt less", supply: all.Sub(one), treasury: treasury, want: "want the allocated 1000000000000000"},
		{
			name: "what is missing was burned", supply: all.Sub(one), treasury: treasury,
			change: func(gs *types.GenesisState) { gs.Burned = one },
		},
		{
			name: "burned and still there", supply: all, treasury: treasury, want: "1 burned make 1000000000000001uvmt",
			change: func(gs *types.GenesisState) { gs.Burned = one },
		},
		{name: "the treasury lacks something", supply: all, treasury: treasury.Sub(one), want: "the treasury holds 599999999999999, want 600000000000000uvmt"},
		{
			name: "the treasury has paid", supply: all, treasury: treasury.Sub(one),
			change: func(gs *types.GenesisState) { gs.Epochs = make([]types.EpochRewards, 1) },
		},
		{
			name: "no allocation", supply: math.NewInt(7), treasury: math.ZeroInt(),
			change: func(gs *types.GenesisState) { *gs = *types.DefaultGenesis() },
		},
		{
			name: "no allocation, but a treasury", supply: all, treasury: one, want: "the treasury holds 1uvmt, want 0",
			change: func(gs *types.GenesisState) { *gs = *types.DefaultGenesis() },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			gs := allocated()
			if test.change != nil {
				test.change(gs)
			}
			err := gs.CheckSupply(test.supply, test.treasury)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, types.ErrInvalidGenesis)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// allocated is the genesis of a chain with the default allocation.
func allocated() *types.GenesisState {
	gs := types.DefaultGenesis()
	gs.Allocation = types.DefaultAllocation()
	gs.Schedule.Treasury = gs.Allocation.Contribution
	return gs
}

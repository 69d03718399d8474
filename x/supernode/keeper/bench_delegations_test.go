package keeper_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// BenchmarkReleaseUnbondings is a block in which as many entries as a block may
// release are due, of 10,000 that wait. The worst are redelegations that are refused
// by their destination and then by the delegator's bank, and so postponed.
func BenchmarkReleaseUnbondings(b *testing.B) {
	for _, limit := range []uint32{20, types.MaxUnbondingsPerBlockCap} {
		for name, destination := range map[string]bool{"paid": false, "redelegated": true, "refused": true} {
			b.Run(fmt.Sprintf("limit=%d/%s", limit, name), func(b *testing.B) {
				f := newChain(b)
				f.crowdLeaving(limit, destination)
				if name == "refused" {
					f.bank.AppendSendRestriction(refuseAll)
				}
				for b.Loop() {
					cached, _ := f.ctx.CacheContext()
					require.NoError(b, f.keeper.EndBlock(cached))
				}
			})
		}
	}
}

// BenchmarkAllocate shows that a reward costs the same however many share it.
func BenchmarkAllocate(b *testing.B) {
	f := newChain(b)
	f.crowdLeaving(20, false)
	donor := f.donor(1_000_000)
	for b.Loop() {
		cached, _ := f.ctx.CacheContext()
		require.NoError(b, f.keeper.AllocateRewards(cached, donor, operator(1), math.NewInt(1_000)))
	}
}

// crowdLeaving lets 10,000 delegators each have one part with the first operator and
// one part due on its way out, through genesis, and commits them.
func (f *fixture) crowdLeaving(limit uint32, destination bool) {
	f.t.Helper()
	const crowd, part = 10_000, 1_000
	gs := &types.GenesisState{Params: testParams()}
	gs.Params.MaxUnbondingsPerBlock = limit
	for number := byte(1); number <= 2; number++ {
		gs.Supernodes = append(gs.Supernodes, types.Supernode{
			Operator: operator(number).String(), Profile: profile(number), SelfBond: math.NewInt(minBond), Status: types.STATUS_CANDIDATE,
		})
		f.fund(types.BondAddress(operator(number)), coin(minBond))
	}
	pool := types.NewPool(operator(1).String())
	pool.Delegated, pool.Shares = math.NewInt(crowd*part), math.NewInt(crowd*part)
	pool.Unbonding, pool.UnbondingShares = pool.Delegated, pool.Shares
	gs.Pools = []types.Pool{pool}
	f.fund(types.PoolAddress(operator(1)), coin(2*crowd*part))
	for i := range crowd {
		delegator := make(sdk.AccAddress, 20)
		binary.BigEndian.PutUint32(delegator, uint32(i))
		delegation := types.NewDelegation(operator(1).String(), delegator.String())
		delegation.Shares, delegation.Unbondings = math.NewInt(part), 1
		unbonding := types.Unbonding{Delegator: delegator.String(), Operator: operator(1).String(), Shares: math.NewInt(part), ReleaseTime: f.ctx.BlockTime().Unix()}
		if destination {
			unbonding.Destination = operator(2).String()
		}
		gs.Delegations = append(gs.Delegations, delegation)
		gs.Unbondings = append(gs.Unbondings, unbonding)
	}
	require.NoError(f.t, f.keeper.InitGenesis(f.ctx, gs))
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Second))
	f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
}

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

// BenchmarkSeating shows that a seating costs what its seats cost, however many
// candidates stand.
func BenchmarkSeating(b *testing.B) {
	for _, candidates := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("candidates=%d", candidates), func(b *testing.B) {
			f := newChain(b)
			params := testParams()
			params.MaxActive = 21
			f.crowd(params, candidates, types.STATUS_CANDIDATE)
			hooks := f.keeper.EpochHooks()
			for b.Loop() {
				cached, _ := f.ctx.CacheContext()
				require.NoError(b, hooks.BeforeEpochStart(cached, timer, 1))
				seats, err := f.keeper.Seats(cached, 1)
				require.NoError(b, err)
				require.Len(b, seats, 21)
			}
		})
	}
}

// BenchmarkEndBlock is a block whose release queue is full, and one in which
// nothing is due although many wait.
func BenchmarkEndBlock(b *testing.B) {
	for name, passed := range map[string]time.Duration{"full": unbond * time.Second, "idle": 0} {
		b.Run(name, func(b *testing.B) {
			f := newChain(b)
			params := testParams()
			params.MaxUnbondingsPerBlock = 20
			f.crowd(params, 1_000, types.STATUS_RETIRED)
			f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(passed))
			for b.Loop() {
				cached, _ := f.ctx.CacheContext()
				require.NoError(b, f.keeper.EndBlock(cached))
			}
		})
	}
}

// crowd registers many supernodes through genesis, all with funded bonds, and
// commits them: walks over uncommitted state cost what all of that state costs.
func (f *fixture) crowd(params types.Params, count int, status types.Status) {
	f.t.Helper()
	gs := &types.GenesisState{Params: params}
	for i := range count {
		account := make(sdk.AccAddress, 20)
		binary.BigEndian.PutUint32(account, uint32(i))
		supernode := types.Supernode{Operator: account.String(), Profile: profile(0), SelfBond: math.NewInt(minBond + int64(i)), Status: status}
		supernode.Profile.Sidecar = account.String()
		if status == types.STATUS_RETIRED {
			supernode.ReleaseTime = f.ctx.BlockTime().Unix() + unbond
		}
		f.fund(types.BondAddress(account), params.Bond(supernode.SelfBond))
		gs.Supernodes = append(gs.Supernodes, supernode)
	}
	require.NoError(f.t, f.keeper.InitGenesis(f.ctx, gs))
	f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
}

// BenchmarkRecordRound is what a finished round costs with 100 seated supernodes whose windows
// are full: one of five missed it, and none is jailed.
func BenchmarkRecordRound(b *testing.B) {
	f := newChain(b)
	params := types.DefaultParams()
	params.MaxActive, params.EpochIdentifier, params.MinSelfBond = 100, timer, coin(minBond)
	f.crowd(params, 100, types.STATUS_CANDIDATE)
	require.NoError(b, f.keeper.EpochHooks().BeforeEpochStart(f.ctx, timer, 1))
	for range params.LivenessWindow {
		f.recordRound(f.ctx, 1)
	}
	f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
	for b.Loop() {
		cached, _ := f.ctx.CacheContext()
		f.recordRound(cached, 1)
	}
}

func (f *fixture) recordRound(ctx sdk.Context, epoch uint64) {
	f.t.Helper()
	seats, err := f.keeper.Seats(ctx, epoch)
	require.NoError(f.t, err)
	for i, seat := range seats {
		duty := types.DutyDone
		if i%5 == 0 {
			duty = types.DutyMissed
		}
		require.NoError(f.t, f.keeper.RecordRound(ctx, epoch, sdk.MustAccAddressFromBech32(seat.Operator), duty))
	}
}

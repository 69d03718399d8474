package keeper_test

import (
	"fmt"
	"testing"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

func BenchmarkSubmitSamples100(b *testing.B) {
	f := newFixture(b)
	f.fund(gateway, 1e9*deposit)
	n := 0
	for b.Loop() {
		msg := &types.MsgSubmitSamples{Submitter: gateway.String()}
		for range 100 {
			msg.Samples = append(msg.Samples, by(submission(fmt.Sprint(n)), contributor))
			n++
		}
		ctx, write := f.ctx.WithEventManager(sdk.NewEventManager()).CacheContext()
		_, err := f.msgs.SubmitSamples(ctx, msg)
		require.NoError(b, err)
		write()
		f.queued.initial = nil
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "samples/s")
}

func BenchmarkConclude4096(b *testing.B) {
	const members = 4096
	f := newFixture(b)
	f.fund(gateway, members*deposit)
	conclusions := make([]types.Conclusion, members)
	for i := range conclusions {
		s := by(submission(fmt.Sprint(i)), contributor)
		f.mustSubmit(gateway, s)
		f.begin(1, s.Sha256)
		conclusions[i] = types.Conclusion{SHA256: s.Sha256, Valid: i%100 != 0}
	}
	for b.Loop() {
		ctx, _ := f.ctx.CacheContext()
		require.NoError(b, f.keeper.Conclude(ctx, conclusions))
	}
}

// The worst block: as many records as may expire, each with a refund of its own.
func BenchmarkEndBlock(b *testing.B) {
	f := newFixture(b)
	params := types.DefaultParams()
	f.fund(contributor, int64(params.MaxExpiriesPerBlock)*deposit)
	for i := range params.MaxExpiriesPerBlock {
		require.NoError(b, f.takeDown(f.reach(types.STATUS_SCANNING, fmt.Sprint(i))))
	}
	f.endBlock(1, ttl)
	for b.Loop() {
		ctx, _ := f.ctx.CacheContext()
		require.NoError(b, f.keeper.EndBlock(ctx))
	}
}

// The most expensive draws that the bounds of the parameters admit: of 100 supernodes
// each sample is stored by one, so that most searches are long, or no sample can be drawn
// at all, so that none ends early.
func BenchmarkDrawChallenges(b *testing.B) {
	for name, status := range map[string]types.Status{
		"one in a hundred": types.STATUS_FINAL,
		"none":             types.STATUS_INVALID,
	} {
		b.Run(name, func(b *testing.B) {
			const samples = 50_000
			db, err := dbm.NewDB("chain", dbm.PebbleDBBackend, b.TempDir()) // as the network has it
			require.NoError(b, err)
			f := newFixtureOver(b, db)
			params := types.DefaultParams()
			params.Replication, params.ChallengesPerEpoch, params.MaxChallengedPerBlock = 1, 8, 4 // the largest bounds
			require.NoError(b, params.Validate())
			gs := types.GenesisState{Params: params}
			for i := range samples {
				s := submission(fmt.Sprint(i))
				gs.Samples = append(gs.Samples, types.SampleEntry{Sha256: s.Sha256, Sample: types.Sample{
					Kind: s.Kind, SizeBytes: s.SizeBytes, Sealing: s.Sealing, Contributor: contributor.String(), Gateway: gateway.String(),
					Deposit: math.ZeroInt(), Status: status, Opened: true, ExpiryTime: f.ctx.BlockTime().Unix() + ttl,
				}})
			}
			require.NoError(b, f.keeper.InitGenesis(f.ctx, gs))
			f.seat(1, 100)
			f.endBlock(1, 1)
			f.stir("entropy")
			f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
			challenges := 0
			for b.Loop() {
				ctx, _ := f.ctx.CacheContext()
				require.NoError(b, f.keeper.EndBlock(ctx))
				challenges = len(ctx.EventManager().Events())
			}
			b.ReportMetric(float64(challenges), "challenges")
		})
	}
}

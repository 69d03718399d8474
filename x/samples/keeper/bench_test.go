package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

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

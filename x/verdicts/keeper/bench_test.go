package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// BenchmarkWorstBlock measures EndBlock in the block that tallies the most samples
// the parameters allow over the most engines a set of 21 can have, while it opens
// another full round.
func BenchmarkWorstBlock(b *testing.B) {
	const seats = 21
	engines := make([]int, seats)
	for i := range engines {
		engines[i] = types.MaxEngines / 2
	}
	for b.Loop() {
		b.StopTimer()
		f := newFixture(b, engines...)
		f.setParams(func(p *types.Params) {
			p.TallySamplesPerBlock, p.RoundIntervalBlocks = types.MaxRoundSamples, 1
		})
		f.addSamples("tallied", types.MaxRoundSamples)
		round := f.untilOpen()
		for _, op := range f.operators {
			require.NoError(b, f.commit(op, round.Number, op.answers(types.MaxRoundSamples, worst)))
		}
		f.endBlock()
		for _, op := range f.operators {
			require.NoError(b, f.reveal(op, round.Number, op.answers(types.MaxRoundSamples, worst)))
		}
		f.addSamples("opened", types.MaxRoundSamples)
		f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
		b.StartTimer()
		require.NoError(b, f.keeper.EndBlock(f.ctx))
		b.StopTimer()
		require.Equal(b, types.ROUND_STATUS_FINAL, f.round(round.Number).Status)
		b.StartTimer()
	}
}

// worst alternates, so that no column packs into runs.
func worst(i int) types.Answer {
	if i%2 == 0 {
		return types.Answer{Category: types.CATEGORY_UNDETECTED, Confidence: 8}
	}
	return types.Answer{Category: types.CATEGORY_MALICIOUS, Confidence: 15, Label: "Family.A"}
}

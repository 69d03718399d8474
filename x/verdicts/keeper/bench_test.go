package keeper_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

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

// BenchmarkResolve measures EndBlock in the block that settles the track records of 4096
// samples and 168 engines that answered each of them.
func BenchmarkResolve(b *testing.B) {
	engines := make([]int, 21)
	for i := range engines {
		engines[i] = types.MaxEngines / 2
	}
	for b.Loop() {
		b.StopTimer()
		f := newFixture(b, engines...)
		f.setParams(func(p *types.Params) { p.TallySamplesPerBlock, p.QuorumPpm = types.MaxRoundSamples, 0 })
		f.addSamples("judged", types.MaxRoundSamples)
		answers := slices.Repeat([]func(int) types.Answer{worst}, len(engines))
		source := f.run(f.untilOpen(), answers...)
		f.judgeAgain(week, worst)
		last := f.judgeAgain(month, worst)
		resolved := f.round(source.Number)
		resolved.Resolved-- // once more, in a block that does nothing else
		require.NoError(b, f.keeper.Rounds.Set(f.ctx, source.Number, resolved))
		require.NoError(b, f.keeper.Resolutions.Set(f.ctx, collections.Join(last.Number, source.Number)))
		f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
		b.StartTimer()
		require.NoError(b, f.keeper.EndBlock(f.ctx))
		b.StopTimer()
		require.EqualValues(b, 3, f.round(source.Number).Resolved)
		b.StartTimer()
	}
}

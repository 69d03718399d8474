package keeper_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// sets are the sets of engines that are measured: as many as the network's parameters
// allow, and as many as any parameters allow.
var sets = []struct {
	name           string
	seats, engines int
}{
	{"network: 21 seats of 8 engines", 21, 8},
	{"largest: 100 seats of 16 engines", supernodetypes.MaxActiveLimit, types.MaxEngines},
}

// benchmarkSets runs a benchmark over each set on a chain that holds nothing else.
func benchmarkSets(b *testing.B, run func(b *testing.B, f *fixture, engines []int)) {
	for _, set := range sets {
		b.Run(set.name, func(b *testing.B) {
			engines := slices.Repeat([]int{set.engines}, set.seats)
			for b.Loop() {
				b.StopTimer()
				run(b, newFixture(b, engines...), engines)
				b.StartTimer()
			}
		})
	}
}

// endTimed commits what is there and measures the EndBlock that follows.
func endTimed(b *testing.B, f *fixture) {
	b.Helper()
	f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
	b.StartTimer()
	err := f.keeper.EndBlock(f.ctx)
	b.StopTimer()
	require.NoError(b, err)
}

// BenchmarkWorstBlock measures EndBlock in the block that tallies the most samples the
// parameters allow, while it opens another full round.
func BenchmarkWorstBlock(b *testing.B) {
	benchmarkSets(b, func(b *testing.B, f *fixture, _ []int) {
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
		endTimed(b, f)
		require.Equal(b, types.ROUND_STATUS_FINAL, f.round(round.Number).Status)
	})
}

// worst alternates, so that no column packs into runs.
func worst(i int) types.Answer {
	if i%2 == 0 {
		return types.Answer{Category: types.CATEGORY_UNDETECTED, Confidence: 8}
	}
	return types.Answer{Category: types.CATEGORY_MALICIOUS, Confidence: 15, Label: "Family.A"}
}

// BenchmarkResolve measures EndBlock in the block that settles the track records of 4096
// samples that every engine answered.
func BenchmarkResolve(b *testing.B) {
	benchmarkSets(b, func(b *testing.B, f *fixture, engines []int) {
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
		endTimed(b, f)
		require.EqualValues(b, 3, f.round(source.Number).Resolved)
	})
}

// BenchmarkReport measures what one report of a full round takes, as a sale that ends asks
// for it.
func BenchmarkReport(b *testing.B) {
	benchmarkSets(b, func(b *testing.B, f *fixture, engines []int) {
		f.setParams(func(p *types.Params) { p.TallySamplesPerBlock, p.QuorumPpm = types.MaxRoundSamples, 0 })
		hashes := f.addSamples("judged", types.MaxRoundSamples)
		f.run(f.untilOpen(), slices.Repeat([]func(int) types.Answer{worst}, len(engines))...)
		f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
		b.StartTimer()
		report, err := f.keeper.Report(f.ctx, hashes[0], 0)
		b.StopTimer()
		require.NoError(b, err)
		require.Len(b, report.Verdicts, len(engines)*engines[0])
	})
}

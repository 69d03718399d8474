package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	ppm       = 1_000_000
	maxWeight = uint64(ppm)
)

// fileScore is the score of a file submitted directly, by the default parameters.
func fileScore(rank, missedPpm uint32) types.Score {
	return types.Score{
		Sha256: make([]byte, 32), Cluster: make([]byte, 32), Rank: rank, MissedPpm: missedPpm, Round: 7,
		Rules: types.NewScoreRules(types.DefaultParams(), samplestypes.KIND_FILE, false, []uint32{400_000, 300_000, 300_000}),
	}
}

func TestScoreRulesFollowKindAndChannel(t *testing.T) {
	params := types.DefaultParams()
	params.FilePpm, params.UrlPpm, params.IntelPpm = 1, 2, 3
	params.GatewayPpm, params.DirectPpm = 4, 5
	for kind, want := range map[samplestypes.Kind]uint32{
		samplestypes.KIND_FILE: 1, samplestypes.KIND_URL: 2, samplestypes.KIND_INTEL: 3, samplestypes.KIND_UNSPECIFIED: 0,
	} {
		require.Equal(t, want, types.NewScoreRules(params, kind, true, nil).KindPpm)
	}
	require.EqualValues(t, 4, types.NewScoreRules(params, samplestypes.KIND_URL, true, nil).ChannelPpm)
	require.EqualValues(t, 5, types.NewScoreRules(params, samplestypes.KIND_URL, false, nil).ChannelPpm)
}

func TestMissedPpm(t *testing.T) {
	says := func(weight uint64, category verdictstypes.Category) verdictstypes.EngineColumn {
		cell := byte(verdictstypes.NewCell(category, 8))
		return verdictstypes.EngineColumn{WeightedColumn: verdictstypes.WeightedColumn{Weight: weight, Cells: []byte{0, cell}}}
	}
	for name, test := range map[string]struct {
		columns []verdictstypes.EngineColumn
		want    uint32
	}{
		"nobody":       {want: 0},
		"nobody sure":  {columns: []verdictstypes.EngineColumn{says(5, verdictstypes.CATEGORY_TIMEOUT), says(5, verdictstypes.CATEGORY_FAILURE)}},
		"all saw":      {columns: []verdictstypes.EngineColumn{says(5, verdictstypes.CATEGORY_MALICIOUS), says(5, verdictstypes.CATEGORY_SUSPICIOUS)}},
		"all missed":   {columns: []verdictstypes.EngineColumn{says(5, verdictstypes.CATEGORY_HARMLESS), says(5, verdictstypes.CATEGORY_UNDETECTED)}, want: ppm},
		"two of three": {columns: []verdictstypes.EngineColumn{says(1, verdictstypes.CATEGORY_MALICIOUS), says(2, verdictstypes.CATEGORY_UNDETECTED), says(9, verdictstypes.CATEGORY_TYPE_UNSUPPORTED)}, want: 666_666},
		"weightless":   {columns: []verdictstypes.EngineColumn{says(0, verdictstypes.CATEGORY_UNDETECTED)}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, types.MissedPpm(test.columns, 1)) })
	}

	most := make([]verdictstypes.EngineColumn, 100*verdictstypes.MaxEngines)
	for i := range most {
		most[i] = says(maxWeight, verdictstypes.CATEGORY_UNDETECTED)
	}
	require.EqualValues(t, ppm, types.MissedPpm(most, 1), "as many engines of as much weight as there can be")
}

func TestNovelty(t *testing.T) {
	for _, test := range []struct {
		novelty, rank uint32
		want          uint64
	}{
		{166_666, 1, ppm},
		{166_666, 2, 166_666},
		{166_666, 3, 27_777},
		{166_666, 4, 4_629},
		{166_666, 9, 0},
		{166_666, 1<<32 - 1, 0},
		{100_000, 4, 1_000},
		{0, 1, ppm},
		{0, 2, 0},
	} {
		require.Equal(t, test.want, types.Novelty(test.novelty, test.rank), "member %d at %d", test.rank, test.novelty)
	}
}

func TestValueIsTheProductOfItsTerms(t *testing.T) {
	for name, test := range map[string]struct {
		change    func(*types.Score)
		malicious bool
		sightings uint32
		want      uint64
	}{
		"not malicious":        {sightings: 2, want: 0},
		"nobody else saw it":   {malicious: true, want: 0},
		"one other":            {malicious: true, sightings: 1, want: 300_000},
		"two others":           {malicious: true, sightings: 2, want: 600_000},
		"more than enough":     {malicious: true, sightings: 16, want: 600_000},
		"none asked for":       {change: func(s *types.Score) { s.Rules.SightingsFull = 0 }, malicious: true, want: 600_000},
		"everybody detects it": {change: func(s *types.Score) { s.MissedPpm = 0 }, malicious: true, sightings: 2, want: 200_000},
		"nobody detects it":    {change: func(s *types.Score) { s.MissedPpm = ppm }, malicious: true, sightings: 2, want: ppm},
		"second member":        {change: func(s *types.Score) { s.Rank = 2 }, malicious: true, sightings: 2, want: 99_999},
		"third member":         {change: func(s *types.Score) { s.Rank = 3 }, malicious: true, sightings: 2, want: 16_666},
		"rounded after each": {change: func(s *types.Score) { // 0.600000 × 0.333333 = 0.199999, × 0.333333 = 0.066666
			s.Rules.SightingsFull, s.Rules.KindPpm = 3, 333_333
		}, malicious: true, sightings: 1, want: 66_666},
	} {
		t.Run(name, func(t *testing.T) {
			score := fileScore(1, 500_000)
			if test.change != nil {
				test.change(&score)
			}
			require.Equal(t, test.want, score.Value(test.malicious, test.sightings))
		})
	}
}

// However many mutants a cluster has, together they earn less than 1.2 times its first
// member, at every permitted novelty and with whatever other terms.
func TestMutantsAreWorthLittle(t *testing.T) {
	for _, terms := range []types.Score{
		fileScore(1, ppm), fileScore(1, 0),
		{MissedPpm: 123_457, Rules: types.ScoreRules{RarityFloorPpm: 3, KindPpm: 999_999, ChannelPpm: 777_777, SlicesPpm: []uint32{333_333}}},
		{MissedPpm: 11, Rules: types.ScoreRules{KindPpm: 999_999, ChannelPpm: 999_999, SlicesPpm: []uint32{999_999}}},
	} {
		terms.Rules.SightingsFull = 0
		terms.Stages = []types.StageScore{{Stage: 0, Malicious: true}}
		for novelty := uint32(0); novelty <= 166_666; novelty += 1 + novelty/7%997 {
			terms.Rules.NoveltyPpm = novelty
			first, sum := uint64(0), uint64(0)
			for rank := uint32(1); rank <= 12; rank++ {
				terms.Rank = rank
				points := terms.Add(0, terms.Value(true, 0))
				if rank == 1 {
					first = points
				}
				sum += points
			}
			require.Zero(t, types.Novelty(novelty, 12), "later ones are worth nothing")
			require.LessOrEqual(t, 10*sum, 12*first, "novelty %d", novelty)
			if first > 0 {
				require.Less(t, 10*sum, 12*first, "novelty %d", novelty)
			}
		}
	}
}

// More sightings never make a sample worth less, and no term can push a score above one.
func FuzzValue(f *testing.F) {
	f.Add(uint32(1), uint32(500_000), uint32(200_000), uint32(166_666), uint32(2), uint32(ppm), uint32(ppm))
	f.Add(uint32(1<<32-1), uint32(ppm), uint32(ppm), uint32(166_666), uint32(16), uint32(ppm), uint32(ppm))
	f.Add(uint32(2), uint32(3), uint32(1), uint32(1), uint32(7), uint32(999_999), uint32(333_333))
	f.Fuzz(func(t *testing.T, rank, missed, floor, novelty, full, kind, channel uint32) {
		score := types.Score{
			Rank: max(rank, 1), MissedPpm: missed % (ppm + 1),
			Rules: types.ScoreRules{
				RarityFloorPpm: floor % (ppm + 1), NoveltyPpm: novelty % 166_667, SightingsFull: full % 17,
				KindPpm: kind % (ppm + 1), ChannelPpm: channel % (ppm + 1), SlicesPpm: []uint32{400_000, 600_000},
			},
			Stages: []types.StageScore{{Stage: 0, Malicious: true}, {Stage: 1, Malicious: true}},
		}
		before := uint64(0)
		for sightings := range uint32(18) {
			value := score.Value(true, sightings)
			require.LessOrEqual(t, before, value)
			require.LessOrEqual(t, value, uint64(ppm))
			before = value
		}
		require.Zero(t, score.Value(false, 16))

		score.Stages[0].Points = score.Add(0, before)
		score.Stages[1].Points = score.Add(1, before)
		require.Equal(t, before, score.Stages[0].Points+score.Stages[1].Points, "both stages together give the whole")

		explained := score.Explain(0, 16, types.EpochRewards{Contributors: math.ZeroInt()})
		require.Equal(t, before, explained.Terms[len(explained.Terms)-1].ProductPpm)
	})
}

// The points of one sample over its stages, with the truth as each stage found it.
func TestTheLastJudgementDecides(t *testing.T) {
	const worth = 600_000
	for name, test := range map[string]struct {
		scores []uint64
		want   []uint64
	}{
		"malicious all along":  {scores: []uint64{worth, worth, worth}, want: []uint64{240_000, 180_000, 180_000}},
		"found at the end":     {scores: []uint64{0, 0, worth}, want: []uint64{0, 0, 600_000}},
		"turned clean":         {scores: []uint64{worth, 0, 0}, want: []uint64{240_000, 0, 0}},
		"turned and back":      {scores: []uint64{worth, 0, worth}, want: []uint64{240_000, 0, 360_000}},
		"seen by others later": {scores: []uint64{0, worth / 2, worth}, want: []uint64{0, 210_000, 390_000}},
		"never":                {scores: []uint64{0, 0, 0}, want: []uint64{0, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			score := fileScore(1, 500_000)
			for i, value := range test.scores {
				score.Stages = append(score.Stages, types.StageScore{Stage: uint32(i)})
				add := score.Add(i, value)
				require.Equal(t, test.want[i], add, "stage %d", i)
				// What the cap takes counts like what is given.
				score.Stages[i].Points, score.Stages[i].Capped = add/3, add-add/3
			}
		})
	}
	t.Run("a stage that was left out", func(t *testing.T) {
		score := fileScore(1, 500_000)
		score.Stages = []types.StageScore{{Stage: 0, Points: 240_000}, {Stage: 2}}
		require.EqualValues(t, 360_000, score.Add(1, worth))
	})
}

func TestWhoCountsAsASighter(t *testing.T) {
	cluster := types.Cluster{Operator: "own"}
	require.False(t, cluster.AddSighter(""))
	require.False(t, cluster.AddSighter("own"))
	require.True(t, cluster.AddSighter("a"))
	require.False(t, cluster.AddSighter("a"))
	for _, operator := range strings.Split("bcdefghijklmnop", "") {
		require.True(t, cluster.AddSighter(operator))
	}
	require.False(t, cluster.AddSighter("q"), "the seventeenth")
	require.Len(t, cluster.Sighters, 16)
}

func TestScoreKnowsWhatIsToCome(t *testing.T) {
	score := fileScore(1, 0)
	score.Stages = []types.StageScore{{Stage: 0, Credited: true}}
	require.False(t, score.Waits())
	require.False(t, score.Settled(), "two stages are to come")
	score.Stages = append(score.Stages, types.StageScore{Stage: 2})
	require.True(t, score.Waits())
	require.False(t, score.Settled())
	score.Stages[1].Credited = true
	require.True(t, score.Settled())
}

func TestEngineSlice(t *testing.T) {
	require.EqualValues(t, 400_000, types.EngineSlice(400_000, ppm))
	require.EqualValues(t, 40_000, types.EngineSlice(400_000, 100_000))
	require.EqualValues(t, 49_999, types.EngineSlice(300_000, 166_666))
	require.Zero(t, types.EngineSlice(300_000, 0))
}

package types_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// TestWorkedExample is the example of the module's README.
func TestWorkedExample(t *testing.T) {
	params := types.DefaultParams()
	record := recordOf(90, cell(types.CATEGORY_MALICIOUS, 10), 890, cell(types.CATEGORY_UNDETECTED, 8))
	errors := recordOf(10, cell(types.CATEGORY_UNDETECTED, 8), 10, cell(types.CATEGORY_SUSPICIOUS, 0))
	skill := types.Skill(params, []types.TrackRecord{record, errors})
	require.EqualValues(t, 701_332, skill)
	alwaysClean := recordOf(100, cell(types.CATEGORY_UNDETECTED, 15), 900, cell(types.CATEGORY_UNDETECTED, 15))
	require.Zero(t, types.Skill(params, []types.TrackRecord{alwaysClean}))

	stakes := []math.Int{math.NewInt(100_000), math.NewInt(60_000), math.NewInt(20_000), math.NewInt(20_000)}
	bonds := types.Bonds(params, stakes)
	require.Equal(t, []uint32{1_000_000, 800_000, 266_666, 266_666}, bonds)

	shared := independent(1, 0.05)
	windows := windowsOf(shared, shared, independent(2, 0), independent(3, 0))
	table := types.Weigh(params, 9, []types.Candidate{
		{Operator: "north", Engine: "av", SkillPpm: 600_000, BondPpm: bonds[0], Window: windows[0]},
		{Operator: "south", Engine: "av", SkillPpm: 600_000, BondPpm: bonds[1], Window: windows[1]},
		{Operator: "east", Engine: "ml", SkillPpm: skill, BondPpm: bonds[2], Window: windows[2]},
		{Operator: "west", Engine: "rules", SkillPpm: 400_000, BondPpm: bonds[3], Window: windows[3]},
	})
	var independence []uint32
	var weights []uint64
	for _, row := range table.Rows {
		independence = append(independence, row.IndependencePpm)
		weights = append(weights, row.Weight)
	}
	t.Log(independence, weights)
	require.Equal(t, []uint32{500_000, 500_000, 1_000_000, 1_000_000}, independence)
	require.Equal(t, []uint64{266_443, 240_000, 187_021, 106_666}, weights)
	require.Zero(t, table.NewcomerWeight)
}

// candidate weighs skill parts in a million.
func candidate(operator, engine int, skill uint32) types.Candidate {
	return types.Candidate{Operator: fmt.Sprint("operator", operator), Engine: fmt.Sprint("engine", engine), SkillPpm: skill, BondPpm: 1_000_000}
}

func TestOperatorCapHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 400 {
		params := types.DefaultParams()
		params.OperatorCapPpm = uint32(10_000 + random.IntN(323_334))
		var candidates []types.Candidate
		operators := 1 + random.IntN(30)
		for operator := range operators {
			scale := []int{1, 3, 1000, 1_000_000}[random.IntN(4)]
			for engine := range 1 + random.IntN(16) {
				candidates = append(candidates, candidate(operator, engine, uint32(1+random.IntN(scale))))
			}
		}
		table := types.Weigh(params, 1, candidates)
		sums := map[string]uint64{}
		var total uint64
		for i, row := range table.Rows {
			require.LessOrEqual(t, row.Weight, uint64(candidates[i].SkillPpm), "the cap only takes away")
			sums[row.Operator] += row.Weight
			total += row.Weight
		}
		require.Positive(t, total)
		for operator, sum := range sums {
			if operators*int(params.OperatorCapPpm) < 1_000_000 {
				require.LessOrEqual(t, sum*uint64(operators), total, "%s outweighs another", operator)
				continue
			}
			require.LessOrEqual(t, sum*1_000_000, uint64(params.OperatorCapPpm)*total, "%s of %v", operator, sums)
		}
	}
}

// The cap takes no more than it must: what is below it stays, and the capped are equals.
func TestOperatorCapIsTight(t *testing.T) {
	params := types.DefaultParams()
	table := types.Weigh(params, 1, []types.Candidate{
		candidate(0, 0, 900_000), candidate(0, 1, 900_000), candidate(1, 0, 950_000), candidate(2, 0, 100_000), candidate(3, 0, 100_000),
	})
	weights := make([]uint64, len(table.Rows))
	for i, row := range table.Rows {
		weights[i] = row.Weight
	}
	// c = 0.333 · 200,000 / (1 − 2 · 0.333)
	require.Equal(t, []uint64{99_700, 99_701, 199_401, 100_000, 100_000}, weights)
}

func TestFewOperatorsAreEquals(t *testing.T) {
	params := types.DefaultParams()
	for operators := 1; operators <= 3; operators++ {
		var candidates []types.Candidate
		for operator := range operators {
			candidates = append(candidates, candidate(operator, 0, uint32(300_000*(operator+1))))
		}
		table := types.Weigh(params, 1, candidates)
		for _, row := range table.Rows {
			require.EqualValues(t, 300_000, row.Weight)
		}
		require.EqualValues(t, params.NewcomerSkillPpm, table.NewcomerWeight)
	}
}

func TestWithoutAnyWeightAllAreNewcomers(t *testing.T) {
	params := types.DefaultParams()
	table := types.Weigh(params, 1, []types.Candidate{candidate(0, 0, 0), candidate(1, 0, 0)})
	for _, row := range table.Rows {
		require.EqualValues(t, params.NewcomerSkillPpm, row.Weight)
	}
	table = types.Weigh(params, 1, nil)
	require.Empty(t, table.Rows)
	require.EqualValues(t, params.NewcomerSkillPpm, table.Of("anybody", "engine"))
}

// Engines that weigh nothing take nothing from those whose errors they share.
func TestWeightlessCopiesCostNobody(t *testing.T) {
	window := windowOf(independent(1, 0.05))
	good, copied := candidate(0, 0, 500_000), candidate(1, 0, 0)
	good.Window, copied.Window = window, window
	table := types.Weigh(types.DefaultParams(), 1, []types.Candidate{good, copied})
	require.EqualValues(t, 500_000, table.Rows[0].Weight)
	require.Zero(t, table.Rows[1].Weight)
}

// Where the cap keeps everybody below a third, engines that are registered after the
// freezing cannot lift an operator above it.
func TestLatecomersDoNotEvadeTheCap(t *testing.T) {
	var candidates []types.Candidate
	for operator := range 4 {
		candidates = append(candidates, candidate(operator, 0, 500_000))
	}
	table := types.Weigh(types.DefaultParams(), 1, candidates)
	require.EqualValues(t, 500_000, table.Of("operator0", "engine0"))
	require.Zero(t, table.Of("operator0", "engine1"))
}

func TestBonds(t *testing.T) {
	params := types.DefaultParams()
	amounts := func(stakes ...string) (ints []math.Int) {
		for _, stake := range stakes {
			amount, ok := math.NewIntFromString(stake)
			require.True(t, ok)
			ints = append(ints, amount)
		}
		return ints
	}
	for name, test := range map[string]struct {
		stakes []string
		want   []uint32
	}{
		"none":           {nil, []uint32{}},
		"alone":          {[]string{"5"}, []uint32{666_666}},
		"equal":          {[]string{"7", "7"}, []uint32{666_666, 666_666}},
		"one above":      {[]string{"100", "10", "10"}, []uint32{1_000_000, 166_666, 166_666}},
		"nobody has any": {[]string{"0", "0"}, []uint32{1_000_000, 1_000_000}},
		"beyond 64 bits": {[]string{"100000000000000000000000000000000", "1"}, []uint32{1_000_000, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, types.Bonds(params, amounts(test.stakes...)))
		})
	}
}

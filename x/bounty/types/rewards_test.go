package types_test

import (
	stdmath "math"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/bounty/types"
)

const oneSample = 1_000_000 // points

func TestPayout(t *testing.T) {
	for name, test := range map[string]struct {
		part           int64
		points, target uint64
		want           int64
	}{
		"nothing earned":  {part: 1000, points: 0, target: 10, want: 0},
		"a quiet epoch":   {part: 1000, points: 3, target: 10, want: 300},
		"rounded down":    {part: 100, points: 1, target: 3, want: 33},
		"at the target":   {part: 1000, points: 10, target: 10, want: 1000},
		"above it":        {part: 1000, points: stdmath.MaxUint64, target: 10, want: 1000},
		"an empty part":   {part: 0, points: 5, target: 10, want: 0},
		"largest amounts": {part: stdmath.MaxInt64, points: 1e15, target: 1e15, want: stdmath.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, types.Payout(math.NewInt(test.part), test.points, test.target).Int64())
		})
	}
}

func TestShare(t *testing.T) {
	for name, test := range map[string]struct {
		total       int64
		points, sum uint64
		want        int64
	}{
		"of nobody":     {total: 1000, points: 0, sum: 0, want: 0},
		"none":          {total: 1000, points: 0, sum: 5, want: 0},
		"rounded down":  {total: 1000, points: 1, sum: 3, want: 333},
		"all":           {total: 1000, points: 3, sum: 3, want: 1000},
		"largest words": {total: stdmath.MaxInt64, points: stdmath.MaxUint64, sum: stdmath.MaxUint64, want: stdmath.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, types.Share(math.NewInt(test.total), test.points, test.sum).Int64())
		})
	}
}

// Shares of all never sum up to more than there is.
func FuzzShare(f *testing.F) {
	f.Add(uint64(1000), uint64(1), uint64(1), uint64(1))
	f.Add(uint64(stdmath.MaxUint64), uint64(1<<62), uint64(3), uint64(0))
	f.Fuzz(func(t *testing.T, total, a, b, c uint64) {
		a, b, c = a>>2, b>>2, c>>2
		all, sum := math.NewIntFromUint64(total), math.ZeroInt()
		for _, points := range []uint64{a, b, c} {
			sum = sum.Add(types.Share(all, points, a+b+c))
		}
		require.False(t, sum.GT(all), "%s of %s", sum, all)
		require.True(t, a+b+c == 0 || all.Sub(sum).LT(math.NewInt(3)), "%s of %s", sum, all)
	})
}

func TestRoom(t *testing.T) {
	params := types.DefaultParams() // 10 samples an epoch, established from 20 on
	for name, test := range map[string]struct {
		standing, inEpoch, want uint64
	}{
		"new":                      {0, 0, 10 * oneSample},
		"with points in the epoch": {4 * oneSample, 4 * oneSample, 6 * oneSample},
		"at the cap":               {10 * oneSample, 10 * oneSample, 0},
		"over a lowered cap":       {11 * oneSample, 11 * oneSample, 0},
		"just not established":     {20*oneSample - 1, 0, 10 * oneSample},
		"established":              {20 * oneSample, 10 * oneSample, stdmath.MaxUint64},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, types.Room(params, test.standing, test.inEpoch))
		})
	}
}

func TestKibDays(t *testing.T) {
	const day = 86400
	gib := types.Storing{Bytes: 1 << 30, Replication: 3, Attesters: 6, Seconds: day}
	with := func(change func(*types.Storing)) types.Storing {
		storing := gib
		change(&storing)
		return storing
	}
	for name, test := range map[string]struct {
		storing            types.Storing
		proved, challenged uint32
		want               uint64
	}{
		"half of a GiB for a day":        {gib, 4, 4, 1 << 19},
		"three of four challenges":       {gib, 3, 4, 1 << 19 * 3 / 4},
		"none proved":                    {gib, 0, 4, 0},
		"none asked for":                 {gib, 0, 0, 0},
		"fewer attesters than copies":    {with(func(s *types.Storing) { s.Attesters = 2 }), 4, 4, 1 << 20},
		"no attesters":                   {with(func(s *types.Storing) { s.Attesters = 0 }), 4, 4, 0},
		"an hour":                        {with(func(s *types.Storing) { s.Seconds = 3600 }), 4, 4, 1 << 19 / 24},
		"no time":                        {with(func(s *types.Storing) { s.Seconds = 0 }), 4, 4, 0},
		"rounded down":                   {with(func(s *types.Storing) { s.Bytes = 4095 }), 1, 1, 1},
		"more than there can be is held": {with(func(s *types.Storing) { s.Bytes, s.Seconds = stdmath.MaxUint64, stdmath.MaxUint64 }), 1, 1, 1 << 56},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, test.storing.KibDays(test.proved, test.challenged))
		})
	}
}

// An emission of 1,000,003: 500,001 for contributors, 350,001 for engines, 150,001 for
// storage, which gets what rounding leaves.
func TestEpochIsSettled(t *testing.T) {
	rewards := types.NewEpochRewards(3)
	rewards.ContributorPoints = 2_500 * oneSample // a quarter of the target
	rewards.EnginePoints = 200_000 * oneSample    // more than the target
	rewards.StorageKibDays = 150_000 << 20        // half of it
	rewards.Settle(types.DefaultParams(), math.NewInt(1_000_003))
	require.Equal(t, []int64{1_000_003, 125_000, 350_001, 75_000}, []int64{
		rewards.Emission.Int64(), rewards.Contributors.Int64(), rewards.Engines.Int64(), rewards.Storage.Int64(),
	})
	require.EqualValues(t, 50, rewards.Reward(1*oneSample).Int64())
	require.EqualValues(t, 125_000, rewards.Reward(2_500*oneSample).Int64())
}

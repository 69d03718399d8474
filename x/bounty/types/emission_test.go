package types_test

import (
	stdmath "math"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// mainSchedule gives 600,000,000 VMT, halving every four years.
func mainSchedule() types.Schedule {
	return types.Schedule{
		Treasury: math.NewInt(600_000_000_000_000), PeriodEpochs: types.DefaultPeriodEpochs, Tail: math.ZeroInt(),
	}
}

// emitted sums up the emission of the epochs from..to-1.
func emitted(s types.Schedule, from, to uint64) math.Int {
	sum := math.ZeroInt()
	for epoch := from; epoch < to; epoch++ {
		sum = sum.Add(s.Emission(epoch))
	}
	return sum
}

// What the first periods give, in uvmt: each half of what is left, so that after 50 of
// them nothing is left of less than 2^50.
func TestPeriodsGiveTheWholeTreasury(t *testing.T) {
	schedule := mainSchedule()
	firsts := []int64{300_000_000_000_000, 150_000_000_000_000, 75_000_000_000_000, 37_500_000_000_000}
	left := schedule.Treasury.Int64()
	for period := range uint64(50) {
		want := left - left/2
		if period < uint64(len(firsts)) {
			require.Equal(t, firsts[period], want)
		}
		start := period * schedule.PeriodEpochs
		require.Equal(t, want, emitted(schedule, start, start+schedule.PeriodEpochs).Int64(), "period %d", period)
		require.Equal(t, period, schedule.Period(start))
		require.Equal(t, period, schedule.Period(start+schedule.PeriodEpochs-1))
		left /= 2
	}
	require.Zero(t, left)
	require.True(t, schedule.Emission(50*schedule.PeriodEpochs).IsZero())
}

func TestEmission(t *testing.T) {
	tail := func(s types.Schedule, amount int64) types.Schedule {
		s.Tail = math.NewInt(amount)
		return s
	}
	odd := types.Schedule{Treasury: math.NewInt(21), PeriodEpochs: 3, Tail: math.ZeroInt()}
	one := types.Schedule{Treasury: math.NewInt(8), PeriodEpochs: 1, Tail: math.ZeroInt()}
	for name, test := range map[string]struct {
		schedule types.Schedule
		epoch    uint64
		want     int64
	}{
		// 300,000,000,000,000 / 1461 = 205,338,809,034.9...
		"first":                     {mainSchedule(), 0, 205_338_809_034},
		"second":                    {mainSchedule(), 1, 205_338_809_035},
		"last of the first period":  {mainSchedule(), 1460, 205_338_809_035},
		"first of the second":       {mainSchedule(), 1461, 102_669_404_517},
		"last of the second":        {mainSchedule(), 2921, 102_669_404_518},
		"when all is given":         {mainSchedule(), 50 * 1461, 0},
		"near 2^63":                 {mainSchedule(), 1<<63 - 1, 0},
		"the last one there is":     {mainSchedule(), stdmath.MaxUint64, 0},
		"one epoch a period, first": {one, 0, 4},
		"one epoch a period, third": {one, 2, 1},
		"one epoch a period, last":  {one, stdmath.MaxUint64, 0},
		// 21 - 10 = 11 over three epochs.
		"odd, first":         {odd, 0, 3},
		"odd, second":        {odd, 1, 4},
		"odd, third":         {odd, 2, 4},
		"odd, second period": {odd, 3, 1},
		"a long period":      {types.Schedule{Treasury: math.NewInt(10), PeriodEpochs: stdmath.MaxUint64, Tail: math.ZeroInt()}, stdmath.MaxUint64 - 1, 1},
		"tail below":         {tail(mainSchedule(), 1000), 0, 205_338_809_034},
		"tail above":         {tail(mainSchedule(), 205_338_809_036), 0, 205_338_809_036},
		"tail at the end":    {tail(mainSchedule(), 1000), stdmath.MaxUint64, 1000},
		"nothing to give":    {types.DefaultGenesis().Schedule, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, test.schedule.Emission(test.epoch).Int64())
		})
	}
}

func TestScheduleIsValidated(t *testing.T) {
	require.NoError(t, mainSchedule().Validate())
	for name, change := range map[string]func(*types.Schedule){
		"no treasury":       func(s *types.Schedule) { s.Treasury = math.Int{} },
		"negative treasury": func(s *types.Schedule) { s.Treasury = math.NewInt(-1) },
		"huge treasury":     func(s *types.Schedule) { s.Treasury = math.NewIntFromUint64(stdmath.MaxUint64).AddRaw(1) },
		"no period":         func(s *types.Schedule) { s.PeriodEpochs = 0 },
		"no tail":           func(s *types.Schedule) { s.Tail = math.Int{} },
		"negative tail":     func(s *types.Schedule) { s.Tail = math.NewInt(-1) },
	} {
		t.Run(name, func(t *testing.T) {
			schedule := mainSchedule()
			change(&schedule)
			require.ErrorIs(t, schedule.Validate(), types.ErrInvalidGenesis)
		})
	}
}

// FuzzEmission: whatever the schedule, an epoch gives nothing negative, the first epochs
// of a period sum up to the formula, and a whole period to half of what is left.
func FuzzEmission(f *testing.F) {
	f.Add(uint64(600_000_000_000_000), uint64(1461), uint64(700), uint8(0))
	f.Add(uint64(stdmath.MaxUint64), uint64(1), uint64(1), uint8(63))
	f.Add(uint64(1), uint64(7), uint64(6), uint8(255))
	f.Fuzz(func(t *testing.T, treasury, n, count uint64, period uint8) {
		n = n%5000 + 1
		count %= n + 1
		schedule := types.Schedule{Treasury: math.NewIntFromUint64(treasury), PeriodEpochs: n, Tail: math.ZeroInt()}
		require.NoError(t, schedule.Validate())
		var start, end uint64 // of what is left
		if period < 64 {
			start = treasury >> period
			end = start >> 1
		}
		first := uint64(period) * n
		sum := emitted(schedule, first, first+count)
		want := math.NewIntFromUint64(start - end).Mul(math.NewIntFromUint64(count)).Quo(math.NewIntFromUint64(n))
		require.Equal(t, want.String(), sum.String())
		require.Equal(t, math.NewIntFromUint64(start-end).String(), sum.Add(emitted(schedule, first+count, first+n)).String())
		require.False(t, schedule.Emission(first+count).IsNegative())
	})
}

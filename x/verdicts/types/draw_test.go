package types_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func seatsOf(stakes ...uint64) []supernodetypes.Seat {
	seats := make([]supernodetypes.Seat, len(stakes))
	for i, stake := range stakes {
		operator := sdk.AccAddress(digest(fmt.Sprint("operator ", i))[:20])
		seats[i] = supernodetypes.Seat{Operator: operator.String(), Stake: sdkmath.NewIntFromUint64(stake)}
	}
	return seats
}

// TestDrawFollowsStake counts who is drawn over many seeds that somebody could try: by
// appealing against one sample after another, or by waiting for one beacon after another.
// Each seat's share must be its exact chance within three standard deviations.
func TestDrawFollowsStake(t *testing.T) {
	const draws = 4_000
	beacon, sample := digest("beacon"), digest("sample")
	seats := seatsOf(10, 20, 30, 40, 400)
	for name, seed := range map[string]func(i int) []byte{
		"many appeals": func(i int) []byte { return types.AppealSeed(beacon, digest(fmt.Sprint("sample ", i)), 0) },
		"many beacons": func(i int) []byte { return types.AppealSeed(digest(fmt.Sprint("beacon ", i)), sample, 0) },
	} {
		for _, n := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, panel of %d", name, n), func(t *testing.T) {
				drawn := make(map[string]int)
				for i := range draws {
					panel, err := types.DrawByStake(seats, seed(i), n)
					require.NoError(t, err)
					for _, operator := range panel {
						drawn[operator.String()]++
					}
				}
				for i, seat := range seats {
					chance := chance(seats, i, n)
					sigma := math.Sqrt(draws * chance * (1 - chance))
					require.InDelta(t, draws*chance, drawn[seat.Operator], 3*sigma, "seat %d", i)
				}
			})
		}
	}
}

// chance is that of a seat to be among the first n drawn, by going through all orders.
func chance(seats []supernodetypes.Seat, seat, n int) float64 {
	if n == 0 {
		return 0
	}
	total := 0.0
	for _, s := range seats {
		total += float64(s.Stake.Int64())
	}
	sum := 0.0
	for i, s := range seats {
		first := float64(s.Stake.Int64()) / total
		if i == seat {
			sum += first
			continue
		}
		rest := slices.Delete(slices.Clone(seats), i, i+1)
		at := seat
		if i < seat {
			at--
		}
		sum += first * chance(rest, at, n-1)
	}
	return sum
}

func TestDrawIsASortedSetOfItsSize(t *testing.T) {
	seats := seatsOf(1, math.MaxUint64, 5, math.MaxUint64, 1, 7)
	for n := range 9 {
		panel, err := types.DrawByStake(seats, digest("seed"), n)
		require.NoError(t, err)
		require.Len(t, panel, min(n, len(seats)))
		require.True(t, slices.IsSortedFunc(panel, func(a, b sdk.AccAddress) int { return bytes.Compare(a, b) }))
		require.Len(t, slices.CompactFunc(slices.Clone(panel), func(a, b sdk.AccAddress) bool { return a.Equals(b) }), len(panel))
		slices.Reverse(seats)
		again, err := types.DrawByStake(seats, digest("seed"), n)
		require.NoError(t, err)
		require.Equal(t, panel, again, "the order of the table does not matter")
	}
	panel, err := types.DrawByStake(nil, digest("seed"), 3)
	require.NoError(t, err)
	require.Empty(t, panel)
	_, err = types.DrawByStake([]supernodetypes.Seat{{Operator: "x"}}, digest("seed"), 1)
	require.ErrorIs(t, err, types.ErrInvalidAddress)
}

func TestSeedsDiffer(t *testing.T) {
	seed := types.AppealSeed(digest("beacon"), digest("sample"), 0)
	require.Len(t, seed, 32)
	for name, other := range map[string][]byte{
		"beacon": types.AppealSeed(digest("later beacon"), digest("sample"), 0),
		"sample": types.AppealSeed(digest("beacon"), digest("other sample"), 0),
		"level":  types.AppealSeed(digest("beacon"), digest("sample"), 1),
	} {
		require.NotEqual(t, seed, other, name)
	}
}

func TestPanelsGrow(t *testing.T) {
	params := types.DefaultParams()
	for level, want := range []int{3, 7, 15, 31, 63} {
		require.Equal(t, want, params.PanelSize(uint32(level)))
	}
}

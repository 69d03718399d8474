package types_test

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func setBits(window types.ErrorWindow) (n int) {
	for _, b := range window.Planes {
		n += bits.OnesCount8(b)
	}
	return n
}

func TestObserveOverwritesAPosition(t *testing.T) {
	var window types.ErrorWindow
	window.Observe(9, types.Observation{Answered: true, Wrong: true, Label: "Trojan.A"})
	require.Len(t, window.Planes, types.WindowBytes)
	require.EqualValues(t, 1<<1, window.Planes[1], "answered: bit 1 of byte 1")
	require.EqualValues(t, 1<<1, window.Planes[512+1], "wrong")
	require.EqualValues(t, 1<<1, window.Planes[2*512+1], "detected")
	require.NoError(t, window.Validate())

	window.Observe(9+types.WindowSize, types.Observation{Answered: true})
	require.EqualValues(t, 1<<1, window.Planes[1])
	require.Equal(t, 1, setBits(window), "one answer and nothing else")

	window.Observe(9, types.Observation{})
	require.Zero(t, setBits(window))
}

func TestAbstentionLeavesNothing(t *testing.T) {
	var window types.ErrorWindow
	window.Observe(0, types.Observation{Wrong: true, Label: "Trojan.A"})
	require.Zero(t, setBits(window))
	require.NoError(t, window.Validate())
}

func TestForget(t *testing.T) {
	var window types.ErrorWindow
	window.Forget(0, 10)
	require.Empty(t, window.Planes, "nothing to forget")
	for position := range uint64(types.WindowSize) {
		window.Observe(position, types.Observation{Answered: true})
	}
	window.Forget(types.WindowSize-2, 5) // around the end
	require.Equal(t, types.WindowSize-5, setBits(window))
	for _, position := range []int{types.WindowSize - 2, types.WindowSize - 1, 0, 1, 2} {
		require.Zero(t, window.Planes[position/8]>>(position%8)&1)
	}
	window.Forget(77, 1<<60)
	require.Zero(t, setBits(window))
}

func TestBadWindows(t *testing.T) {
	for name, change := range map[string]func(planes []byte){
		"wrong without answer":    func(p []byte) { p[512] |= 1 },
		"detected without answer": func(p []byte) { p[2*512] |= 1 },
		"label without detection": func(p []byte) { p[5*512] |= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			window := types.ErrorWindow{Planes: make([]byte, types.WindowBytes)}
			require.NoError(t, window.Validate())
			change(window.Planes)
			require.ErrorIs(t, window.Validate(), types.ErrInvalidGenesis)
		})
	}
	require.ErrorIs(t, types.ErrorWindow{Planes: make([]byte, 3)}.Validate(), types.ErrInvalidGenesis)
}

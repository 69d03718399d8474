package types_test

import (
	"bytes"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func TestColumnRoundTrip(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for _, n := range []int{1, 2, 255, 256, 512, 4096} {
		clean := bytes.Repeat([]byte{0x2a}, n)
		noisy := make([]byte, n)
		random.Read(noisy)
		spotted := bytes.Clone(clean)
		spotted[n/2] = 0x4f
		for name, column := range map[string][]byte{"clean": clean, "noisy": noisy, "spotted": spotted} {
			packed := types.PackColumn(column)
			require.LessOrEqual(t, len(packed), n+1, name)
			unpacked, err := types.UnpackColumn(packed, n)
			require.NoError(t, err, name)
			require.Equal(t, column, unpacked, name)
		}
	}
}

func TestCleanColumnIsSmall(t *testing.T) {
	require.Len(t, types.PackColumn(bytes.Repeat([]byte{0x2a}, 4096)), 4)
}

func TestUnpackColumnRefuses(t *testing.T) {
	for name, packed := range map[string][]byte{
		"nothing":             {},
		"unknown format":      {9, 1, 2, 3, 4},
		"raw too short":       {0, 1, 2, 3},
		"raw too long":        {0, 1, 2, 3, 4, 5},
		"raw where runs fit":  {0, 7, 7, 7, 7},
		"runs without length": {1, 7},
		"run of zero":         {1, 7, 0, 7, 4},
		"run past the end":    {1, 7, 5},
		"split run":           {1, 7, 2, 7, 2},
		"runs too few":        {1, 7, 3},
		"padded length":       {1, 7, 0x84, 0x00},
	} {
		_, err := types.UnpackColumn(packed, 4)
		require.ErrorIs(t, err, types.ErrInvalidColumn, name)
	}
}

func FuzzUnpackColumn(f *testing.F) {
	f.Add([]byte{1, 0x2a, 4}, 4)
	f.Add([]byte{0, 1, 2, 3, 4}, 4)
	f.Add([]byte{1, 0x2a, 0xff, 0xff, 0xff, 0xff, 0x0f}, 4096)
	f.Fuzz(func(t *testing.T, packed []byte, n int) {
		if n < 0 || n > types.MaxRoundSamples {
			t.Skip()
		}
		column, err := types.UnpackColumn(packed, n)
		if err != nil {
			return
		}
		require.Len(t, column, n)
		require.Equal(t, packed, types.PackColumn(column), "one column, one encoding")
	})
}

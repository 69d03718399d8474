package types_test

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// The ring holds what a plain list of the newest duties holds.
func TestTheRingHoldsTheNewestDuties(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for _, window := range []uint32{8, 9, 15, 16, 100, types.MaxLivenessWindow} {
		liveness := types.Liveness{Operator: account(1)}
		var duties []bool
		for range 3 * window {
			missed := random.Intn(3) == 0
			liveness.Push(missed, window)
			duties = append(duties, missed)
			newest := duties[max(0, len(duties)-int(window)):]
			want := uint32(0)
			for _, missed := range newest {
				if missed {
					want++
				}
			}
			require.Equal(t, want, liveness.MissedCount)
			require.EqualValues(t, len(newest), liveness.Observed)
			require.EqualValues(t, len(duties), liveness.UnjailedDuties)
			_, err := liveness.Validate("liveness")
			require.NoError(t, err)
		}
	}
}

func TestARingOfAnotherWindowStartsAnew(t *testing.T) {
	tests := map[string]struct {
		duties   int
		from, to uint32
		observed uint32
	}{
		"larger":                         {duties: 20, from: 16, to: 32, observed: 1},
		"smaller":                        {duties: 20, from: 16, to: 8, observed: 1},
		"larger, as many bytes":          {duties: 20, from: 14, to: 16, observed: 1},
		"smaller, as many bytes":         {duties: 20, from: 16, to: 14, observed: 1},
		"as many bytes, just full":       {duties: 14, from: 16, to: 14, observed: 1},
		"as many bytes, not full":        {duties: 5, from: 14, to: 16, observed: 6},
		"as many bytes, once round":      {duties: 28, from: 14, to: 16, observed: 1},
		"the same, full":                 {duties: 20, from: 16, to: 16, observed: 16},
		"as many bytes, full at the end": {duties: 15, from: 15, to: 16, observed: 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			liveness := types.Liveness{Operator: account(1)}
			for range tc.duties {
				liveness.Push(true, tc.from)
			}
			liveness.Push(true, tc.to)
			require.Equal(t, tc.observed, liveness.Observed)
			require.Equal(t, tc.observed, liveness.MissedCount)
			require.EqualValues(t, tc.duties+1, liveness.UnjailedDuties)
			_, err := liveness.Validate("liveness")
			require.NoError(t, err)
		})
	}
}

func TestMissesTooMuch(t *testing.T) {
	tests := map[string]struct {
		window, performed, missed uint32
		want                      bool
	}{
		"half allowed, half missed":      {window: 8, performed: 500_000, missed: 4},
		"half allowed, one more missed":  {window: 8, performed: 500_000, missed: 5, want: true},
		"none allowed, none missed":      {window: 8, performed: 1_000_000},
		"none allowed, one missed":       {window: 8, performed: 1_000_000, missed: 1, want: true},
		"all allowed, all missed":        {window: 8, performed: 0, missed: 8},
		"a third of nine, six missed":    {window: 9, performed: 333_333, missed: 6},
		"a third of nine, seven missed":  {window: 9, performed: 333_333, missed: 7, want: true},
		"a bit above a third, six of it": {window: 9, performed: 333_334, missed: 6, want: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			params := types.Params{LivenessWindow: tc.window, MinPerformedPpm: tc.performed}
			require.Equal(t, tc.want, types.Liveness{MissedCount: tc.missed}.MissesTooMuch(params))
		})
	}
}

func TestEachFaultHasItsPrice(t *testing.T) {
	params := types.Params{
		SlashUnrevealedPpm: 1, SlashLostAppealPpm: 2, SlashNonDeliveryPpm: 3, SlashStorageFraudPpm: 4, SlashVaultKeyPpm: 5,
		DelegatorSharePpm: 500_000,
	}
	for fault := range types.Fault_name {
		bond, delegations, err := params.SlashPpm(types.Fault(fault))
		if fault == int32(types.FAULT_UNSPECIFIED) {
			require.ErrorIs(t, err, types.ErrNotFound)
			continue
		}
		require.NoError(t, err)
		require.EqualValues(t, fault, bond)
		require.EqualValues(t, fault/2, delegations)
	}
	_, _, err := params.SlashPpm(99)
	require.ErrorIs(t, err, types.ErrNotFound)
}

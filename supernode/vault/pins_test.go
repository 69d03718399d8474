package vault

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPinsAreListedInOrderAndOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	v := openAt(t, dir)
	c := sealBytes(t, v, content(10), NewEpochKey().Recipient()).CID
	other := sealBytes(t, v, content(20), NewEpochKey().Recipient()).CID
	require.NoError(t, v.Pin(Pin{[32]byte{3}, c}, Pin{[32]byte{1}, c}))
	require.NoError(t, v.Pin(Pin{[32]byte{2}, c}, Pin{[32]byte{3}, other}))
	require.NoError(t, v.Pin())
	require.NoError(t, v.Close())

	v = openAt(t, dir)
	all := []Pin{{[32]byte{1}, c}, {[32]byte{2}, c}, {[32]byte{3}, other}}
	for _, test := range []struct {
		after []byte
		limit int
		want  []Pin
	}{
		{nil, 10, all},
		{nil, 2, all[:2]},
		{all[0].Name[:], 10, all[1:]},
		{[]byte{1}, 10, all}, // between two names
		{all[2].Name[:], 10, nil},
	} {
		pins, err := v.Pins(test.after, test.limit)
		require.NoError(t, err)
		require.Equal(t, test.want, pins)
	}
	require.NoError(t, v.Unpin([32]byte{1}, [32]byte{9}))
	pins, err := v.Pins(nil, 10)
	require.NoError(t, err)
	require.Equal(t, all[1:], pins)
	require.True(t, v.Has(t.Context(), c), "a pin is only a note")
}

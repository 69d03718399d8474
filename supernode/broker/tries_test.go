package broker

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTriesArePacedAndForgotten(t *testing.T) {
	t.Parallel()
	p := paces{shortest: time.Second, longest: 3 * time.Second}
	now, id, tries := time.Unix(1_900_000_000, 0), []byte("order"), newTries()
	begin := func(after time.Duration) bool {
		now = now.Add(after)
		return tries.begin(id, 100, true, now)
	}
	require.True(t, begin(0))
	require.False(t, begin(time.Hour), "it is on its way")
	for _, pause := range []time.Duration{1, 2, 3, 3} {
		tries.fail(id, now, p)
		require.False(t, tries.waiting(now))
		require.False(t, begin(pause*time.Second-1))
		require.True(t, tries.waiting(now.Add(1)))
		require.True(t, begin(1))
	}
	require.Empty(t, tries.expire(100), "what becomes of it is not known yet")
	tries.close(id, 100)
	require.True(t, tries.settled(id))
	require.False(t, tries.waiting(now.Add(time.Hour)))
	require.False(t, begin(time.Hour), "a list from before says it is open")
	require.Empty(t, tries.expire(100+forgetAfter))
	require.Empty(t, tries.orders)

	require.True(t, begin(0))
	tries.fail(id, now, p)
	require.Empty(t, tries.expire(99))
	require.Equal(t, [][]byte{id}, tries.expire(100), "its window has passed")
	require.Empty(t, tries.expire(101), "that is told once")
}

func TestTriesAreBounded(t *testing.T) {
	t.Parallel()
	tries := newTries()
	for i := range maxTries {
		require.True(t, tries.begin(fmt.Append(nil, i), 10, false, time.Now()))
	}
	require.False(t, tries.begin([]byte("one more"), 10, false, time.Now()))
	tries.close(fmt.Append(nil, 0), 1)
	tries.expire(1 + forgetAfter)
	require.True(t, tries.begin([]byte("one more"), 10, false, time.Now()))
}

package chain

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestTimeoutFollowsTheChainWithinReasonOfTheClock(t *testing.T) {
	block := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ now, base time.Time }{
		"clock behind the chain":    {block.Add(-time.Hour), block},
		"clock with the chain":      {block.Add(time.Second), block.Add(time.Second)},
		"no block for five minutes": {block.Add(5 * time.Minute), block.Add(5 * time.Minute)},
		"clock a day ahead":         {block.Add(24 * time.Hour), block.Add(maxClockLead)},
	} {
		timeout := (&Client{}).timeout(block, c.now)
		require.False(t, timeout.Before(c.base.Add(txLifetime)), name)
		require.False(t, timeout.After(c.base.Add(txLifetime+time.Second)), name)
		require.Less(t, timeout.Sub(block), 10*time.Minute, "%s: the chain takes no longer ones", name)
	}
}

func TestTimeoutsAreNeverTheSame(t *testing.T) {
	c, now := &Client{}, time.Now()
	var mu sync.Mutex
	var group sync.WaitGroup
	seen := map[time.Time]bool{}
	for range 8 {
		group.Go(func() {
			for range 500 {
				timeout := c.timeout(now, now)
				mu.Lock()
				seen[timeout] = true
				mu.Unlock()
			}
		})
	}
	group.Wait()
	require.Len(t, seen, 8*500)
}

func TestErrorIsTheModuleErrorItStandsFor(t *testing.T) {
	err := fmt.Errorf("commit: %w", &Error{Codespace: verdictstypes.ModuleName, Code: verdictstypes.ErrCommitted.ABCICode(), Log: "round 7"})
	require.ErrorIs(t, err, verdictstypes.ErrCommitted)
	require.NotErrorIs(t, err, verdictstypes.ErrRevealed)
	require.NotErrorIs(t, &Error{Codespace: "sdk", Code: verdictstypes.ErrCommitted.ABCICode()}, verdictstypes.ErrCommitted)
	require.EqualError(t, err, "commit: chain: verdicts/11: round 7")
}

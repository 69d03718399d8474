package wanted

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

func TestEveryPageOfEveryWantedKindIsRead(t *testing.T) {
	var bounties []bountytypes.Bounty
	for i := range 5 {
		bounties = append(bounties, wantHash(fmt.Sprintf("%032x", i)), wantFamily(fmt.Sprint("family", i)), wantRule(fmt.Sprint("rule", i)))
	}
	hunter, chain, _ := newHunter(t, append(bounties, want(bountytypes.BOUNTY_KIND_SAMPLE, "a sample"))...)
	read, err := hunter.board.read(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, bounties, read)

	asked := chain.asked
	_, err = hunter.board.read(t.Context())
	require.NoError(t, err)
	require.Equal(t, asked, chain.asked, "rounds at one time share a reading")
	hunter.board.readAt = time.Now().Add(-fresh)
	chain.bounties = nil
	read, err = hunter.board.read(t.Context())
	require.NoError(t, err)
	require.Empty(t, read)
}

// The node need not be honest.
func TestReadingIsBounded(t *testing.T) {
	var bounties []bountytypes.Bounty
	for i := range maxBounties {
		bounties = append(bounties, wantHash(fmt.Sprintf("%032x", i)), wantFamily(fmt.Sprint("family", i)))
	}
	short, long := wantFamily("short"), wantRule(string(make([]byte, maxTargetBytes+1)))
	short.Id = short.Id[:31]
	hunter, _, _ := newHunter(t, append([]bountytypes.Bounty{short, long}, bounties...)...)
	read, err := hunter.board.read(t.Context())
	require.NoError(t, err)
	require.Len(t, read, maxBounties)
	require.NotContains(t, read, short)
	require.NotContains(t, read, long)
}

func TestNodeThatIsAwayCostsOnlyTheMatches(t *testing.T) {
	content := newContent(t, "evil")
	bounty := wantHash(sha256Of(content.SHA256[:]))
	hunter, chain, log := newHunter(t, bounty)
	chain.away = true
	require.Empty(t, hunter.Begin(t.Context()).Known(submitted(content, 10)))
	require.Equal(t, 1, log.count(errAway.Error()))
	require.Equal(t, 1, chain.asked)
	require.Empty(t, hunter.Begin(t.Context()).Known(submitted(content, 10)))
	require.Equal(t, 1, chain.asked, "a failure is shared as well")

	chain.away, hunter.board.readAt = false, time.Time{}
	requireMatches(t, hunter.Begin(t.Context()).Known(submitted(content, 10)), bounty)
}

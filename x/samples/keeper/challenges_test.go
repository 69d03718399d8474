package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// waiting is how many operators wait for their challenges of an epoch.
func (f *fixture) waiting(epoch uint64) (n int) {
	f.t.Helper()
	err := f.keeper.Draws.Walk(f.ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch),
		func(collections.Pair[uint64, sdk.AccAddress]) (bool, error) {
			n++
			return false, nil
		})
	require.NoError(f.t, err)
	return n
}

func TestDrawingWaitsForTheBeacon(t *testing.T) {
	f := newFixture(t)
	hash := f.store("content")
	f.endBlock(9, 9)
	f.stir("known before the epoch")
	f.seat(1, 2)
	f.stir("known in the block of the seating")
	f.endBlock(1, 1)
	f.endBlock(1, 1)
	require.Empty(t, f.challengesOf(operator(0)))
	require.Equal(t, 2, f.waiting(1))

	f.stir("fresh")
	f.freshEvents()
	drawn := f.ctx.BlockHeight()
	f.endBlock(1, 1)
	require.Zero(t, f.waiting(1))
	var told []*types.EventChallenged
	for i := range 2 {
		challenges := f.challengesOf(operator(i))
		require.Len(t, challenges, 3, "each chunk is asked for once")
		asked := make(map[uint64]bool)
		for _, challenge := range challenges {
			require.Equal(t, uint64(1), challenge.Epoch)
			require.Equal(t, hash, challenge.Sha256)
			require.Less(t, challenge.Chunk, uint64(3), "a ciphertext of 2307 bytes")
			require.False(t, asked[challenge.Chunk])
			require.Equal(t, drawn+600, challenge.DeadlineHeight)
			require.False(t, challenge.Proved)
			asked[challenge.Chunk] = true
			told = append(told, types.NewEventChallenged(challenge))
		}
	}
	require.ElementsMatch(t, told, eventsOf[*types.EventChallenged](f))
}

// Each operator is asked for what rendezvous hashing assigns to it, and for nothing else.
func TestOnlyHoldersAreChallenged(t *testing.T) {
	f := newFixture(t)
	var operators []sdk.AccAddress
	for i := range 10 {
		operators = append(operators, operator(i))
	}
	f.fund(contributor, 100*deposit)
	for i := range 60 {
		f.store(fmt.Sprint("content ", i))
	}
	f.seat(1, 10)
	f.endBlock(1, 1)
	f.stir("fresh")
	for range 3 {
		f.endBlock(1, 1)
	}
	for _, operator := range operators {
		challenges := f.challengesOf(operator)
		require.Len(t, challenges, 4)
		for i, challenge := range challenges {
			require.Equal(t, uint32(i), challenge.Index)
			require.True(t, types.Holds(challenge.Sha256, operator, operators, 3))
		}
	}
}

// Who submits what nobody can fetch must not have others slashed for it.
func TestSamplesThatNobodyOpenedAreNotDrawn(t *testing.T) {
	f := newFixture(t)
	hash := f.reach(types.STATUS_SCANNING, "content that nobody has")
	require.NoError(t, f.keeper.Conclude(f.ctx, []types.Conclusion{{SHA256: hash, Valid: true}}))
	f.seat(1, 1)
	f.endBlock(1, 1)
	f.stir("fresh")
	f.endBlock(1, 1)
	require.Empty(t, f.challengesOf(operator(0)))
}

func TestOnlyFinalSamplesAreDrawn(t *testing.T) {
	for _, status := range []types.Status{
		types.STATUS_QUEUED, types.STATUS_SCANNING, types.STATUS_INVALID, types.STATUS_BLOCKED,
	} {
		t.Run(status.String(), func(t *testing.T) {
			f := newFixture(t)
			f.reach(status, "content")
			f.seat(1, 1)
			f.endBlock(1, 1)
			f.stir("fresh")
			f.endBlock(1, 1)
			require.Empty(t, f.challengesOf(operator(0)))
			require.Zero(t, f.waiting(1), "its turn is over")
		})
	}
}

func TestNothingToStoreIsNoChallenge(t *testing.T) {
	f := newFixture(t)
	f.seat(1, 1)
	f.endBlock(1, 1)
	f.stir("fresh")
	f.endBlock(1, 1)
	require.Empty(t, f.challengesOf(operator(0)))
	require.Zero(t, f.waiting(1))
}

func TestDrawingIsBounded(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.MaxChallengedPerBlock = 3 })
	f.store("content")
	f.seat(1, 7)
	f.endBlock(1, 1)
	f.stir("fresh")
	for _, left := range []int{4, 1, 0, 0} {
		f.endBlock(1, 1)
		require.Equal(t, left, f.waiting(1))
	}
}

// An epoch that ends before the beacon moves has no challenges, and leaves nothing.
func TestLateDrawsAreDropped(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.MaxExpiriesPerBlock = 2 })
	f.store("content")
	f.seat(1, 3)
	f.endBlock(5, 5)
	f.seat(2, 1)
	f.endBlock(1, 1)
	require.Equal(t, 1, f.waiting(1), "bounded")
	f.endBlock(1, 1)
	require.Zero(t, f.waiting(1))
	f.stir("fresh")
	f.endBlock(1, 1)
	for i := range 3 {
		for _, challenge := range f.challengesOf(operator(i)) {
			require.Equal(t, uint64(2), challenge.Epoch)
		}
	}
	require.NotEmpty(t, f.challengesOf(operator(0)))
	require.Empty(t, f.challengesOf(operator(1)))
}

// Who attests no more stores nothing: its samples are the others'.
func TestBenchedAreNotChallenged(t *testing.T) {
	f := newFixture(t)
	f.store("content")
	f.seat(1, 2)
	f.endBlock(1, 1)
	require.NoError(t, f.supernode.Benched.Set(f.ctx, collections.Join(uint64(1), operator(0))))
	f.stir("fresh")
	f.endBlock(1, 1)
	require.Empty(t, f.challengesOf(operator(0)))
	require.NotEmpty(t, f.challengesOf(operator(1)))
}

func TestNoChallengesByParameter(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.ChallengesPerEpoch = 0 })
	f.store("content")
	f.seat(1, 1)
	f.endBlock(1, 1)
	f.stir("fresh")
	f.endBlock(1, 1)
	require.Empty(t, f.challengesOf(operator(0)))
}

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// A newcomer gets 10 samples an epoch until it has 20; from then on there is no cap.
func TestNewcomersAreCapped(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	contributor := holder("newcomer")
	for _, step := range []struct {
		newEpoch           bool
		add, given, capped uint64
	}{
		{add: 7 * onePoint, given: 7 * onePoint},
		{add: 7 * onePoint, given: 3 * onePoint, capped: 4 * onePoint},
		{add: onePoint, capped: onePoint},
		{newEpoch: true, add: 15 * onePoint, given: 10 * onePoint, capped: 5 * onePoint},
		{add: 15 * onePoint, given: 15 * onePoint}, // established now
	} {
		if step.newEpoch {
			f.nextEpoch(5)
		}
		given, capped := f.earn(contributor, step.add)
		require.Equal(t, []uint64{step.given, step.capped}, []uint64{given, capped})
	}
	standing, err := f.keeper.Standings.Get(f.ctx, contributor)
	require.NoError(t, err)
	require.EqualValues(t, 35*onePoint, standing)
	require.EqualValues(t, 10*onePoint, f.rewards(0).ContributorPoints)
	require.EqualValues(t, 25*onePoint, f.rewards(1).ContributorPoints)
	f.endBlock(5)
}

// Who has no coins has no account; the first points make one, so that a claim can be signed.
func TestPointsMakeAnAccount(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	contributor := holder("without coins")
	f.setParams(func(p *types.Params) { p.NewcomerPoints = 0 })
	given, capped := f.earn(contributor, onePoint)
	require.Equal(t, []uint64{0, onePoint}, []uint64{given, capped})
	require.False(t, f.accounts.HasAccount(f.ctx, contributor), "nothing was given")

	f.setParams(func(p *types.Params) { p.NewcomerPoints = onePoint })
	f.earn(contributor, onePoint)
	account := f.accounts.GetAccount(f.ctx, contributor)
	require.NotNil(t, account)
	f.nextEpoch(5)
	f.earn(contributor, onePoint)
	require.Equal(t, account.GetAccountNumber(), f.accounts.GetAccount(f.ctx, contributor).GetAccountNumber())
	amount, _, err := f.claim(contributor)
	require.NoError(t, err)
	require.EqualValues(t, 25_000, amount)
	f.endBlock(5)
}

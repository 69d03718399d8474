package keeper_test

import (
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

const jailTime = 30

// dutyFixture is a chain with three seated supernodes, ranked 1, 2, 3, a window of 8 duties
// of which half must be performed, and no fault that costs anything.
func dutyFixture(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	f.govern(func(p *types.Params) {
		p.LivenessWindow, p.MinPerformedPpm = 8, 500_000
		p.JailSeconds, p.MaxJails = jailTime, 3
		p.UnrevealedTolerance, p.StorageMissTolerance = 10, 1
		p.SlashUnrevealedPpm, p.SlashStorageFraudPpm, p.SlashVaultKeyPpm = 0, 0, 0
		p.DelegatorSharePpm = 500_000
	})
	for number := byte(1); number <= 3; number++ {
		f.register(number, 10*minBond-int64(number))
	}
	f.nextEpoch()
	return f
}

// govern changes the parameters.
func (f *fixture) govern(change func(*types.Params)) {
	f.t.Helper()
	params, err := f.keeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	change(&params)
	_, err = deliver(f, f.msgs.UpdateParams, &types.MsgUpdateParams{Authority: f.authority, Params: params})
	require.NoError(f.t, err)
}

// duties records the rounds of an operator in the current epoch: D done, M missed, U unrevealed;
// and storage challenges: p proved, f failed.
func (f *fixture) duties(number byte, sequence string) {
	f.t.Helper()
	epoch, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(f.t, err)
	f.dutiesOf(epoch.Number, number, sequence)
}

func (f *fixture) dutiesOf(epoch uint64, number byte, sequence string) {
	f.t.Helper()
	for _, duty := range sequence {
		var err error
		switch duty {
		case 'D':
			err = f.keeper.RecordRound(f.ctx, epoch, operator(number), types.DutyDone)
		case 'M':
			err = f.keeper.RecordRound(f.ctx, epoch, operator(number), types.DutyMissed)
		case 'U':
			err = f.keeper.RecordRound(f.ctx, epoch, operator(number), types.DutyUnrevealed)
		case 'a': // missed while away: it attested last before the middle of the window
			err = f.keeper.AfterStorageChallenge(f.ctx, epoch, operator(number), false, f.ctx.BlockHeight()+1)
		default:
			err = f.keeper.AfterStorageChallenge(f.ctx, epoch, operator(number), duty == 'p', max(f.ctx.BlockHeight(), 1))
		}
		require.NoError(f.t, err)
	}
}

func (f *fixture) supernode(number byte) types.Supernode {
	f.t.Helper()
	supernode, err := f.keeper.Supernode(f.ctx, operator(number))
	require.NoError(f.t, err)
	return supernode
}

func (f *fixture) liveness(number byte) types.Liveness {
	f.t.Helper()
	res, err := f.queries.Liveness(f.ctx, &types.QueryLivenessRequest{Operator: operator(number).String()})
	require.NoError(f.t, err)
	return res.Liveness
}

func TestJailedByMisses(t *testing.T) {
	tests := map[string]struct {
		duties string
		jailed bool
	}{
		"all done":                        {duties: "DDDDDDDDDDDD"},
		"half missed":                     {duties: "MMMMDDDDMMMMDDDD"},
		"more than half of a full window": {duties: "DDDMMMMM", jailed: true},
		"early, before the window is full": {
			duties: "MMMMM", jailed: true,
		},
		"as many as a full window allows":  {duties: "MMMM"},
		"old misses leave the window":      {duties: "MMMMDDDDDDDDMMMM"},
		"misses across the end of a ring":  {duties: "DDDDDDMMMMM", jailed: true},
		"unrevealed counts as missed":      {duties: "UMUMU", jailed: true},
		"storage counts as missed":         {duties: "ffMMM", jailed: true},
		"proved storage counts as done":    {duties: "MMMMpppppMMM"},
		"misses between many done":         {duties: "MDMDMDMDMDMDMDMDMD"},
		"one more than half, in any order": {duties: "MDMDMDMM", jailed: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := dutyFixture(t)
			f.duties(2, tc.duties)
			if !tc.jailed {
				require.Equal(t, types.STATUS_CANDIDATE, f.supernode(2).Status)
				require.Zero(t, f.emitted(&types.EventJailed{}))
				return
			}
			supernode := f.supernode(2)
			require.Equal(t, types.STATUS_JAILED, supernode.Status)
			require.Equal(t, f.ctx.BlockTime().Unix()+jailTime, supernode.JailedUntil)
			require.EqualValues(t, 1, supernode.Jails)
			require.Equal(t, 1, f.emitted(&types.EventJailed{}))
			require.Zero(t, f.liveness(2).Observed)
		})
	}
}

func TestEachMissIsTold(t *testing.T) {
	f := dutyFixture(t)
	f.duties(1, "DMUfpD")
	var told []string
	for _, event := range f.ctx.EventManager().Events() {
		parsed, err := sdk.ParseTypedEvent(abci.Event(event))
		if missed, ok := parsed.(*types.EventDutyMissed); ok && err == nil {
			require.Equal(t, operator(1).String(), missed.Operator)
			require.EqualValues(t, 1, missed.Epoch)
			require.EqualValues(t, len(told)+1, missed.MissedCount)
			told = append(told, missed.Duty)
		}
	}
	require.Equal(t, []string{"round", "reveal", "storage"}, told)
}

func TestTheJailedAreBenched(t *testing.T) {
	f := dutyFixture(t)
	f.duties(2, "MMMMM")

	res, err := f.queries.Epoch(f.ctx, &types.QueryEpochRequest{})
	require.NoError(t, err)
	require.Len(t, res.Seats, 3)
	require.Equal(t, []string{operator(2).String()}, res.Benched)
	attesters, err := f.keeper.Attesters(f.ctx, 1)
	require.NoError(t, err)
	require.Len(t, attesters, 2)
	seated, err := f.keeper.IsSeated(f.ctx, 1, operator(2))
	require.NoError(t, err)
	require.False(t, seated)
	require.Equal(t, []byte{1, 3}, f.seats(f.nextEpoch()))
}

func TestBenchedRowsGoWithTheirEpoch(t *testing.T) {
	f := dutyFixture(t)
	f.duties(2, "MMMMM")
	for range 4 {
		f.nextEpoch()
	}
	left, err := f.keeper.Benched.Has(f.ctx, collections.Join(uint64(1), operator(2)))
	require.NoError(t, err)
	require.False(t, left)
}

func TestTheLastAttesterIsNotJailed(t *testing.T) {
	f := dutyFixture(t)
	f.duties(1, "MMMMM")
	f.duties(2, "MMMMM")
	f.duties(3, "MMMMMMMMMMMM")

	require.Equal(t, types.STATUS_CANDIDATE, f.supernode(3).Status)
	require.EqualValues(t, 8, f.liveness(3).MissedCount)
	require.Equal(t, []byte{3}, f.seats(f.nextEpoch()))

	f.register(4, minBond)
	f.nextEpoch()
	f.duties(3, "M")
	require.Equal(t, types.STATUS_JAILED, f.supernode(3).Status, "with another attester, its next miss jails it")
}

func TestWhoIsNotSeatedIsJailedToo(t *testing.T) {
	f := dutyFixture(t)
	f.register(4, 20*minBond)
	f.nextEpoch() // 4, 1, 2
	f.dutiesOf(1, 3, "MMMMM")
	require.Equal(t, types.STATUS_JAILED, f.supernode(3).Status)
	res, err := f.queries.Epoch(f.ctx, &types.QueryEpochRequest{})
	require.NoError(t, err)
	require.Empty(t, res.Benched)
}

func TestAFullWindowResetsTheJails(t *testing.T) {
	f := dutyFixture(t)
	f.duties(2, "MMMMM")
	f.nextBlock(jailTime * time.Second)
	f.unjail(2)

	f.duties(2, "DDDDDDD")
	require.EqualValues(t, 1, f.supernode(2).Jails)
	f.duties(2, "M")
	require.Zero(t, f.supernode(2).Jails)
}

func TestDutiesInJailForgiveNothing(t *testing.T) {
	f := dutyFixture(t)
	f.duties(2, "MMMMM")
	f.duties(2, "ppppppppffffffff")
	require.EqualValues(t, 1, f.supernode(2).Jails)
	f.nextBlock(jailTime * time.Second)
	f.unjail(2)
	require.Zero(t, f.liveness(2).MissedCount, "what it missed in jail is not held against it")
}

func TestEpochCounters(t *testing.T) {
	f := dutyFixture(t)
	f.duties(1, "DDUfp")
	got := f.liveness(1)
	require.EqualValues(t, []uint64{1, 2, 1, 1, 1}, []uint64{got.Epoch, uint64(got.Attested), uint64(got.Unrevealed), uint64(got.StorageMissed), uint64(got.StorageProved)})

	f.nextEpoch()
	f.duties(1, "D")
	f.dutiesOf(1, 1, "DUfpM") // late: bits, but no counts
	got = f.liveness(1)
	require.EqualValues(t, []uint64{2, 1, 0, 0, 0}, []uint64{got.Epoch, uint64(got.Attested), uint64(got.Unrevealed), uint64(got.StorageMissed), uint64(got.StorageProved)})
	require.EqualValues(t, 8, got.Observed)
}

func TestDutiesOfTheUnregisteredAreIgnored(t *testing.T) {
	f := dutyFixture(t)
	f.dutiesOf(1, 99, "DMUf")
	_, err := f.keeper.Liveness.Get(f.ctx, operator(99))
	require.ErrorIs(t, err, collections.ErrNotFound)
}

func TestARecordGoesWithItsRegistration(t *testing.T) {
	f := dutyFixture(t)
	f.duties(1, "DDD")
	f.retire(1)
	f.duties(1, "MMMMMM")
	require.Equal(t, types.STATUS_RETIRED, f.supernode(1).Status, "the retired are not jailed")
	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	_, err := f.keeper.Liveness.Get(f.ctx, operator(1))
	require.ErrorIs(t, err, collections.ErrNotFound)
}

// Ranks 1, 2, 3: who publishes late costs those before it a duty.
func TestALateVaultKeyIsAMissedDuty(t *testing.T) {
	tests := map[string]struct {
		maker  byte
		blamed []byte
	}{
		"first rank, late": {maker: 1},
		"second rank":      {maker: 2, blamed: []byte{1}},
		"third rank":       {maker: 3, blamed: []byte{1, 2}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := dutyFixture(t)
			for range 2 * grace {
				f.nextBlock(time.Second)
			}
			f.publishAny(tc.maker)
			for number := byte(1); number <= 3; number++ {
				want := 0
				if slices.Contains(tc.blamed, number) {
					want = 1
				}
				require.EqualValues(t, want, f.liveness(number).MissedCount)
			}
			require.Equal(t, len(tc.blamed), f.emitted(&types.EventDutyMissed{}))
		})
	}
}

func TestTheBenchedAreNotBlamedForTheVaultKey(t *testing.T) {
	f := dutyFixture(t)
	f.duties(1, "MMMMM")
	for range grace {
		f.nextBlock(time.Second)
	}
	f.publishAny(2)
	require.Zero(t, f.liveness(1).MissedCount)
}

func TestQueryLiveness(t *testing.T) {
	f := dutyFixture(t)
	require.Equal(t, types.Liveness{Operator: operator(1).String()}, f.liveness(1))
	_, err := f.queries.Liveness(f.ctx, &types.QueryLivenessRequest{Operator: operator(99).String()})
	require.ErrorContains(t, err, "NotFound")
	_, err = f.queries.Liveness(f.ctx, &types.QueryLivenessRequest{Operator: "x"})
	require.ErrorContains(t, err, "InvalidArgument")
}

package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func (f *fixture) unjail(number byte) {
	f.t.Helper()
	_, err := deliver(f, f.msgs.Unjail, &types.MsgUnjail{Operator: operator(number).String()})
	require.NoError(f.t, err)
}

func TestUnjail(t *testing.T) {
	tests := map[string]struct {
		operator string
		before   func(*fixture)
		waited   time.Duration
		err      error
		message  string
	}{
		"in time":             {operator: operator(2).String(), waited: jailTime * time.Second},
		"late":                {operator: operator(2).String(), waited: time.Hour},
		"a second early":      {operator: operator(2).String(), waited: (jailTime - 1) * time.Second, err: types.ErrJailed, message: "may unjail from unix time"},
		"not jailed":          {operator: operator(1).String(), waited: time.Hour, err: types.ErrNotJailed, message: "STATUS_CANDIDATE"},
		"retired":             {operator: operator(2).String(), before: func(f *fixture) { f.retire(2) }, waited: time.Second, err: types.ErrNotJailed, message: "STATUS_RETIRED"},
		"unknown":             {operator: operator(9).String(), err: types.ErrNotFound},
		"operator no address": {operator: "x", err: types.ErrInvalidAddress, message: "operator"},
		"bond too small": {
			operator: operator(2).String(), waited: time.Hour,
			before: func(f *fixture) { f.govern(func(p *types.Params) { p.MinSelfBond = coin(10 * minBond) }) },
			err:    types.ErrInvalidBond, message: "self_bond is 9998uvmt, want at least 10000uvmt",
		},
		"bond made up for": {
			operator: operator(2).String(), waited: time.Hour,
			before: func(f *fixture) {
				f.govern(func(p *types.Params) { p.MinSelfBond = coin(10 * minBond) })
				f.fund(operator(2), coin(2))
				_, err := deliver(f, f.msgs.AddBond, &types.MsgAddBond{Operator: operator(2).String(), Amount: coin(2)})
				require.NoError(f.t, err)
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := dutyFixture(t)
			f.duties(2, "MMMMM")
			if tc.before != nil {
				tc.before(f)
			}
			f.nextBlock(tc.waited)

			_, err := deliver(f, f.msgs.Unjail, &types.MsgUnjail{Operator: tc.operator})

			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				require.Zero(t, f.emitted(&types.EventUnjailed{}))
				return
			}
			require.NoError(t, err)
			supernode := f.supernode(2)
			require.Equal(t, types.STATUS_CANDIDATE, supernode.Status)
			require.Zero(t, supernode.JailedUntil)
			require.EqualValues(t, 1, supernode.Jails)
			require.Equal(t, 1, f.emitted(&types.EventUnjailed{}))
			require.Contains(t, f.seats(f.nextEpoch()), byte(2))
		})
	}
}

func TestWhoUnjailsStaysBenchedForTheEpoch(t *testing.T) {
	f := dutyFixture(t)
	f.duties(2, "MMMMM")
	f.nextBlock(jailTime * time.Second)
	f.unjail(2)

	seated, err := f.keeper.IsSeated(f.ctx, 1, operator(2))
	require.NoError(t, err)
	require.False(t, seated)
	seated, err = f.keeper.IsSeated(f.ctx, f.nextEpoch(), operator(2))
	require.NoError(t, err)
	require.True(t, seated)
}

func TestWhatTheJailedMayDo(t *testing.T) {
	f := dutyFixture(t)
	f.duties(2, "MMMMM")
	f.fund(operator(2), coin(5))

	_, err := deliver(f, f.msgs.AddBond, &types.MsgAddBond{Operator: operator(2).String(), Amount: coin(5)})
	require.NoError(t, err)
	changed := profile(2)
	changed.Moniker = "in jail"
	_, err = deliver(f, f.msgs.Edit, &types.MsgEdit{Operator: operator(2).String(), Profile: changed})
	require.NoError(t, err)
	require.Equal(t, types.STATUS_JAILED, f.supernode(2).Status)
	require.NoError(t, f.keeper.AllInvariants(f.ctx))
	require.Equal(t, []byte{1, 3}, f.seats(f.nextEpoch()))

	f.retire(2)
	require.Zero(t, f.supernode(2).JailedUntil)
	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 10*minBond+3, f.balance(operator(2)))
}

func TestEjectedAtMaxJails(t *testing.T) {
	f := dutyFixture(t)
	for range 2 {
		f.duties(2, "MMMMM")
		require.Equal(t, types.STATUS_JAILED, f.supernode(2).Status)
		f.nextBlock(jailTime * time.Second)
		f.unjail(2)
		f.nextEpoch()
	}

	f.duties(2, "MMMMM")

	supernode := f.supernode(2)
	require.Equal(t, types.STATUS_RETIRED, supernode.Status)
	require.Equal(t, f.ctx.BlockTime().Unix()+unbond, supernode.ReleaseTime)
	require.Zero(t, supernode.JailedUntil)
	require.Equal(t, 1, f.emitted(&types.EventEjected{}))
	require.Zero(t, f.emitted(&types.EventJailed{}))
	current, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(t, err)
	seated, err := f.keeper.IsSeated(f.ctx, current.Number, operator(2))
	require.NoError(t, err)
	require.False(t, seated)
	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 10*minBond-2, f.balance(operator(2)))
}

// Between the seating and the vault key, no holder can make the maker seal to a recipient
// that the chain does not take down.
func TestTheRecipientIsFixedUntilTheVaultKeyIsPublished(t *testing.T) {
	other := newIdentity(t, 9).Recipient().String()
	edit := func(f *fixture, number byte) error {
		changed := profile(number)
		changed.Recipient = other
		_, err := deliver(f, f.msgs.Edit, &types.MsgEdit{Operator: operator(number).String(), Profile: changed})
		return err
	}
	f := dutyFixture(t)
	f.register(4, minBond)
	err := edit(f, 1)
	require.ErrorIs(t, err, types.ErrInvalidProfile)
	require.ErrorContains(t, err, "recipient is fixed until the vault key of epoch 1 is published")
	require.NoError(t, edit(f, 4), "who has no seat is free")

	f.publish(1)
	require.NoError(t, edit(f, 1))

	f.nextEpoch()
	require.Error(t, edit(f, 2))
	f.retire(2)
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(unbond * time.Second))
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	again := profile(2)
	again.Recipient = other
	_, err = deliver(f, f.msgs.Register, &types.MsgRegister{Operator: operator(2).String(), Profile: again, SelfBond: coin(minBond)})
	require.ErrorIs(t, err, types.ErrInvalidProfile, "nor can it register anew with another one")
}

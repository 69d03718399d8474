package keeper_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// listener moves one coin to its account, and then does what the test wants.
type listener struct {
	f       *fixture
	account sdk.AccAddress
	then    func() error
}

func (l listener) AfterSeated(ctx context.Context, epoch uint64) error {
	seats, err := l.f.keeper.Seats(ctx, epoch)
	if err != nil {
		return err
	}
	if err := l.f.bank.SendCoins(ctx, operator(100), l.account, sdk.NewCoins(coin(int64(len(seats))))); err != nil {
		return err
	}
	return l.then()
}

func TestAListenerCanHarmNeitherTheSeatingNorTheOthers(t *testing.T) {
	f := newFixture(t)
	f.fund(operator(100), coin(100))
	f.register(1, minBond)
	f.register(2, minBond)
	f.keeper.SetHooks(types.NewMultiSupernodeHooks(
		listener{f, operator(101), func() error { return errors.New("failed") }},
		listener{f, operator(102), func() error { panic("lost") }},
		listener{f, operator(103), func() error { return nil }},
	))

	number := f.nextEpoch()

	require.Equal(t, []byte{1, 2}, f.seats(number))
	require.EqualValues(t, 0, f.balance(operator(101)))
	require.EqualValues(t, 0, f.balance(operator(102)))
	require.EqualValues(t, 2, f.balance(operator(103)))
}

func TestAPanicBetweenTwoListenersCostsNeitherItsWrites(t *testing.T) {
	f := newFixture(t)
	f.fund(operator(100), coin(100))
	f.register(1, minBond)
	f.keeper.SetHooks(types.NewMultiSupernodeHooks(
		listener{f, operator(101), func() error { return nil }},
		listener{f, operator(102), func() error { panic("lost") }},
		listener{f, operator(103), func() error { return nil }},
	))

	number := f.nextEpoch()

	require.Equal(t, []byte{1}, f.seats(number))
	require.EqualValues(t, 1, f.balance(operator(101)))
	require.EqualValues(t, 0, f.balance(operator(102)))
	require.EqualValues(t, 1, f.balance(operator(103)))
}

func TestASingleListenerIsIsolatedToo(t *testing.T) {
	f := newFixture(t)
	f.fund(operator(100), coin(100))
	f.register(1, minBond)
	f.keeper.SetHooks(listener{f, operator(101), func() error { panic("lost") }})

	require.Equal(t, []byte{1}, f.seats(f.nextEpoch()))
	require.EqualValues(t, 0, f.balance(operator(101)))
}

func TestAFailedSeatingTellsNobody(t *testing.T) {
	f := newFixture(t)
	f.fund(operator(100), coin(100))
	f.register(1, minBond)
	f.nextEpoch()
	f.keeper.SetHooks(listener{f, operator(101), func() error { return nil }})

	require.NoError(t, f.keeper.EpochHooks().BeforeEpochStart(f.ctx, timer, 1))

	require.EqualValues(t, 0, f.balance(operator(101)))
}

func TestHooksAreSetOnce(t *testing.T) {
	f := newFixture(t)
	f.keeper.SetHooks(types.NewMultiSupernodeHooks())
	require.Panics(t, func() { f.keeper.SetHooks(types.NewMultiSupernodeHooks()) })
}

package broker

import (
	"context"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

func TestOrdersAreDeliveredOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	waiting := f.orders(20, f.operators[0], wide) // before the broker starts, on several pages
	b, _ := f.start(f.operators[0])
	f.eventually("those that waited", func() bool { return f.delivered(waiting...) })
	foreign := f.orders(3, f.operators[1], wide)
	fresh := f.orders(5, f.operators[0], wide)
	all := append(waiting, fresh...)
	f.eventually("those that are new", func() bool { return b.metric("delivered_total") == float64(len(all)) })
	f.requireRight(all...)
	f.requireOnce(all...)
	require.False(t, f.delivered(foreign[0]))
	f.eventually("nothing is on its way", func() bool { return b.metric("orders_running") == 0 })
}

func TestKeysGoTogetherUpToTheLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.ledger.limit = 4
	orders := f.orders(10, f.operators[0], wide)
	b := f.broker(f.operators[0], f.deps(f.operators[0]))
	b.paces.linger = patience / 2 // for all to be there; the last two wait for it to pass
	f.run(b)
	f.eventually("two full messages", func() bool { return b.metric("delivered_total") == 8 })
	f.ledger.edit(func(l *ledger) {
		require.Len(t, l.messages, 2)
		require.Len(t, l.messages[0].Keys, 4)
		require.Len(t, l.messages[1].Keys, 4)
	})
	require.Len(t, orders, 10)
}

func TestBlockedSamplesAreNotDelivered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	blocked, gone, queued := f.newOrder(f.operators[0], wide), f.newOrder(f.operators[0], wide), f.newOrder(f.operators[0], wide)
	f.ledger.edit(func(l *ledger) {
		delete(l.samples, string(gone.Sha256))
		l.samples[string(blocked.Sha256)] = samplestypes.Sample{Status: samplestypes.STATUS_BLOCKED}
		l.samples[string(queued.Sha256)] = samplestypes.Sample{Status: samplestypes.STATUS_QUEUED}
	})
	b, _ := f.start(f.operators[0])
	for _, order := range []markettypes.Order{blocked, gone, queued} {
		f.ledger.order(order)
	}
	f.eventually("two are passed over", func() bool { return b.metric("skipped_total", "blocked") == 2 })
	f.eventually("a sample that is scanned again is delivered", func() bool { return f.delivered(queued) })
	f.requireOnce(queued)
}

func TestWrongKeysAreNotDelivered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.ticking()
	mismatch, epoch, missing, stranger := f.newOrder(f.operators[0], wide), f.newOrder(f.operators[0], wide), f.newOrder(f.operators[0], wide), f.newOrder(f.operators[0], wide)
	mismatch.Sealing.KeyCommitment = make([]byte, 32)
	epoch.Sealing.VaultEpoch = 99
	elsewhere, err := vault.Open(t.Context(), vault.Config{Dir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	defer elsewhere.Close()
	unknown, err := elsewhere.AddPublic(t.Context(), []byte("elsewhere"))
	require.NoError(t, err)
	missing.Sealing.Cid = unknown.Bytes()
	garbage, err := f.vault.AddPublic(t.Context(), []byte("not an age file"))
	require.NoError(t, err)
	stranger.Sealing.Cid = garbage.Bytes()
	b, _ := f.start(f.operators[0])
	for _, order := range []markettypes.Order{mismatch, epoch, missing, stranger} {
		f.ledger.order(order)
	}
	good := f.orders(1, f.operators[0], wide)
	for _, reason := range []string{"commitment", "vault_key", "not_found", "undecryptable"} {
		f.eventually(reason+" is tried again", func() bool { return b.metric("failures_total", reason) > 1 })
	}
	f.eventually("others are not held up", func() bool { return f.delivered(good...) })
	f.requireOnce(good...)
}

func TestLateOrdersAreLeftAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	late := f.orders(1, f.operators[0], window{fallback: 1, due: 3})
	f.ledger.tick(3)
	b, _ := f.start(f.operators[0])
	good := f.orders(1, f.operators[0], wide)
	f.eventually("the other one", func() bool { return f.delivered(good...) })
	f.eventually("told", func() bool { return b.metric("skipped_total", "late") == 1 })
	f.requireOnce(good...)
	require.False(t, f.delivered(late...))
}

func TestOrderThatCannotBeDeliveredIsGivenUpWhenItIsDue(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	order := f.newOrder(f.operators[0], window{fallback: 50, due: 100})
	order.Sealing.VaultEpoch = 99
	f.ledger.order(order)
	b, _ := f.start(f.operators[0])
	f.eventually("it is tried", func() bool { return b.metric("failures_total", "vault_key") > 0 })
	f.ticking()
	f.eventually("it is told", func() bool { return b.metric("skipped_total", "late") > 0 })
	times, _ := f.sent()
	require.Empty(t, times)
}

// holding is a vault that keeps keys back until it may give them.
type holding struct {
	*vault.Vault
	asked, release chan struct{}
}

func (h *holding) FileKey(ctx context.Context, c cid.Cid, with ...age.Identity) ([]byte, error) {
	select {
	case h.asked <- struct{}{}:
	default:
	}
	select {
	case <-h.release:
		return h.Vault.FileKey(ctx, c, with...)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestOrderInFlightIsNotTakenUpAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	orders := f.orders(1, f.operators[0], wide)
	deps := f.deps(f.operators[0])
	held := &holding{f.vault, make(chan struct{}, 10), make(chan struct{})}
	deps.Vault = held
	b := f.broker(f.operators[0], deps)
	f.run(b)
	<-held.asked
	var before int
	f.ledger.edit(func(l *ledger) { before = l.asked })
	f.ledger.tick(20)
	orders = append(orders, f.orders(1, f.operators[0], wide)...)
	<-held.asked // the new one
	f.eventually("it was listed again", func() bool {
		asked := 0
		f.ledger.edit(func(l *ledger) { asked = l.asked })
		return asked > before
	})
	require.Equal(t, 2.0, b.metric("orders_running"))
	close(held.release)
	f.eventually("both", func() bool { return f.delivered(orders...) })
	f.requireOnce(orders...)
}

func TestOrderThatWasSettledMeanwhileIsNotSent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	order := f.orders(1, f.operators[0], wide)[0]
	deps := f.deps(f.operators[0])
	held := &holding{f.vault, make(chan struct{}, 10), make(chan struct{})}
	deps.Vault = held
	b := f.broker(f.operators[0], deps)
	f.run(b)
	<-held.asked
	f.ledger.edit(func(l *ledger) {
		l.orders[string(order.Id)].Status = markettypes.ORDER_STATUS_REFUNDED
		l.emit(&markettypes.EventOrderEnded{Order: order.Id})
	})
	f.eventually("it is heard of", func() bool { return b.tries.settled(order.Id) })
	close(held.release)
	f.eventually("it is told", func() bool { return b.metric("skipped_total", "taken") == 1 })
	times, _ := f.sent()
	require.Empty(t, times)
}

func TestNodeThatIsAwayIsWaitedFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.ticking()
	f.ledger.edit(func(l *ledger) { l.away = true })
	b, _ := f.start(f.operators[0])
	orders := f.orders(3, f.operators[0], wide)
	time.Sleep(30 * time.Millisecond) // some attempts
	f.ledger.edit(func(l *ledger) { l.away = false })
	f.eventually("all", func() bool { return f.delivered(orders...) })
	f.ledger.edit(func(l *ledger) { l.away = true })
	more := f.orders(3, f.operators[0], wide)
	f.eventually("it is noticed", func() bool { return b.metric("failures_total", "list") > 0 })
	f.ledger.edit(func(l *ledger) { l.away = false })
	f.eventually("all", func() bool { return f.delivered(more...) })
	f.requireOnce(append(orders, more...)...)
}

func TestRefusedMessagesAreSentAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.ticking()
	refusals := 0
	f.ledger.edit(func(l *ledger) {
		l.refuse = func(*markettypes.MsgDeliverKeys) error {
			if refusals++; refusals < 4 {
				return chain.ErrExpired
			}
			return nil
		}
	})
	orders := f.orders(3, f.operators[0], wide)
	b, _ := f.start(f.operators[0])
	f.eventually("all", func() bool { return f.delivered(orders...) })
	f.requireRight(orders...)
	f.requireOnce(orders...)
	require.GreaterOrEqual(t, b.metric("failures_total", "refused"), 3.0)
}

// nextEpoch seats operators.
func (f *fixture) nextEpoch(seated ...sdk.AccAddress) {
	f.ledger.edit(func(l *ledger) {
		l.epoch++
		l.seated = seated
		clear(l.suspended)
		l.emit(&supernodetypes.EventSeated{Epoch: l.epoch})
	})
}

func TestSuspendedOperatorWaitsForTheNextEpoch(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.ledger.edit(func(l *ledger) { l.suspended[f.operators[0].String()] = true })
	b, _ := f.start(f.operators[0])
	orders := f.orders(1, f.operators[0], wide)
	f.eventually("it learns of it", func() bool { return b.suspended.Load() == 1 })
	orders = append(orders, f.orders(5, f.operators[0], wide)...)
	f.ledger.tick(10)
	require.False(t, b.mayDeliver(terms{epoch: 1, attesters: f.operators}, true))
	f.nextEpoch(f.operators...)
	f.ticking()
	f.eventually("all", func() bool { return f.delivered(orders...) })
	f.requireOnce(orders...)
	require.Equal(t, 1.0, b.metric("failures_total", "refused"), "it was sent in vain once")
}

func TestUnseatedOperatorDeliversWhatWasAssignedToIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	own := f.orders(2, f.operators[0], wide)
	f.nextEpoch(f.operators[1])
	b, _ := f.start(f.operators[0])
	f.eventually("both", func() bool { return f.delivered(own...) })
	f.requireOnce(own...)
	require.False(t, b.mayDeliver(terms{epoch: 2, attesters: f.operators[1:]}, false), "not the orders of others")
}

// The chain may also take keys from seated operators alone.
func TestRefusedOperatorDeliversWhenItIsSeatedAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	f.ticking()
	f.ledger.edit(func(l *ledger) { l.onlySeated = true })
	f.nextEpoch(f.operators[1])
	b, _ := f.start(f.operators[0])
	orders := f.orders(2, f.operators[0], wide)
	f.eventually("it tries", func() bool { return b.metric("failures_total", "refused") > 0 })
	f.nextEpoch(f.operators...)
	f.eventually("both", func() bool { return f.delivered(orders...) })
	f.requireOnce(orders...)
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Parallel: 0}, Deps{})
	require.ErrorContains(t, err, "broker: parallel: 0 is not in 1..64")
	_, err = New(Config{Parallel: 1, Operator: "nobody"}, Deps{})
	require.ErrorContains(t, err, `operator "nobody"`)
}

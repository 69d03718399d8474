package broker

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/vault"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const patience = time.Minute

// vaultEpoch and vaultKey are what all samples are sealed to.
const vaultEpoch = 7

var vaultKey = vault.NewEpochKey()

// fixture is a ledger with seated operators that share one vault, and a buyer's secrets.
type fixture struct {
	t         *testing.T
	ledger    *ledger
	vault     *vault.Vault
	operators []sdk.AccAddress
	secrets   map[string][]byte // by order
	samples   int
}

func newFixture(t *testing.T, operators int) *fixture {
	t.Helper()
	v, err := vault.Open(context.Background(), vault.Config{Dir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	f := &fixture{t: t, ledger: newLedger(), vault: v, secrets: make(map[string][]byte)}
	for i := range operators {
		f.operators = append(f.operators, fmt.Appendf(nil, "operator %11d", i))
	}
	f.ledger.seated = f.operators
	return f
}

// sample is a FINAL record whose ciphertext is in the vault.
func (f *fixture) sample() (hash []byte, record samplestypes.Sample) {
	f.t.Helper()
	f.samples++
	content := fmt.Sprintf("%s: sample %d", f.t.Name(), f.samples)
	sum := sha256.Sum256([]byte(content))
	sealed, err := f.vault.Seal(f.t.Context(), strings.NewReader(content), vaultKey.Recipient())
	require.NoError(f.t, err)
	record = samplestypes.Sample{Status: samplestypes.STATUS_FINAL, Sealing: samplestypes.Sealing{
		Cid: sealed.CID.Bytes(), KeyCommitment: sealed.KeyCommitment[:], VaultEpoch: vaultEpoch,
	}}
	f.ledger.edit(func(l *ledger) { l.samples[string(sum[:])] = record })
	return sum[:], record
}

// terms of an order in tests: who is assigned, and its windows in blocks.
type window struct{ fallback, due int64 }

var wide = window{fallback: 100_000, due: 200_000}

// newOrder is of a new sample and assigned to an operator; the ledger does not know it.
func (f *fixture) newOrder(operator sdk.AccAddress, w window) markettypes.Order {
	f.t.Helper()
	hash, record := f.sample()
	secret, key, err := markettypes.NewOneTimeKey()
	require.NoError(f.t, err)
	id := markettypes.NewOrderID([]byte("buyer"), hash, key)
	f.secrets[string(id)] = secret
	var height int64
	f.ledger.edit(func(l *ledger) { height = l.height + 1 })
	return markettypes.Order{
		Id: id, Sha256: hash, Sealing: record.Sealing, OneTimeKey: key, Operator: operator.String(), Status: markettypes.ORDER_STATUS_OPEN,
		OrderedHeight: height, FallbackHeight: height + w.fallback, DueHeight: height + w.due,
	}
}

// orders makes so many, each of another sample.
func (f *fixture) orders(count int, operator sdk.AccAddress, w window) (orders []markettypes.Order) {
	f.t.Helper()
	for range count {
		order := f.newOrder(operator, w)
		f.ledger.order(order)
		orders = append(orders, order)
	}
	return orders
}

// deps are those of a broker of an operator, as a process that has just started has them.
func (f *fixture) deps(operator sdk.AccAddress) Deps {
	out := io.Discard
	if testing.Verbose() {
		out = f.t.Output()
	}
	return Deps{
		Chain: &client{ledger: f.ledger, address: append(sdk.AccAddress("side"), operator[4:]...)}, Vault: f.vault,
		VaultKey: func(_ context.Context, epoch uint64) *age.HybridIdentity {
			if epoch != vaultEpoch {
				return nil
			}
			return vaultKey
		},
		Metrics: prometheus.NewRegistry(),
		Log:     slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func (f *fixture) broker(operator sdk.AccAddress, deps Deps) *Broker {
	f.t.Helper()
	cfg := DefaultConfig()
	cfg.Operator = operator.String()
	b, err := New(cfg, deps)
	require.NoError(f.t, err)
	b.paces = paces{shortest: 10 * time.Millisecond, longest: 40 * time.Millisecond, linger: 20 * time.Millisecond, attempt: patience}
	return b
}

// run runs a broker until the test ends or kill is called, which waits for its end.
func (f *fixture) run(b *Broker) (kill func()) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.Run(ctx)
	}()
	kill = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			f.t.Error("the broker does not end")
		}
	}
	f.t.Cleanup(kill)
	return kill
}

// start runs a broker of an operator over the ledger.
func (f *fixture) start(operator sdk.AccAddress) (b *Broker, kill func()) {
	f.t.Helper()
	b = f.broker(operator, f.deps(operator))
	return b, f.run(b)
}

// ticking makes a block every few milliseconds until the test ends.
func (f *fixture) ticking() {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				f.ledger.tick(1)
			}
		}
	}()
	f.t.Cleanup(func() {
		close(stop)
		<-done
	})
}

func (f *fixture) eventually(what string, check func() bool) {
	f.t.Helper()
	require.Eventually(f.t, check, patience, 5*time.Millisecond, what)
}

// now is the order as the ledger has it.
func (f *fixture) now(order markettypes.Order) (found markettypes.Order) {
	f.ledger.edit(func(l *ledger) { found = *l.orders[string(order.Id)] })
	return found
}

func (f *fixture) delivered(orders ...markettypes.Order) bool {
	for _, order := range orders {
		if f.now(order).Status != markettypes.ORDER_STATUS_DELIVERED {
			return false
		}
	}
	return true
}

// requireRight checks that the buyer has the key that was committed to.
func (f *fixture) requireRight(orders ...markettypes.Order) {
	f.t.Helper()
	for _, order := range orders {
		got := f.now(order)
		require.Equal(f.t, markettypes.ORDER_STATUS_DELIVERED, got.Status)
		key, err := markettypes.OpenFileKey(f.secrets[string(order.Id)], markettypes.ExchangeInfo(chainID, order.Id), got.SealedKey)
		require.NoError(f.t, err)
		require.True(f.t, markettypes.CommitsTo(order.Sealing.KeyCommitment, key))
	}
}

// sent are how often each order was in a message that is in a block, and how often all of
// them were passed over.
func (f *fixture) sent() (times map[string]int, skipped int) {
	times = make(map[string]int)
	f.ledger.edit(func(l *ledger) {
		for _, msg := range l.messages {
			for _, key := range msg.Keys {
				times[string(key.Order)]++
			}
		}
		skipped = l.skipped
	})
	return times, skipped
}

// requireOnce checks that no order was sent in vain or twice.
func (f *fixture) requireOnce(orders ...markettypes.Order) {
	f.t.Helper()
	times, skipped := f.sent()
	require.Zero(f.t, skipped)
	require.Len(f.t, times, len(orders))
	for _, order := range orders {
		require.Equal(f.t, 1, times[string(order.Id)])
	}
}

// metric reads what an operator sees, of one label or all.
func (b *Broker) metric(name string, label ...string) (value float64) {
	families, err := b.Metrics.(*prometheus.Registry).Gather()
	if err != nil {
		panic(err)
	}
	for _, family := range families {
		if family.GetName() != "virusmap_broker_"+name {
			continue
		}
		for _, metric := range family.GetMetric() {
			if len(label) == 0 || metric.GetLabel()[0].GetValue() == label[0] {
				value += metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
			}
		}
	}
	return value
}

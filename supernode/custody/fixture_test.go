package custody

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const patience = time.Minute

// key is what all samples are sealed to; custody never opens one.
var key = vault.NewEpochKey()

// fixture is a ledger with operators, each with a vault in one swarm.
type fixture struct {
	t      *testing.T
	ledger *ledger
	swarm  []byte
	nodes  []*supernode
}

// supernode is one operator with what outlives its process.
type supernode struct {
	f        *fixture
	operator sdk.AccAddress
	cfg      vault.Config
	vault    *vault.Vault
}

// newFixture makes operators of which the ledger knows the vaults and that are all seated
// in epoch 1.
func newFixture(t *testing.T, operators, replication int) *fixture {
	t.Helper()
	f := &fixture{t: t, ledger: newLedger(replication), swarm: vault.NewSwarmKey()}
	for i := range operators {
		f.join(i)
	}
	f.ledger.seat(1, f.nodes...)
	return f
}

func (f *fixture) join(i int) *supernode {
	f.t.Helper()
	n := &supernode{f: f, operator: fmt.Appendf(nil, "operator %11d", i)}
	n.cfg = vault.Config{Dir: f.t.TempDir(), SwarmKey: f.swarm, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, FetchTimeout: 5 * time.Second}
	n.open()
	f.nodes = append(f.nodes, n)
	return n
}

// open opens the vault, at a new address that the ledger is told.
func (n *supernode) open() {
	n.f.t.Helper()
	v, err := vault.Open(context.Background(), n.cfg)
	require.NoError(n.f.t, err)
	n.f.t.Cleanup(func() { _ = v.Close() })
	n.vault = v
	n.f.ledger.edit(func(l *ledger) {
		l.profiles[n.operator.String()] = supernodetypes.Profile{PeerId: v.PeerID(), Multiaddrs: v.Addrs()}
	})
}

// start runs custody until the test ends or kill is called, which waits for its end.
func (n *supernode) start() (c *Custody, kill func()) {
	n.f.t.Helper()
	out := io.Discard
	if testing.Verbose() {
		out = n.f.t.Output()
	}
	cfg := DefaultConfig()
	cfg.Operator = n.operator.String()
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := New(cfg, Deps{Chain: n.f.ledger.client(n.operator), Vault: n.vault, Metrics: prometheus.NewRegistry(), Log: log})
	require.NoError(n.f.t, err)
	c.paces = paces{shortest: 50 * time.Millisecond, longest: 50 * time.Millisecond, challenge: 20 * time.Millisecond}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Run(ctx)
	}()
	kill = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			n.f.t.Error("custody does not end")
		}
	}
	n.f.t.Cleanup(kill)
	return c, kill
}

// metric reads what an operator sees.
func (c *Custody) metric(name string) float64 {
	families, err := c.Metrics.(*prometheus.Registry).Gather()
	if err != nil {
		panic(err)
	}
	for _, family := range families {
		if family.GetName() == "virusmap_custody_"+name {
			metric := family.GetMetric()[0]
			return metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
		}
	}
	panic("there is no metric " + name)
}

// sample is a record whose ciphertext is in the vaults of holders.
func (f *fixture) sample(content string, holders ...*supernode) samplestypes.SampleEntry {
	f.t.Helper()
	hash := sha256.Sum256([]byte(content))
	first := holders[0].vault
	sealed, err := first.Seal(f.t.Context(), strings.NewReader(content), key.Recipient())
	require.NoError(f.t, err)
	entry := samplestypes.SampleEntry{Sha256: hash[:], Sample: samplestypes.Sample{
		Status: samplestypes.STATUS_FINAL, Opened: true, SubmittedHeight: 1,
		Sealing: samplestypes.Sealing{Cid: sealed.CID.Bytes(), SizeBytes: uint64(sealed.CipherSize), StorageRoot: sealed.StorageRoot[:]},
	}}
	for _, holder := range holders[1:] {
		require.NoError(f.t, holder.vault.Connect(f.t.Context(), first.PeerID(), first.Addrs()))
		holder.fetch(entry)
	}
	f.ledger.edit(func(l *ledger) { l.samples[string(entry.Sha256)] = entry })
	return entry
}

// samples are so many, all different.
func (f *fixture) samples(count int, holders ...*supernode) (entries []samplestypes.SampleEntry) {
	for i := range count {
		entries = append(entries, f.sample(fmt.Sprintf("%s: sample %d", f.t.Name(), i), holders...))
	}
	return entries
}

func (n *supernode) fetch(entry samplestypes.SampleEntry) {
	n.f.t.Helper()
	id := cidOf(n.f.t, entry)
	_, err := n.vault.Ciphertext(n.f.t.Context(), id)
	require.NoError(n.f.t, err)
}

func (n *supernode) has(entry samplestypes.SampleEntry) bool {
	return n.vault.Has(context.Background(), cidOf(n.f.t, entry))
}

// holds tells what the rule says of the present epoch, of those seated.
func holds(n *supernode, entry samplestypes.SampleEntry, replication int, seated ...*supernode) bool {
	var operators []sdk.AccAddress
	for _, s := range seated {
		operators = append(operators, s.operator)
	}
	return samplestypes.Holds(entry.Sha256, n.operator, operators, replication)
}

func (f *fixture) eventually(what string, check func() bool) {
	f.t.Helper()
	require.Eventually(f.t, check, patience, 10*time.Millisecond, what)
}

package vault

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
)

// openOnline opens a vault on loopback that knows the given peers.
func openOnline(t testing.TB, swarmKey []byte, peers ...*Vault) *Vault {
	t.Helper()
	cfg := Config{Dir: t.TempDir(), SwarmKey: swarmKey, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, FetchTimeout: time.Minute}
	for _, p := range peers {
		cfg.Peers = append(cfg.Peers, p.Addrs()...)
	}
	v, err := Open(context.Background(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { v.Close() })
	return v
}

func patience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestPeersExchangeSamplesBothWays(t *testing.T) {
	swarm, key, ctx := NewSwarmKey(), NewEpochKey(), patience(t)
	a := openOnline(t, swarm)
	b := openOnline(t, swarm, a)
	require.Len(t, a.Addrs(), 1)
	require.Contains(t, a.Addrs()[0], "/p2p/"+a.PeerID())

	data := content(5 << 20)
	fromA := sealBytes(t, a, data, key.Recipient())
	require.False(t, b.Has(ctx, fromA.CID))
	require.Equal(t, data, unsealBytes(t, b, fromA, key))
	require.True(t, b.Has(ctx, fromA.CID), "what was fetched stays")

	fromB := sealBytes(t, b, content(100), key.Recipient())
	require.Equal(t, content(100), unsealBytes(t, a, fromB, key))
}

func TestFetchManySamples(t *testing.T) {
	swarm, key, ctx := NewSwarmKey(), NewEpochKey(), patience(t)
	a := openOnline(t, swarm)
	b := openOnline(t, swarm, a)
	var cids []cid.Cid
	for i := range 100 {
		cids = append(cids, sealBytes(t, a, fmt.Appendf(nil, "sample %d", i), key.Recipient()).CID)
	}
	require.NoError(t, b.Fetch(ctx, append(cids, cids[0])))
	for _, c := range cids {
		require.True(t, b.Has(ctx, c))
	}
}

func TestFetchGetsWhatItCan(t *testing.T) {
	swarm, key := NewSwarmKey(), NewEpochKey()
	a := openOnline(t, swarm)
	b := openOnline(t, swarm, a)
	here := sealBytes(t, a, []byte("here"), key.Recipient()).CID
	gone := sealBytes(t, openOffline(t), []byte("gone"), key.Recipient()).CID
	require.NoError(t, b.Fetch(patience(t), []cid.Cid{here}))

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := b.Fetch(ctx, []cid.Cid{gone, here})
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorContains(t, err, gone.String())
	require.NotContains(t, err.Error(), here.String())
	require.Len(t, blockFiles(t, b.cfg.Dir), 1, "the failed one leaves nothing")
}

func TestThirdPeerGetsASampleThroughTheSecond(t *testing.T) {
	swarm, key, ctx := NewSwarmKey(), NewEpochKey(), patience(t)
	a := openOnline(t, swarm)
	b := openOnline(t, swarm, a)
	c := openOnline(t, swarm, b) // does not know a
	sealed := sealBytes(t, a, content(2<<20), key.Recipient())

	asked := make(chan error, 1)
	go func() { asked <- c.Fetch(ctx, []cid.Cid{sealed.CID}) }()
	require.Eventually(t, func() bool { // c asks b before b has it
		wants := b.network.exchange.WantlistForPeer(c.network.host.ID())
		return len(wants) > 0
	}, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, b.Fetch(ctx, []cid.Cid{sealed.CID}))
	require.NoError(t, <-asked)
	require.Equal(t, content(2<<20), unsealBytes(t, c, sealed, key))
}

func TestAnotherSwarmKeyIsShutOut(t *testing.T) {
	key := NewEpochKey()
	a := openOnline(t, NewSwarmKey())
	outsider := openOnline(t, NewSwarmKey(), a)
	sealed := sealBytes(t, a, []byte("sample"), key.Recipient())

	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	require.ErrorIs(t, outsider.Fetch(ctx, []cid.Cid{sealed.CID}), ErrNotFound)
	require.False(t, outsider.Has(ctx, sealed.CID))
	require.Empty(t, a.network.host.Network().Peers())
	require.Empty(t, outsider.network.host.Network().Peers())
}

func TestPeerThatComesLaterIsFound(t *testing.T) {
	swarm, key, ctx := NewSwarmKey(), NewEpochKey(), patience(t)
	a := openOnline(t, swarm)
	b := openOnline(t, swarm)
	require.NoError(t, a.AddPeer(b.Addrs()[0]))
	require.ErrorContains(t, a.AddPeer("/ip4/127.0.0.1/tcp/1"), "add peer")
	sealed := sealBytes(t, b, []byte("sample"), key.Recipient())
	require.Equal(t, "sample", string(unsealBytes(t, a, sealed, key)))

	// b restarts at another address and tells nobody: it dials a, which it knows.
	dir := b.cfg.Dir
	require.NoError(t, b.Close())
	require.Eventually(t, func() bool { return len(a.network.host.Network().Peers()) == 0 }, 30*time.Second, 10*time.Millisecond)
	b, err := Open(ctx, Config{Dir: dir, SwarmKey: swarm, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, Peers: a.Addrs()})
	require.NoError(t, err)
	defer b.Close()
	sealed = sealBytes(t, b, []byte("later"), key.Recipient())
	require.Equal(t, "later", string(unsealBytes(t, a, sealed, key)))
}

package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/boxo/peering"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	libp2pnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

// dialTimeout bounds one attempt to reach a peer.
const dialTimeout = 15 * time.Second

// NewSwarmKey draws the key of a private swarm in the text format of kubo's
// swarm.key file. Whoever holds it may join; keep it like a password.
func NewSwarmKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // ends the process rather than fail
	return fmt.Appendf(nil, "/key/swarm/psk/1.0.0/\n/base16/\n%x\n", key)
}

// network is the libp2p side: Bitswap among the peers of one private swarm,
// over TCP alone, with no discovery of any kind.
type network struct {
	host     host.Host
	exchange *bitswap.Bitswap
	peering  *peering.PeeringService
	dialing  atomic.Bool
}

func openNetwork(cfg Config, key crypto.PrivKey, blocks blockstore.Blockstore) (*network, error) {
	if len(cfg.SwarmKey) == 0 {
		return nil, errors.New("config.SwarmKey is required unless Offline: the swarm is private")
	}
	psk, err := pnet.DecodeV1PSK(bytes.NewReader(cfg.SwarmKey))
	if err != nil {
		return nil, fmt.Errorf("config.SwarmKey: %w", err)
	}
	peers := make([]peer.AddrInfo, len(cfg.Peers))
	for i, addr := range cfg.Peers {
		info, err := peer.AddrInfoFromString(addr)
		if err != nil {
			return nil, fmt.Errorf("config.Peers: %q: %w", addr, err)
		}
		peers[i] = *info
	}
	listen := libp2p.ListenAddrStrings(cfg.Listen...)
	if len(cfg.Listen) == 0 {
		listen = libp2p.NoListenAddrs
	}
	h, err := libp2p.New(
		libp2p.Identity(key),
		libp2p.PrivateNetwork(psk),
		libp2p.Transport(tcp.NewTCPTransport),
		listen,
		libp2p.DisableRelay(),
		libp2p.UserAgent("virusmap"),
	)
	if err != nil {
		return nil, fmt.Errorf("libp2p: %w", err)
	}
	n := &network{
		host:     h,
		exchange: bitswap.New(context.Background(), bsnet.NewFromIpfsHost(h), nil, blocks),
		peering:  peering.NewPeeringService(h),
	}
	for _, p := range peers {
		n.addPeer(p)
	}
	if err := n.peering.Start(); err != nil {
		return nil, errors.Join(err, n.close())
	}
	n.dialPeers()
	return n, nil
}

func (n *network) close() error {
	n.peering.Stop()
	return errors.Join(n.exchange.Close(), n.host.Close())
}

// addPeer keeps a connection to p for as long as the vault is open.
func (n *network) addPeer(p peer.AddrInfo) {
	if p.ID != n.host.ID() {
		n.peering.AddPeer(p)
	}
}

// dialPeers tries the missing peers now, in the background: the back-off of the
// peering service grows to minutes, too long when content is wanted.
func (n *network) dialPeers() {
	if !n.dialing.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer n.dialing.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
		defer cancel()
		var dials sync.WaitGroup
		for _, p := range n.peering.ListPeers() {
			if n.host.Network().Connectedness(p.ID) == libp2pnet.Connected {
				continue
			}
			dials.Go(func() { _ = n.host.Connect(ctx, p) }) // a failure is retried by the peering service
		}
		dials.Wait()
	}()
}

// loadNodeKey reads the libp2p key of the vault under dir, or makes it.
func loadNodeKey(dir string) (crypto.PrivKey, error) {
	data, err := LoadOrCreateSecret(filepath.Join(dir, "libp2p.key"), func() ([]byte, error) {
		key, _, err := crypto.GenerateEd25519Key(rand.Reader)
		if err != nil {
			return nil, err
		}
		return crypto.MarshalPrivateKey(key)
	})
	if err != nil {
		return nil, fmt.Errorf("libp2p key: %w", err)
	}
	key, err := crypto.UnmarshalPrivateKey(data)
	if err != nil {
		return nil, fmt.Errorf("libp2p key: %w", err)
	}
	return key, nil
}

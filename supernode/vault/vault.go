package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/exchange/offline"
	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Config of a vault. Dir is required.
type Config struct {
	Dir      string   // holds all state; created with mode 0700, used by one process at a time
	SwarmKey []byte   // text of the private swarm's key (NewSwarmKey); required unless Offline
	Listen   []string // multiaddrs, TCP only; empty listens nowhere but still dials
	Peers    []string // multiaddrs ending in /p2p/<peer id>, kept connected
	Offline  bool     // no libp2p at all

	MaxSize      int64         // bytes of plaintext in one file; 0 is DefaultMaxSize
	FetchTimeout time.Duration // wait for one block from peers; 0 is DefaultFetchTimeout
}

// Defaults of Config.
const (
	DefaultMaxSize      = 1 << 30
	DefaultFetchTimeout = 30 * time.Second
)

// Vault stores encrypted samples and exchanges them with its peers. It is safe
// for concurrent use.
type Vault struct {
	cfg     Config
	id      peer.ID
	store   *store
	dag     ipld.DAGService // stored blocks only
	network *network        // nil when offline
	slots   chan struct{}   // one for each block being fetched
}

// Open opens the vault under cfg.Dir, taking back what a crash left half done.
func Open(ctx context.Context, cfg Config) (*Vault, error) {
	v, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("vault: open: %w", err)
	}
	return v, nil
}

func open(ctx context.Context, cfg Config) (*Vault, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if cfg.Dir == "" {
		return nil, errors.New("config.Dir is required")
	}
	if cfg.MaxSize < 0 || cfg.FetchTimeout < 0 {
		return nil, errors.New("config.MaxSize and config.FetchTimeout must not be negative")
	}
	if cfg.MaxSize == 0 {
		cfg.MaxSize = DefaultMaxSize
	}
	if cfg.FetchTimeout == 0 {
		cfg.FetchTimeout = DefaultFetchTimeout
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	key, err := loadNodeKey(cfg.Dir)
	if err != nil {
		return nil, err
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return nil, err
	}
	store, err := openStore(cfg.Dir)
	if err != nil {
		return nil, err
	}
	local := blockservice.New(store.blocks, offline.Exchange(store.blocks))
	v := &Vault{
		cfg:   cfg,
		id:    id,
		store: store,
		dag:   merkledag.NewDAGService(local),
		slots: make(chan struct{}, maxFetching),
	}
	if !cfg.Offline {
		if v.network, err = openNetwork(cfg, key, store.blocks); err != nil {
			return nil, errors.Join(err, store.close())
		}
		v.Answer(haveProtocol, v.answerHave)
	}
	return v, nil
}

// Close leaves the swarm and closes the store. Operations still running fail;
// none of them leaves anything half done behind.
func (v *Vault) Close() error {
	var err error
	if v.network != nil {
		err = v.network.close()
	}
	return errors.Join(err, v.store.close())
}

// Has tells whether the whole file under c is stored here.
func (v *Vault) Has(_ context.Context, c cid.Cid) bool {
	here, err := v.store.has(c)
	return here && err == nil
}

// Remove deletes the file under c from this node, but no block that another
// file holds. An unknown c is a success.
func (v *Vault) Remove(ctx context.Context, c cid.Cid) error {
	if ctx.Err() != nil {
		return fmt.Errorf("vault: remove %s: %w", c, context.Cause(ctx))
	}
	if err := v.store.release(c, false); err != nil {
		return fmt.Errorf("vault: remove %s: %w", c, err)
	}
	return nil
}

// PeerID is the libp2p id of this vault; it outlives restarts.
func (v *Vault) PeerID() string { return v.id.String() }

// Addrs are the multiaddrs under which peers reach this vault, each ending in
// /p2p/<PeerID>; empty when it does not listen.
func (v *Vault) Addrs() []string {
	if v.network == nil {
		return nil
	}
	var addrs []string
	for _, a := range v.network.host.Addrs() {
		addrs = append(addrs, a.String()+"/p2p/"+v.PeerID())
	}
	return addrs
}

// AddPeer keeps a connection to one more peer: a multiaddr ending in
// /p2p/<peer id>. A second address for a peer replaces the first.
func (v *Vault) AddPeer(addr string) error {
	info, err := peer.AddrInfoFromString(addr)
	if err != nil {
		return fmt.Errorf("vault: add peer %q: %w", addr, err)
	}
	if v.network != nil {
		v.network.addPeer(*info)
		v.network.dialPeers()
	}
	return nil
}

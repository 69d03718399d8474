package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"filippo.io/age"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/scanner"
	"github.com/virusmap/virusmap/supernode/vault"
	"github.com/virusmap/virusmap/supernode/vault/peers"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func (n *Node) openScanner(context.Context) error {
	identity, err := vault.LoadOrCreateIdentity(filepath.Join(n.home, identityFile))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(n.home, scannerDir), 0o700); err != nil {
		return err
	}
	keys, err := peers.Open(peers.Config{
		Operator: n.cfg.Scanner.Operator, Path: filepath.Join(n.home, peerKeysFile),
		Identity: identity, Vault: n.vault, Chain: n.chain, Log: n.log,
	})
	if err != nil {
		return err
	}
	peers.Serve(n.vault, n.chain, n.openVaultKey, n.log)
	n.addRole("scanner", func(ctx context.Context) error { return n.scan(ctx, identity, keys) })
	return nil
}

// openVaultKey asks the running scanner for a vault key that a peer wants.
func (n *Node) openVaultKey(ctx context.Context, epoch uint64) *age.HybridIdentity {
	s := n.scanner.Load()
	if s == nil {
		return nil
	}
	return s.VaultKey(ctx, epoch)
}

// scan opens the engines and runs a scanner with them. All are new each time, so that
// starting the role again also starts an engine that went wrong again.
func (n *Node) scan(ctx context.Context, identity *age.HybridIdentity, keys scanner.Peers) (err error) {
	var opened closers
	defer func() { err = errors.Join(err, opened.close()) }()

	cfg := n.cfg.engines()
	if cfg.Pool, err = engine.NewPool(cfg); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	opened.add(cfg.Pool.Close)
	cfg.Log, cfg.Fetched = n.log, n.keepFetched
	analyser, err := analysis.Open(cfg.Pool)
	if err != nil {
		return err
	}
	opened.add(analyser.Close)
	engines, err := engine.Open(ctx, cfg)
	if err != nil {
		return fmt.Errorf("open engines: %w", err)
	}
	for _, e := range engines {
		opened.add(e.Close)
	}
	metrics := &scopedRegisterer{Registerer: n.metrics}
	defer metrics.unregisterAll()
	s, err := scanner.New(ctx, n.cfg.scanner(n.home), scanner.Deps{
		Chain: n.chain, Vault: n.vault, Engines: engines, Analyser: analyser,
		Identity: identity, Peers: keys, Opened: n.keepDetails(analyser), Metrics: metrics, Log: n.log,
	})
	if err != nil {
		return err
	}
	opened.add(s.Close)
	n.scanner.Store(s)
	defer n.scanner.Store(nil)
	return s.Run(ctx)
}

// archived asks the running scanner for a round that the chain has pruned.
func (n *Node) archived(ctx context.Context, round uint64) (verdictstypes.RoundArchive, error) {
	s := n.scanner.Load()
	if s == nil {
		return verdictstypes.RoundArchive{}, scanner.ErrNotArchived
	}
	return s.Archived(ctx, round)
}

// scopedRegisterer takes back what was registered through it, so that the next run of a
// role can register its metrics again.
type scopedRegisterer struct {
	prometheus.Registerer
	mu         sync.Mutex
	registered []prometheus.Collector
}

func (s *scopedRegisterer) Register(c prometheus.Collector) error {
	err := s.Registerer.Register(c)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.registered = append(s.registered, c)
	}
	return err
}

func (s *scopedRegisterer) MustRegister(collectors ...prometheus.Collector) {
	for _, c := range collectors {
		if err := s.Register(c); err != nil {
			panic(err)
		}
	}
}

func (s *scopedRegisterer) unregisterAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.registered {
		s.Unregister(c)
	}
	s.registered = nil
}

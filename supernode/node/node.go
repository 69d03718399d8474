package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/feeds"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/indexer"
	"github.com/virusmap/virusmap/supernode/queue"
	"github.com/virusmap/virusmap/supernode/scanner"
	"github.com/virusmap/virusmap/supernode/vault"
)

// stopTimeout is how long the roles may take to end.
const stopTimeout = 10 * time.Second

// Node is an assembled supernode. It is opened, run once, and closed.
type Node struct {
	home    string
	cfg     Config
	log     *slog.Logger
	metrics *prometheus.Registry

	queue    *queue.Queue
	chain    *chain.Client
	vault    *vault.Vault
	index    *index.Index
	indexer  *indexer.Indexer
	feeds    *feeds.Feeds
	listener net.Listener                    // of the gateway's first run
	scanner  atomic.Pointer[scanner.Scanner] // the running one

	checks map[string]func(context.Context) error
	roles  []*role
	opened closers
}

// Run opens a node, runs it until ctx ends, and closes it. An error tells what could
// not be opened, or what did not stop in time.
func Run(ctx context.Context, home string, cfg Config, log *slog.Logger) error {
	n, err := Open(ctx, home, cfg, log)
	if err != nil {
		return err
	}
	n.log.Info("supernode started", "home", home, "chain", cfg.Chain.ChainID, "roles", n.roleNames())
	err = n.Run(ctx)
	n.log.Info("supernode stopped")
	return errors.Join(err, n.Close())
}

// Open opens the parts of a node from the bottom up and starts none of its roles.
func Open(ctx context.Context, home string, cfg Config, log *slog.Logger) (_ *Node, err error) {
	if err := cfg.checkStart(home); err != nil {
		return nil, err
	}
	n := &Node{
		home: home, cfg: cfg, log: log,
		metrics: prometheus.NewRegistry(),
		checks:  make(map[string]func(context.Context) error),
	}
	n.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	for _, part := range []struct {
		name string
		on   bool
		open func(context.Context) error
	}{
		{"queue", cfg.Roles.Gateway || cfg.Roles.Scanner, n.openQueue},
		{"chain client", cfg.Roles.Gateway || cfg.Roles.Scanner, n.openChain},
		{"vault", cfg.Roles.Vault, n.openVault},
		{"custody", cfg.Roles.Scanner, n.openCustody},
		{"scanner", cfg.Roles.Scanner, n.openScanner},
		{"broker", cfg.Roles.Scanner && cfg.Roles.Broker, n.openBroker},
		{"index", cfg.Roles.Gateway, n.openIndex},
		{"feeds", cfg.Roles.Gateway, n.openFeeds},
		{"gateway", cfg.Roles.Gateway, n.openGateway},
	} {
		if !part.on {
			continue
		}
		if err := part.open(ctx); err != nil {
			return nil, fmt.Errorf("open %s: %w", part.name, err)
		}
	}
	return n, nil
}

func (n *Node) openQueue(ctx context.Context) (err error) {
	n.queue, err = queue.Open(ctx, queue.Config{
		Dir: filepath.Join(n.home, queueDir), URL: n.cfg.Queue.URL,
		MaxBytes: n.cfg.Queue.MaxBytes, Replicas: n.cfg.Queue.Replicas, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.opened.add(n.queue.Close)
	n.checks["queue"] = checkQueue(n.queue)
	return nil
}

func (n *Node) openChain(ctx context.Context) error {
	if err := n.dialChain(ctx, n.cfg.Chain.Key); err != nil {
		return err
	}
	n.checks["chain"] = checkChain(n.chain)
	if n.chain.Address() == nil {
		return errors.New("chain.key: a signing key is required")
	}
	return nil
}

// dialChain makes a client that signs with a key, or one that only reads when key is empty.
func (n *Node) dialChain(ctx context.Context, key string) (err error) {
	n.chain, err = chain.Dial(ctx, chain.Config{
		GRPC: n.cfg.Chain.GRPC, RPC: n.cfg.Chain.RPC, ChainID: n.cfg.Chain.ChainID,
		KeyringDir: n.cfg.keyringDir(n.home), KeyringBackend: n.cfg.Chain.KeyringBackend,
		Key: key, GasPrices: n.cfg.Chain.GasPrices, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.opened.add(func() error { n.chain.Close(); return nil })
	return nil
}

func (n *Node) openVault(ctx context.Context) error {
	swarmKey, err := readSwarmKey(n.home, n.cfg)
	if err != nil {
		return err
	}
	n.vault, err = vault.Open(ctx, vault.Config{
		Dir: filepath.Join(n.home, vaultDir), SwarmKey: swarmKey,
		Listen: n.cfg.Vault.Listen, Peers: n.cfg.Vault.Peers, Offline: n.cfg.Vault.Offline,
		// Other gateways take in larger files than this one may, and they are scanned here.
		MaxSize: max(vault.DefaultMaxSize, n.cfg.Gateway.MaxFileBytes),
	})
	if err != nil {
		return err
	}
	n.opened.add(n.vault.Close)
	n.checks["vault"] = checkVault(n.vault)
	return nil
}

func (n *Node) openIndex(ctx context.Context) (err error) {
	if n.index, err = index.Open(ctx, n.cfg.index(n.home)); err != nil {
		return err
	}
	n.opened.add(n.index.Close)
	n.checks["index"] = n.index.Ping
	n.indexer = indexer.New(indexer.Deps{Chain: n.chain, Index: n.index, Archive: n.archived, Log: n.log})
	n.addRole("indexer", n.indexer.Run)
	return nil
}

func (n *Node) openFeeds(ctx context.Context) (err error) {
	n.feeds, err = feeds.New(ctx, n.cfg.Gateway.Feeds, feeds.Deps{
		Chain: n.chain, Index: n.index, Dir: filepath.Join(n.home, feedsDir), Log: n.log,
	})
	if err != nil {
		return err
	}
	n.addRole("feeds", n.feeds.Run)
	return nil
}

// addRole makes a role and its health check.
func (n *Node) addRole(name string, run func(context.Context) error) {
	r := newRole(name, run)
	n.roles = append(n.roles, r)
	n.checks["role "+name] = r.check
}

func (n *Node) roleNames() []string {
	names := make([]string, len(n.roles))
	for i, r := range n.roles {
		names[i] = r.name
	}
	return names
}

// Run runs the roles until ctx ends and waits until they have stopped.
func (n *Node) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, r := range n.roles {
		running.Go(func() { r.supervise(ctx, n.log) })
	}
	<-ctx.Done()
	n.log.Info("supernode stops")
	stopped := make(chan struct{})
	go func() {
		running.Wait()
		close(stopped)
	}()
	select {
	case <-stopped:
		return nil
	case <-time.After(stopTimeout):
		return fmt.Errorf("roles did not stop within %s", stopTimeout)
	}
}

// Close closes the parts in the reverse order of opening.
func (n *Node) Close() error { return n.opened.close() }

// closers are what was opened, in that order.
type closers []func() error

func (c *closers) add(close func() error) { *c = append(*c, close) }

// close closes in the reverse order, everything even when something fails.
func (c *closers) close() error {
	var errs []error
	for i := len(*c) - 1; i >= 0; i-- {
		errs = append(errs, (*c)[i]())
	}
	*c = nil
	return errors.Join(errs...)
}

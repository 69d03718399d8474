package node

import (
	"context"
	"fmt"
	"net"
	"path/filepath"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/gateway"
)

func (n *Node) openGateway(context.Context) error {
	cfg := n.cfg.gateway()
	secret, err := claimSecret(n.home)
	if err != nil {
		return fmt.Errorf("claim secret: %w", err)
	}
	lane, scan, err := n.openPrivate()
	if err != nil {
		return fmt.Errorf("private lane: %w", err)
	}
	g, err := gateway.New(cfg, gateway.Deps{
		Private: lane, ScanPrivate: scan,
		Chain: n.chain, Samples: n.chain.Samples(), Verdicts: n.chain.Verdicts(), Supernodes: n.chain.Supernodes(), Market: n.chain.Market(),
		Vault: n.vault, Queue: n.queue, Index: n.index, Feeds: n.feeds, Indexed: n.indexer.Current, ClaimSecret: secret,
		FileType: analysis.FileType, Archive: n.archived, VaultKey: n.openVaultKey, BundlesDir: filepath.Join(n.home, bundlesDir),
		Checks: n.checks, Metrics: n.metrics, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.opened.add(g.Close)
	// Listening now tells of a taken port at once and not from a role that fails forever.
	if n.listener, err = net.Listen("tcp", cfg.Listen); err != nil {
		return err
	}
	n.opened.add(n.closeListener)
	n.checks["vault key"] = checkVaultKey(n.chain)
	n.addRole("http", func(ctx context.Context) error {
		listener, err := n.listen()
		if err != nil {
			return err
		}
		n.log.Info("gateway listens", "address", listener.Addr().String())
		return g.Serve(ctx, listener)
	})
	if err := n.openGRPC(g, cfg.GRPCListen); err != nil {
		return err
	}
	n.addRole("submitter", g.Submit)
	n.addRole("housekeeping", g.Housekeep)
	if g.PrivateLane() {
		n.addRole("private", g.ScanPrivate)
	}
	if g.ReportsSightings() {
		n.addRole("sightings", g.ReportSightings)
	}
	return nil
}

// listen gives out the listener of Open once, and then new ones.
func (n *Node) listen() (net.Listener, error) {
	if listener := n.listener; listener != nil {
		n.listener = nil
		return listener, nil
	}
	return net.Listen("tcp", n.cfg.Gateway.Listen)
}

func (n *Node) closeListener() error {
	if n.listener == nil {
		return nil
	}
	return n.listener.Close()
}

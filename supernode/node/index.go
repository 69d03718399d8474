package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/indexer"
	"github.com/virusmap/virusmap/supernode/scanner"
	"github.com/virusmap/virusmap/supernode/vault"
	"github.com/virusmap/virusmap/supernode/vault/peers"
)

// RebuildIndex reads what comes from the chain into the index anew, in place of Run, and
// tells how far it is. It needs no signing key.
func RebuildIndex(ctx context.Context, home string, cfg Config, log *slog.Logger, tell func(indexer.State)) (state indexer.State, err error) {
	n := &Node{home: home, cfg: cfg, log: log, checks: make(map[string]func(context.Context) error)}
	defer func() { err = errors.Join(err, n.Close()) }()
	if err := n.dialChain(ctx, ""); err != nil {
		return state, fmt.Errorf("open chain client: %w", err)
	}
	if err := n.openVault(ctx); err != nil {
		return state, fmt.Errorf("open vault: %w", err)
	}
	if err := n.openIndex(ctx); err != nil {
		return state, fmt.Errorf("open index: %w", err)
	}
	// The scanner does not run, which has the archive else.
	archive, err := scanner.OpenArchive(ctx, filepath.Join(home, scannerDir), cfg.Chain.ChainID, n.vault)
	if err != nil {
		return state, fmt.Errorf("open archive of rounds: %w", err)
	}
	n.opened.add(archive.Close)
	n.indexer = indexer.New(indexer.Deps{Chain: n.chain, Index: n.index, Archive: archive.Round, Log: log})
	identity, err := vault.LoadOrCreateIdentity(filepath.Join(home, identityFile))
	if err != nil {
		return state, err
	}
	keys, err := peers.Open(peers.Config{
		Operator: cfg.Scanner.Operator, Path: filepath.Join(home, peerKeysFile), Identity: identity, Vault: n.vault, Chain: n.chain, Log: log,
	})
	if err != nil {
		return state, err
	}
	opener := &indexer.Opener{
		Supernodes: n.chain.Supernodes(), Vault: n.vault, Operator: cfg.Scanner.Operator, Identity: identity, Peers: keys,
	}
	analyser, err := analysis.Open(nil)
	if err != nil {
		return state, fmt.Errorf("start worker: %w", err)
	}
	n.opened.add(analyser.Close)
	return n.indexer.Rebuild(ctx, opener.Open, n.identify(analyser), tell)
}

package node

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/virusmap/virusmap/supernode/private"
	"github.com/virusmap/virusmap/supernode/scanner"
	"github.com/virusmap/virusmap/supernode/vault"
)

// privateScan lets the engines judge a content of a size in bytes.
type privateScan = func(ctx context.Context, content io.Reader, size int64) ([]scanner.Finding, error)

// openPrivate opens what was sent on the private lane. Without the scanner role there is
// nothing that scans, and what is there is only kept until its time is over.
func (n *Node) openPrivate() (*private.Store, privateScan, error) {
	identity, err := vault.LoadOrCreateIdentity(filepath.Join(n.home, identityFile))
	if err != nil {
		return nil, nil, err
	}
	store, err := private.Open(filepath.Join(n.home, privateDir), identity)
	if err != nil || !n.cfg.Roles.Scanner {
		return store, nil, err
	}
	return store, n.scanPrivate, nil
}

// scanPrivate asks the running scanner to judge a private content.
func (n *Node) scanPrivate(ctx context.Context, content io.Reader, size int64) ([]scanner.Finding, error) {
	s := n.scanner.Load()
	if s == nil {
		return nil, errors.New("the scanner does not run now")
	}
	return s.ScanPrivate(ctx, content, size)
}

package vault

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/go-cid"
	flatfs "github.com/ipfs/go-ds-flatfs"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// store keeps files as blocks, all or nothing: a file is staged, then committed
// under its root. The catalog counts how many files hold a block, so that
// removing one file never takes a block from another.
//
//	Dir/blocks      flatfs, one file a block, named by multihash (as kubo does)
//	Dir/catalog.db  bbolt, see catalog.go
type store struct {
	files   *flatfs.Datastore
	blocks  blockstore.Blockstore
	catalog *catalog
	// mu is held for reading by commits and for writing by releases: a release
	// must not delete a block that a commit is about to rely on.
	mu sync.RWMutex
}

func openStore(dir string) (*store, error) {
	db, err := bolt.Open(filepath.Join(dir, "catalog.db"), 0o600, &bolt.Options{Timeout: time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another process", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	catalog, err := newCatalog(db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	files, err := flatfs.CreateOrOpen(filepath.Join(dir, "blocks"), flatfs.NextToLast(2), true)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open blocks: %w", err), db.Close())
	}
	plain := blockstore.NewBlockstore(files, blockstore.NoPrefix())
	s := &store{files: files, blocks: &blockstore.ValidatingBlockstore{Blockstore: plain}, catalog: catalog}
	if err := s.recover(); err != nil {
		return nil, errors.Join(fmt.Errorf("recover: %w", err), s.close())
	}
	return s, nil
}

func (s *store) close() error {
	return errors.Join(s.files.Close(), s.catalog.close())
}

// recover takes back what a crash left between the steps of commit or release.
func (s *store) recover() error {
	roots, err := s.catalog.pending()
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := s.release(root, true); err != nil {
			return err
		}
	}
	return nil
}

// has tells whether every block of the file under root is stored.
func (s *store) has(root cid.Cid) (bool, error) { return s.catalog.complete(root) }

// commit makes the staged blocks the file under root. The blocks are already
// synced to disk in the staging folder; here they are renamed into place,
// between two catalog entries from which recover can tell an unfinished rename.
func (s *store) commit(ctx context.Context, root cid.Cid, st *stage) error {
	if ctx.Err() != nil {
		return errors.Join(context.Cause(ctx), st.discard())
	}
	if err := s.place(root, st); err != nil {
		return errors.Join(fmt.Errorf("store blocks: %w", err), st.discard(), s.release(root, true))
	}
	return nil
}

func (s *store) place(root cid.Cid, st *stage) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.catalog.begin(root, st.cids); err != nil {
		return err
	}
	if err := st.batch.Commit(context.Background()); err != nil {
		return err
	}
	return s.catalog.finish(root)
}

// release forgets the file under root and deletes the blocks that no other file
// holds. With onlyPending it leaves a complete file alone.
func (s *store) release(root cid.Cid, onlyPending bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	orphans, err := s.catalog.condemn(root, onlyPending)
	if err != nil || orphans == nil {
		return err
	}
	for _, d := range orphans {
		if err := s.blocks.DeleteBlock(context.Background(), d.cid()); err != nil {
			return fmt.Errorf("delete block: %w", err)
		}
	}
	return s.catalog.forget(root)
}

package vault

import (
	"context"
	"sync"

	"github.com/ipfs/boxo/datastore/dshelp"
	"github.com/ipfs/go-cid"
	flatfs "github.com/ipfs/go-ds-flatfs"
)

// stage collects the blocks of one file in a folder of their own, synced to
// disk but visible to nobody until commit. A crash empties the folder.
type stage struct {
	batch flatfs.DiscardableBatch

	mu   sync.Mutex
	seen map[digest]bool
	cids []cid.Cid // of the distinct blocks
}

func (s *store) newStage(ctx context.Context) (*stage, error) {
	batch, err := s.files.Batch(ctx)
	if err != nil {
		return nil, err
	}
	return &stage{batch: batch.(flatfs.DiscardableBatch), seen: make(map[digest]bool)}, nil
}

// put stages a block; data must not change afterwards, as it is written in the
// background. It is safe for concurrent use.
func (st *stage) put(ctx context.Context, c cid.Cid, data []byte) error {
	d := digestOf(c)
	st.mu.Lock()
	if st.seen[d] {
		st.mu.Unlock()
		return nil
	}
	st.seen[d] = true
	st.cids = append(st.cids, c)
	st.mu.Unlock()
	return st.batch.Put(ctx, dshelp.MultihashToDsKey(c.Hash()), data)
}

func (st *stage) discard() error { return st.batch.Discard(context.Background()) }

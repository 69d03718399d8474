package vault

import (
	"bytes"
	"context"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"
)

// digests lists the blocks that the catalog records for root.
func (s *store) digests(t *testing.T, root cid.Cid) iter.Seq[digest] {
	t.Helper()
	var list []digest
	require.NoError(t, s.catalog.db.View(func(tx *bolt.Tx) error {
		list = splitDigests(tx.Bucket(rootsBucket).Get(root.Bytes()))
		return nil
	}))
	require.NotEmpty(t, list)
	return func(yield func(digest) bool) {
		for _, d := range list {
			if !yield(d) {
				return
			}
		}
	}
}

// requireEmpty checks that neither disk nor catalog remembers anything.
func requireEmpty(t *testing.T, v *Vault) {
	t.Helper()
	require.Empty(t, blockFiles(t, v.cfg.Dir))
	require.NoError(t, v.store.catalog.db.View(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{rootsBucket, holdersBucket, pendingBucket} {
			require.Zero(t, tx.Bucket(name).Stats().KeyN, "bucket %s", name)
		}
		return nil
	}))
}

func TestRemove(t *testing.T) {
	v, ctx := openOffline(t), context.Background()
	sealed := sealBytes(t, v, content(3<<20), NewEpochKey().Recipient())
	require.NoError(t, v.Remove(ctx, sealed.CID))
	require.False(t, v.Has(ctx, sealed.CID))
	_, err := v.Ciphertext(ctx, sealed.CID)
	require.ErrorIs(t, err, ErrNotFound)
	require.NoError(t, v.Remove(ctx, sealed.CID), "removing twice is harmless")
	requireEmpty(t, v)
}

func TestRemoveKeepsSharedBlocks(t *testing.T) {
	v, ctx := openOffline(t), context.Background()
	first := content(3 << 20)
	second := append(bytes.Clone(first), "one more block"...)
	a, err := v.AddPublic(ctx, first)
	require.NoError(t, err)
	b, err := v.AddPublic(ctx, second)
	require.NoError(t, err)
	again, err := v.AddPublic(ctx, second)
	require.NoError(t, err)
	require.Equal(t, b, again)
	require.Len(t, blockFiles(t, v.cfg.Dir), 3+1+1+1, "three shared leaves, one own leaf, two roots")

	require.NoError(t, v.Remove(ctx, a))
	require.False(t, v.Has(ctx, a))
	got, err := v.ReadPublic(ctx, b, 4<<20)
	require.NoError(t, err)
	require.Equal(t, second, got)

	require.NoError(t, v.Remove(ctx, b))
	requireEmpty(t, v)
}

// A leaf of one file may be the root of another: the codec of both is raw.
func TestRemoveKeepsABlockThatIsAFileItself(t *testing.T) {
	v, ctx := openOffline(t), context.Background()
	data := content(2 << 20)
	leaf, err := v.AddPublic(ctx, data[:1<<20])
	require.NoError(t, err)
	whole, err := v.AddPublic(ctx, data)
	require.NoError(t, err)
	require.NoError(t, v.Remove(ctx, whole))
	got, err := v.ReadPublic(ctx, leaf, 1<<20)
	require.NoError(t, err)
	require.Equal(t, data[:1<<20], got)
}

func TestOpenTakesBackUnfinishedWork(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	reopen := func() *Vault { return openAt(t, dir) } // closed by the outer test
	v := reopen()
	kept, err := v.AddPublic(ctx, content(3<<20))
	require.NoError(t, err)

	for name, interrupt := range map[string]func(t *testing.T, lost cid.Cid, st *stage){
		"before the blocks are in place": func(*testing.T, cid.Cid, *stage) {},
		"after the blocks are in place": func(t *testing.T, _ cid.Cid, st *stage) {
			require.NoError(t, st.batch.Commit(ctx))
		},
		"during a removal": func(t *testing.T, lost cid.Cid, st *stage) {
			require.NoError(t, st.batch.Commit(ctx))
			require.NoError(t, v.store.catalog.finish(lost))
			_, err := v.store.catalog.condemn(lost, false)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := placedFiles(t, dir)
			st, err := v.store.newStage(ctx)
			require.NoError(t, err)
			// Shares two leaves with the kept file.
			data := append(content(3 << 20)[:2<<20], name...)
			lost, err := importFile(ctx, &source{ctx: ctx, r: bytes.NewReader(data), limit: 4 << 20}, st)
			require.NoError(t, err)
			require.NoError(t, v.store.catalog.begin(lost, st.cids))
			interrupt(t, lost, st)
			require.False(t, v.Has(ctx, lost))

			require.NoError(t, v.Close())
			v = reopen()
			require.False(t, v.Has(ctx, lost))
			require.Equal(t, before, placedFiles(t, dir))
			got, err := v.ReadPublic(ctx, kept, 3<<20)
			require.NoError(t, err)
			require.Equal(t, content(3<<20), got)
		})
	}
	require.NoError(t, v.Remove(ctx, kept))
	requireEmpty(t, v)
}

// placedFiles are the blocks outside the staging folder. A batch that is cut off here goes on
// writing there in the background, which a process that is killed does not.
func placedFiles(t testing.TB, dir string) []string {
	t.Helper()
	return slices.DeleteFunc(blockFiles(t, dir), func(path string) bool {
		return strings.Contains(path, filepath.Join("blocks", ".temp"))
	})
}

func TestConcurrentUseOfSharedBlocks(t *testing.T) {
	v, ctx := openOffline(t), context.Background()
	base := content(2 << 20)
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			data := append(bytes.Clone(base), byte(worker%2)) // two workers on the same file
			for range 5 {
				c, err := v.AddPublic(ctx, data)
				if err != nil {
					t.Error(err)
					return
				}
				if err := v.Remove(ctx, c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	keep := append(bytes.Clone(base), "kept"...)
	c, err := v.AddPublic(ctx, keep)
	require.NoError(t, err)
	group.Wait()
	got, err := v.ReadPublic(ctx, c, 4<<20)
	require.NoError(t, err)
	require.Equal(t, keep, got)
	require.NoError(t, v.Remove(ctx, c))
	requireEmpty(t, v)
}

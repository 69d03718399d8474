package vault

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	bolt "go.etcd.io/bbolt"
)

// Buckets of the catalog.
var (
	rootsBucket   = []byte("roots")   // CID of a file -> digests of its distinct blocks, 32 bytes each
	holdersBucket = []byte("holders") // digest of a block -> number of files that hold it, uint64 big-endian
	pendingBucket = []byte("pending") // CID of a file that is half written or half removed -> nothing
)

// digest is the SHA-256 of a block, the name by which blocks are shared.
type digest [32]byte

func digestOf(c cid.Cid) (d digest) {
	copy(d[:], c.Hash()[len(c.Hash())-len(d):])
	return d
}

func (d digest) cid() cid.Cid {
	mh, err := multihash.Encode(d[:], multihash.SHA2_256)
	if err != nil {
		panic(err) // only for unknown hash functions
	}
	return cid.NewCidV1(cid.Raw, mh)
}

// catalog records which files are stored and which blocks each one holds. Every
// method is one transaction, durable when it returns.
type catalog struct{ db *bolt.DB }

func newCatalog(db *bolt.DB) (*catalog, error) {
	// Concurrent commits share one fsync; a lone one waits this long for company.
	db.MaxBatchDelay = time.Millisecond
	err := db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{rootsBucket, holdersBucket, pendingBucket, pinsBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return fmt.Errorf("catalog bucket %s: %w", name, err)
			}
		}
		return nil
	})
	return &catalog{db: db}, err
}

func (c *catalog) close() error { return c.db.Close() }

func (c *catalog) complete(root cid.Cid) (complete bool, err error) {
	err = c.db.View(func(tx *bolt.Tx) error {
		complete = tx.Bucket(rootsBucket).Get(root.Bytes()) != nil && tx.Bucket(pendingBucket).Get(root.Bytes()) == nil
		return nil
	})
	return complete, err
}

func (c *catalog) pending() (roots []cid.Cid, err error) {
	err = c.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(pendingBucket).ForEach(func(key, _ []byte) error {
			root, err := cid.Cast(key)
			if err != nil {
				return fmt.Errorf("catalog: pending root: %w", err)
			}
			roots = append(roots, root)
			return nil
		})
	})
	return roots, err
}

// begin records that root holds the blocks and is not yet complete. A root
// that is recorded already keeps its state: its blocks are the same.
func (c *catalog) begin(root cid.Cid, blocks []cid.Cid) error {
	return c.db.Batch(func(tx *bolt.Tx) error {
		roots, holders := tx.Bucket(rootsBucket), tx.Bucket(holdersBucket)
		if roots.Get(root.Bytes()) != nil {
			return nil
		}
		list := make([]byte, 0, len(blocks)*len(digest{}))
		for _, block := range blocks {
			d := digestOf(block)
			list = append(list, d[:]...)
			if err := setHolders(holders, d, getHolders(holders, d)+1); err != nil {
				return err
			}
		}
		if err := roots.Put(root.Bytes(), list); err != nil {
			return err
		}
		return tx.Bucket(pendingBucket).Put(root.Bytes(), []byte{})
	})
}

// finish records that root is complete.
func (c *catalog) finish(root cid.Cid) error {
	return c.db.Batch(func(tx *bolt.Tx) error {
		return tx.Bucket(pendingBucket).Delete(root.Bytes())
	})
}

// condemn marks root as pending and returns the digests that it alone holds;
// nil when it is unknown, or complete and onlyPending is set.
func (c *catalog) condemn(root cid.Cid, onlyPending bool) (orphans []digest, err error) {
	err = c.db.Update(func(tx *bolt.Tx) error {
		list, pending := tx.Bucket(rootsBucket).Get(root.Bytes()), tx.Bucket(pendingBucket)
		if list == nil || (onlyPending && pending.Get(root.Bytes()) == nil) {
			return nil
		}
		orphans = []digest{}
		for _, d := range splitDigests(list) {
			if getHolders(tx.Bucket(holdersBucket), d) <= 1 {
				orphans = append(orphans, d)
			}
		}
		return pending.Put(root.Bytes(), []byte{})
	})
	return orphans, err
}

// forget drops root and its hold on blocks.
func (c *catalog) forget(root cid.Cid) error {
	return c.db.Update(func(tx *bolt.Tx) error {
		roots, holders := tx.Bucket(rootsBucket), tx.Bucket(holdersBucket)
		for _, d := range splitDigests(roots.Get(root.Bytes())) {
			if err := setHolders(holders, d, getHolders(holders, d)-1); err != nil {
				return err
			}
		}
		if err := roots.Delete(root.Bytes()); err != nil {
			return err
		}
		return tx.Bucket(pendingBucket).Delete(root.Bytes())
	})
}

func splitDigests(list []byte) []digest {
	digests := make([]digest, len(list)/len(digest{}))
	for i := range digests {
		copy(digests[i][:], list[i*len(digest{}):])
	}
	return digests
}

func getHolders(holders *bolt.Bucket, d digest) uint64 {
	if count := holders.Get(d[:]); len(count) == 8 {
		return binary.BigEndian.Uint64(count)
	}
	return 0
}

func setHolders(holders *bolt.Bucket, d digest, count uint64) error {
	if count == 0 {
		return holders.Delete(d[:])
	}
	return holders.Put(d[:], binary.BigEndian.AppendUint64(nil, count))
}

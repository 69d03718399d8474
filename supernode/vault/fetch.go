package vault

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ipfs/boxo/exchange"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"
)

const (
	// fetchParallelism is how many blocks one caller has on their way at once.
	// Bitswap takes tens of milliseconds a round trip, so unrelated small files
	// must be asked for side by side.
	fetchParallelism = 32
	// maxFetching is how many all callers have on their way together, so that
	// one that waits for what nobody sends does not hold up the others.
	maxFetching = 96
	// maxDepth and minBlockSize bound the shape of a foreign file: the first is
	// more levels than 1024 links a node can need, the second the mean size
	// below which its blocks only cost disk and catalog.
	maxDepth     = 8
	minBlockSize = 64 << 10
	// maxBlockSize is the limit of the Bitswap specification.
	maxBlockSize = 2 << 20
)

// Fetch stores the files under the CIDs, getting what is missing from peers,
// fetchParallelism blocks at a time. It tries all of them; the error joins one
// per CID that failed (see Unseal for the kinds). A file is stored whole or not
// at all.
func (v *Vault) Fetch(ctx context.Context, cids []cid.Cid) error {
	var (
		group errgroup.Group
		mu    sync.Mutex
		errs  []error
	)
	group.SetLimit(fetchParallelism)
	for _, c := range cids {
		group.Go(func() error {
			if err := v.ensure(ctx, c, cipherLimit(v.cfg.MaxSize)); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
			return nil
		})
	}
	_ = group.Wait()
	return errors.Join(errs...)
}

// ensure stores the file under root, of at most limit bytes, unless it is there.
func (v *Vault) ensure(ctx context.Context, root cid.Cid, limit int64) error {
	if err := checkCID(root); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	here, err := v.store.has(root)
	if err == nil && !here {
		err = v.fetch(ctx, root, limit)
	}
	if err != nil {
		return fmt.Errorf("vault: fetch %s: %w", root, err)
	}
	return nil
}

func (v *Vault) fetch(ctx context.Context, root cid.Cid, limit int64) error {
	stage, err := v.store.newStage(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the Bitswap session
	f := &fetcher{
		vault:     v,
		stage:     stage,
		limit:     uint64(limit),
		maxBlocks: int(limit/minBlockSize) + 1024,
		sizes:     make(map[cid.Cid]uint64),
	}
	if v.network != nil {
		v.network.dialPeers()
		f.peers = v.network.exchange.NewSession(ctx)
	}
	if err := f.run(ctx, root); err != nil {
		return errors.Join(err, stage.discard())
	}
	if err := v.store.commit(ctx, root, stage); err != nil {
		return err
	}
	return v.announce(ctx, stage.cids)
}

// fetcher walks one foreign file level by level, trusting nothing about its
// shape, and stages every block.
type fetcher struct {
	vault     *Vault
	stage     *stage
	peers     exchange.Fetcher // nil when offline
	limit     uint64           // bytes of content
	maxBlocks int
	sizes     map[cid.Cid]uint64 // what parents claim, of every block seen
}

func (f *fetcher) run(ctx context.Context, root cid.Cid) error {
	level := []child{{cid: root}}
	for depth := 0; len(level) > 0; depth++ {
		if depth == maxDepth {
			return fmt.Errorf("%w: deeper than %d levels", ErrUndecryptable, maxDepth)
		}
		nodes, err := f.level(ctx, level)
		if err != nil {
			return err
		}
		if depth == 0 && nodes[0].size > f.limit {
			return fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, nodes[0].size, f.limit)
		}
		if level, err = f.next(nodes); err != nil {
			return err
		}
	}
	return nil
}

// level gets all blocks of one level and checks the sizes their parents claim.
func (f *fetcher) level(ctx context.Context, level []child) ([]node, error) {
	nodes := make([]node, len(level))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fetchParallelism)
	for i, want := range level {
		group.Go(func() error {
			n, err := f.block(ctx, want.cid)
			if err != nil {
				return err
			}
			if isRoot := want.size == 0; !isRoot && n.size != want.size {
				return fmt.Errorf("%w: block %s holds %d bytes, its parent says %d", ErrUndecryptable, want.cid, n.size, want.size)
			}
			nodes[i] = n
			return nil
		})
	}
	return nodes, group.Wait()
}

// next lists the distinct children of a level that were not seen before.
func (f *fetcher) next(nodes []node) ([]child, error) {
	var next []child
	for _, n := range nodes {
		for _, c := range n.children {
			size, seen := f.sizes[c.cid]
			if seen && size != c.size {
				return nil, fmt.Errorf("%w: two sizes for block %s", ErrUndecryptable, c.cid)
			}
			if seen {
				continue
			}
			if len(f.sizes) == f.maxBlocks {
				return nil, fmt.Errorf("%w: more than %d blocks", ErrTooLarge, f.maxBlocks)
			}
			f.sizes[c.cid] = c.size
			next = append(next, c)
		}
	}
	return next, nil
}

// block gets one block, from the store if it is there, checks and stages it.
func (f *fetcher) block(ctx context.Context, c cid.Cid) (node, error) {
	select {
	case f.vault.slots <- struct{}{}:
		defer func() { <-f.vault.slots }()
	case <-ctx.Done():
		return node{}, notFound(ctx)
	}
	block, err := f.get(ctx, c)
	if err != nil {
		return node{}, err
	}
	n, err := parseBlock(c, block.RawData())
	if err != nil {
		return node{}, err
	}
	return n, f.stage.put(ctx, c, block.RawData())
}

// parseBlock is parseNode for a block that a peer may have sent.
func parseBlock(c cid.Cid, data []byte) (node, error) {
	if len(data) > maxBlockSize {
		return node{}, fmt.Errorf("%w: block %s has %d bytes, limit %d", ErrTooLarge, c, len(data), maxBlockSize)
	}
	n, err := parseNode(c, data)
	if err != nil {
		return node{}, fmt.Errorf("%w: block %s: %w", ErrUndecryptable, c, err)
	}
	return n, nil
}

func (f *fetcher) get(ctx context.Context, c cid.Cid) (blocks.Block, error) {
	if block, err := f.vault.store.blocks.Get(ctx, c); err == nil || f.peers == nil {
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrNotFound, err)
		}
		return block, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, f.vault.cfg.FetchTimeout, fmt.Errorf("no peer sent block %s within %s", c, f.vault.cfg.FetchTimeout))
	defer cancel()
	block, err := f.peers.GetBlock(ctx, c)
	if err != nil && ctx.Err() != nil {
		return nil, notFound(ctx)
	}
	return block, err
}

// notFound says that ctx ended before a block came, keeping its cause.
func notFound(ctx context.Context) error {
	return fmt.Errorf("%w: %w", ErrNotFound, context.Cause(ctx))
}

// announce offers new blocks to peers that already asked for them in vain.
func (v *Vault) announce(ctx context.Context, cids []cid.Cid) error {
	if v.network == nil {
		return nil
	}
	for _, c := range cids {
		block, err := v.store.blocks.Get(ctx, c)
		if err != nil {
			return fmt.Errorf("announce: %w", err)
		}
		if err := v.network.exchange.NotifyNewBlocks(ctx, block); err != nil {
			return fmt.Errorf("announce: %w", err)
		}
	}
	return nil
}

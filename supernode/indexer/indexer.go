// Package indexer copies what the chain says of samples into the index: records, rounds and
// reports, each round read once. It follows the blocks, and reads the state where blocks are
// gone. What it stored can be dropped and read again with Rebuild.
package indexer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// statusInterval is how often the node is asked how far it is.
	statusInterval = time.Second
	// nodeWait is how long to wait for a node that is away.
	nodeWait = time.Second
	// farBehind is from how many blocks on reading the state is faster than following.
	farBehind = 10_000
)

// Chain is what is asked of chain.Client.
type Chain interface {
	Samples() samplestypes.QueryClient
	Verdicts() verdictstypes.QueryClient
	Status(ctx context.Context) (chain.Status, error)
	Follow(ctx context.Context, from int64, handle func(context.Context, chain.Block) error) error
}

// Archive returns a round that the chain has pruned, checked against the roots that stand in it.
type Archive func(ctx context.Context, round uint64) (verdictstypes.RoundArchive, error)

// Deps are the parts that an indexer works with. Archive and Log may be left out.
type Deps struct {
	Chain   Chain
	Index   *index.Index
	Archive Archive
	Log     *slog.Logger
}

// Indexer writes the index. Make one with New.
type Indexer struct {
	deps Deps
	log  *slog.Logger
	// head is the last block that is in the index, once it is followed.
	head atomic.Int64
	// weights of the epoch of the last round.
	weights verdictstypes.WeightTable

	tip tip
}

// tip is what the node last said of itself.
type tip struct {
	mu     sync.Mutex
	height int64
	asked  time.Time
	// reached is when the node was asked last that had nothing which is not in the index.
	reached time.Time
}

// New makes an indexer. Run follows the chain.
func New(deps Deps) *Indexer {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	return &Indexer{deps: deps, log: deps.Log.With("role", "indexer")}
}

// Current tells whether the index has everything that the node had at most maxAge ago, and
// the height of the last block that is in it.
func (x *Indexer) Current(maxAge time.Duration) (height int64, current bool) {
	x.tip.mu.Lock()
	defer x.tip.mu.Unlock()
	return x.head.Load(), !x.tip.reached.IsZero() && time.Since(x.tip.reached) <= maxAge
}

// watch asks the node how far it is until ctx ends.
func (x *Indexer) watch(ctx context.Context) {
	for {
		asked := time.Now()
		status, err := x.deps.Chain.Status(ctx)
		if err == nil {
			x.tip.mu.Lock()
			x.tip.height, x.tip.asked = status.Height, asked
			x.tip.mu.Unlock()
			x.reach(x.head.Load())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(statusInterval):
		}
	}
}

// reach notes that the index has all up to a height.
func (x *Indexer) reach(height int64) {
	x.head.Store(height)
	x.tip.mu.Lock()
	defer x.tip.mu.Unlock()
	if height > 0 && height >= x.tip.height {
		x.tip.reached = x.tip.asked
	}
}

// Run follows the chain from where it was left until ctx ends.
func (x *Indexer) Run(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	defer watch.Wait()
	defer stop()
	watch.Go(func() { x.watch(watching) })
	for mustRead := false; ; {
		from, err := x.resume(ctx, mustRead)
		if err == nil {
			err = x.follow(ctx, from)
		}
		if ctx.Err() != nil {
			return nil
		}
		if chain.IsAway(err) { // between two answers; what is written is gone on from
			x.log.Warn("the node is away", "error", err, "retry_in", nodeWait)
			select {
			case <-ctx.Done():
			case <-time.After(nodeWait):
			}
			continue
		}
		mustRead = errors.Is(err, errStateNeeded)
		if !mustRead && !errors.Is(err, chain.ErrPruned) {
			return fmt.Errorf("indexer: %w", err)
		}
		x.log.Warn("the blocks do not tell everything any more", "error", err)
	}
}

// errStateNeeded means that what blocks refer to is only in the state.
var errStateNeeded = errors.New("what the block refers to was pruned")

// resume tells from which block on to follow. Where blocks are gone, or there are very many,
// it reads the state first.
func (x *Indexer) resume(ctx context.Context, mustRead bool) (index.Progress, error) {
	stored, err := x.deps.Index.Progress(ctx)
	if err != nil {
		return stored, err
	}
	status, err := x.awaitNode(ctx)
	if err != nil {
		return stored, err
	}
	if stored.Chain == "" {
		stored.Chain = status.ChainID
	} else if stored.Chain != status.ChainID {
		return stored, fmt.Errorf("the index is of chain %q, not %q; read it again with: supernode index rebuild", stored.Chain, status.ChainID)
	}
	next := stored.Height + 1
	if !mustRead && stored.Phase == "" && next >= max(status.EarliestHeight, 1) && status.Height-next < farBehind {
		return stored, nil
	}
	if stored.Phase == "" {
		stored.Height, stored.Phase, stored.Cursor = status.Height, phaseRounds, nil
	}
	x.log.Info("reading the state of the chain into the index", "phase", stored.Phase, "height", stored.Height)
	return x.readState(ctx, stored, func(State) {})
}

// awaitNode waits for the node as long as it is away, as Follow does.
func (x *Indexer) awaitNode(ctx context.Context) (chain.Status, error) {
	for {
		status, err := x.deps.Chain.Status(ctx)
		if err == nil || ctx.Err() != nil || errors.Is(err, chain.ErrWrongChain) {
			return status, err
		}
		x.log.Warn("the node is away", "error", err, "retry_in", nodeWait)
		select {
		case <-ctx.Done():
		case <-time.After(nodeWait):
		}
	}
}

package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// Broker delivers for one operator.
type Broker struct {
	Deps
	cfg      Config
	operator sdk.AccAddress
	metrics  *metrics
	paces    paces

	assigned chan struct{} // a signal when orders of this operator may be open
	missed   chan struct{} // a signal when orders of others may be open to all
	here     chan struct{} // a slot for each key that is prepared from what is stored here
	away     chan struct{} // a slot for each whose ciphertext must come from peers
	ready    chan parcel

	tries  *tries
	height atomic.Int64 // of the newest block that was handled
	// suspended is the newest epoch in which the chain takes no keys from the operator.
	suspended atomic.Uint64
	work      sync.WaitGroup
}

// New checks the configuration. Run does the work.
func New(cfg Config, deps Deps) (*Broker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	operator, err := sdk.AccAddressFromBech32(cfg.Operator)
	if err != nil {
		return nil, fmt.Errorf("broker: operator %q: %w", cfg.Operator, err)
	}
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	return &Broker{
		Deps: deps, cfg: cfg, operator: operator, metrics: newMetrics(deps.Metrics), paces: defaultPaces(),
		assigned: make(chan struct{}, 1), missed: make(chan struct{}, 1),
		here: make(chan struct{}, cfg.Parallel), away: make(chan struct{}, cfg.Parallel),
		ready: make(chan parcel), tries: newTries(),
	}, nil
}

// Run delivers until ctx ends. It waits for the node whenever the node is away.
func (b *Broker) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer b.work.Wait()
	defer cancel()
	b.work.Go(func() { b.lookOut(ctx) })
	b.work.Go(func() { b.send(ctx) })
	for {
		// What happened before is seen in the state, which may be one block behind.
		head, err := b.head(ctx)
		if err != nil {
			return err
		}
		b.height.Store(head.Height)
		signal(b.assigned)
		signal(b.missed)
		if err := b.Chain.Follow(ctx, max(head.Height, 1), b.handle); !errors.Is(err, chain.ErrPruned) {
			return err
		}
	}
}

// head waits for the node; its error is that of ctx.
func (b *Broker) head(ctx context.Context) (head chain.Status, err error) {
	for ctx.Err() == nil {
		if head, err = b.Chain.Status(ctx); err == nil {
			return head, nil
		}
		b.Log.Warn("trying again", "what", "status", "error", err)
		sleep(ctx, b.paces.shortest)
	}
	return head, ctx.Err()
}

func (b *Broker) handle(_ context.Context, block chain.Block) error {
	b.height.Store(block.Height)
	for _, id := range b.tries.expire(block.Height) {
		b.skip(late, id)
	}
	if b.tries.waiting(time.Now()) {
		signal(b.assigned)
		signal(b.missed)
	}
	if block.Height%fallbackEvery == 0 {
		signal(b.missed)
	}
	return block.Each(func(event proto.Message) error {
		switch event := event.(type) {
		case *markettypes.EventOrdered:
			if event.Operator == b.operator.String() {
				signal(b.assigned)
			}
		case *markettypes.EventDelivered:
			b.tries.settle(event.Order, block.Height)
		case *markettypes.EventOrderEnded:
			b.tries.settle(event.Order, block.Height)
		case *supernodetypes.EventSeated:
			signal(b.assigned) // the operator may deliver again
		}
		return nil
	})
}

// signal leaves a signal that waits until it is seen.
func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

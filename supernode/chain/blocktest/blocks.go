// Package blocktest has the blocks of a chain that is not there: a test adds them, and who
// follows the chain is given them as by chain.Client.
package blocktest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
)

// Blocks may be written and followed by many at once. The zero value has none.
type Blocks struct {
	mu       sync.Mutex
	blocks   []chain.Block // in the order of their heights, of which some may lack
	earliest int64
	grown    chan struct{} // closed by the next Add; nil when nobody waits
}

// Add appends a block that is higher than all before.
func (b *Blocks) Add(block chain.Block) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blocks = append(b.blocks, block)
	if b.grown != nil {
		close(b.grown)
		b.grown = nil
	}
}

// Amend adds events to the newest block.
func (b *Blocks) Amend(events ...abci.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	newest := &b.blocks[len(b.blocks)-1]
	newest.Events = append(newest.Events, events...)
}

// Prune drops the blocks below a height.
func (b *Blocks) Prune(earliest int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.earliest = earliest
}

// Earliest is the height below which blocks were dropped.
func (b *Blocks) Earliest() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.earliest
}

// All are the blocks that were ever added.
func (b *Blocks) All() []chain.Block {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.blocks)
}

// Follow is as that of chain.Client.
func (b *Blocks) Follow(ctx context.Context, from int64, handle func(context.Context, chain.Block) error) error {
	for {
		block, grown, err := b.next(from)
		if err != nil {
			return err
		}
		if grown != nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-grown:
			}
			continue
		}
		if err := handle(ctx, block); err != nil {
			return err
		}
		from = block.Height + 1
	}
}

// next is the first block from a height on, or tells what to wait for when there is none.
func (b *Blocks) next(from int64) (block chain.Block, grown <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if from < b.earliest {
		return block, nil, fmt.Errorf("%w: height %d", chain.ErrPruned, from)
	}
	found, _ := slices.BinarySearchFunc(b.blocks, from, func(block chain.Block, height int64) int { return int(block.Height - height) })
	if found < len(b.blocks) {
		return b.blocks[found], nil, nil
	}
	if b.grown == nil {
		b.grown = make(chan struct{})
	}
	return block, b.grown, nil
}

// Events are typed events as they stand in a block.
func Events(typed ...proto.Message) []abci.Event {
	var events []abci.Event
	for _, message := range typed {
		event, err := sdk.TypedEventToEvent(message)
		if err != nil {
			panic(err) // every event of the modules can be encoded
		}
		events = append(events, abci.Event(event))
	}
	return events
}

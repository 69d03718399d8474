package chain

import (
	"context"
	"fmt"
	"strings"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// eventPrefix starts the type of every event of the project's modules.
const eventPrefix = "virusmap."

// Block is what happened at one height.
type Block struct {
	Height int64
	Time   time.Time
	// Events in the order in which they happened; those of failed transactions are left out.
	Events []abci.Event
}

// Follow hands every block from height from on to handle, each once and in order, until
// handle returns an error, ctx ends, or a block is no longer there (ErrPruned). from 0
// starts with the next block. It waits for the node as long as the node is away. When a
// block is handed over, queries see its state.
func (c *Client) Follow(ctx context.Context, from int64, handle func(context.Context, Block) error) error {
	if from <= 0 {
		applied, err := c.appliedHeight(ctx)
		if err != nil {
			return err
		}
		from = applied + 1
	}
	for height, applied := from, int64(0); ; height++ {
		if height > applied {
			var err error
			if applied, err = c.awaitHeight(ctx, height); err != nil {
				return err
			}
		}
		block, err := c.block(ctx, height)
		if err != nil {
			return err
		}
		if err := handle(ctx, block); err != nil {
			return err
		}
	}
}

func (c *Client) block(ctx context.Context, height int64) (block Block, err error) {
	err = c.persist(ctx, fmt.Sprintf("block %d", height), func(ctx context.Context) error {
		header, err := c.rpc.Header(ctx, &height)
		if err != nil {
			return c.explain(ctx, height, err)
		}
		if header.Header == nil {
			return c.explain(ctx, height, fmt.Errorf("%w: height %d", ErrPruned, height))
		}
		if header.Header.ChainID != c.cfg.ChainID {
			return fmt.Errorf("%w: %q, want %q", ErrWrongChain, header.Header.ChainID, c.cfg.ChainID)
		}
		results, err := c.rpc.BlockResults(ctx, &height)
		if err != nil {
			return c.explain(ctx, height, err)
		}
		block = Block{Height: height, Time: header.Header.Time, Events: events(results.FinalizeBlockEvents, results.TxsResults)}
		return nil
	})
	return block, err
}

// explain turns the node's answer about a block it does not have into ErrPruned.
func (c *Client) explain(ctx context.Context, height int64, err error) error {
	status, statusErr := c.Status(ctx)
	if statusErr == nil && height < status.EarliestHeight {
		return fmt.Errorf("%w: height %d, the node has blocks from %d on", ErrPruned, height, status.EarliestHeight)
	}
	return err
}

// BlockOf is what happened at one height, as the application answered it.
func BlockOf(height int64, at time.Time, response *abci.ResponseFinalizeBlock) Block {
	return Block{Height: height, Time: at, Events: events(response.Events, response.TxResults)}
}

// events puts the events of a block in order: begin of block, transactions, end of block.
func events(ofBlock []abci.Event, txs []*abci.ExecTxResult) []abci.Event {
	var begin, end []abci.Event
	for _, event := range ofBlock {
		event, mode := withoutMode(event)
		if mode == "EndBlock" {
			end = append(end, event)
		} else {
			begin = append(begin, event)
		}
	}
	ordered := begin
	for _, tx := range txs {
		if tx.IsOK() {
			ordered = append(ordered, tx.Events...)
		}
	}
	return append(ordered, end...)
}

// withoutMode splits off the attribute with which the SDK marks events of block phases.
// Its value is not JSON, which would make a typed event unreadable.
func withoutMode(event abci.Event) (abci.Event, string) {
	last := len(event.Attributes) - 1
	if last < 0 || event.Attributes[last].Key != "mode" {
		return event, ""
	}
	return abci.Event{Type: event.Type, Attributes: event.Attributes[:last]}, event.Attributes[last].Value
}

// Each calls fn with every typed event of the project's modules, in order. Events that
// this version does not know are passed over.
func (b Block) Each(fn func(proto.Message) error) error {
	for _, event := range b.Events {
		if !strings.HasPrefix(event.Type, eventPrefix) || proto.MessageType(event.Type) == nil {
			continue
		}
		message, err := sdk.ParseTypedEvent(event)
		if err != nil {
			return fmt.Errorf("chain: block %d: event %s: %w", b.Height, event.Type, err)
		}
		if err := fn(message); err != nil {
			return err
		}
	}
	return nil
}

package chain

import (
	"context"
	"errors"
	"fmt"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
)

const (
	// resendInterval is how often a transaction that is in no block is sent again: a node
	// that restarts forgets its mempool.
	resendInterval = 5 * time.Second
	// fullInterval is how soon a node with a full mempool, or one that has just started,
	// is asked again.
	fullInterval = time.Second
)

// pendingTx is a signed transaction that is sought in the blocks from height from on.
type pendingTx struct {
	bytes   []byte
	from    int64
	timeout time.Time
}

// deliver sends a transaction until it is in a block or cannot get into one any more.
// Blocks are searched themselves: that needs no index on the node, and it is certain. Once
// a block later than the timeout is reached without the transaction, it never will be in one.
func (c *Client) deliver(ctx context.Context, tx pendingTx) (*sdk.TxResponse, error) {
	next, sender := tx.from, sender{client: c, tx: tx.bytes}
	for {
		if err := sender.send(ctx); err != nil {
			return nil, err
		}
		applied, err := c.appliedHeight(ctx)
		if err != nil {
			return nil, err
		}
		for ; next <= applied; next++ {
			response, expired, err := c.search(ctx, next, tx)
			switch {
			case err != nil || response != nil:
				return response, err
			case expired && sender.refusal != nil:
				return nil, fmt.Errorf("%w; last answer of the node: %w", ErrExpired, sender.refusal)
			case expired:
				return nil, ErrExpired
			}
		}
		if err := sleep(ctx, pollInterval); err != nil {
			return nil, err
		}
	}
}

// sender hands one transaction to the node's mempool, again and again.
type sender struct {
	client *Client
	tx     []byte
	// sent tells that some node may have the transaction.
	sent    bool
	dueAt   time.Time
	refusal error
}

// send does nothing until it is due again. Its error is final: no node has the
// transaction, and this one will not take it.
func (s *sender) send(ctx context.Context) error {
	if time.Now().Before(s.dueAt) {
		return nil
	}
	err := s.client.submit(ctx, s.tx)
	s.dueAt = time.Now().Add(resendInterval)
	var refused *Error
	switch {
	case err == nil:
		s.sent = true
	case ctx.Err() != nil:
		return err
	case !errors.As(err, &refused):
		if !s.sent && !isAway(err) {
			return err
		}
		s.sent = true // no answer says nothing about whether it arrived
		s.refusal = err
	case errors.Is(refused, sdkerrors.ErrMempoolIsFull), refused.beforeFirstBlock():
		s.dueAt = time.Now().Add(fullInterval)
		s.refusal = refused
	case !s.sent:
		return refused
	default:
		s.refusal = refused // also when it is in a block by now
	}
	return nil
}

// submit hands a transaction to the node's mempool. It returns *Error when the node
// refuses it and nil when the node has it.
func (c *Client) submit(ctx context.Context, tx []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	reply, err := c.tx.BroadcastTx(ctx, &txtypes.BroadcastTxRequest{TxBytes: tx, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC})
	if err != nil {
		return fmt.Errorf("chain: send: %w", err)
	}
	response := reply.TxResponse
	if response == nil || response.Code == 0 {
		return nil
	}
	refused := &Error{Codespace: response.Codespace, Code: response.Code, Log: response.RawLog}
	switch {
	case errors.Is(refused, sdkerrors.ErrTxInMempoolCache):
		return nil
	case errors.Is(refused, sdkerrors.ErrUnauthorized):
		c.signer.account.Store(0) // perhaps the chain started anew with other numbers
	}
	return refused
}

// search looks for the transaction in one block. expired tells that neither this block
// nor a later one can hold it.
func (c *Client) search(ctx context.Context, height int64, tx pendingTx) (response *sdk.TxResponse, expired bool, err error) {
	hash := cmttypes.Tx(tx.bytes).Hash()
	err = c.persist(ctx, fmt.Sprintf("block %d", height), func(ctx context.Context) error {
		block, err := c.rpc.Block(ctx, &height)
		if err != nil {
			return c.explain(ctx, height, err)
		}
		if block.Block == nil {
			return c.explain(ctx, height, fmt.Errorf("%w: height %d", ErrPruned, height))
		}
		index := block.Block.Txs.IndexByHash(hash)
		if index < 0 {
			expired = block.Block.Time.After(tx.timeout)
			return nil
		}
		results, err := c.rpc.BlockResults(ctx, &height)
		if err != nil {
			return c.explain(ctx, height, err)
		}
		if index >= len(results.TxsResults) {
			return fmt.Errorf("results of block %d have no entry for its transaction %d", height, index)
		}
		result := results.TxsResults[index]
		response = &sdk.TxResponse{
			Height:    height,
			TxHash:    fmt.Sprintf("%X", hash),
			Codespace: result.Codespace,
			Code:      result.Code,
			Data:      fmt.Sprintf("%X", result.Data),
			RawLog:    result.Log,
			GasWanted: result.GasWanted,
			GasUsed:   result.GasUsed,
			Timestamp: block.Block.Time.UTC().Format(time.RFC3339),
			Events:    result.Events,
		}
		return nil
	})
	if err == nil && response != nil && response.Code != 0 {
		err = &Error{Codespace: response.Codespace, Code: response.Code, Log: response.RawLog}
	}
	return response, expired, err
}

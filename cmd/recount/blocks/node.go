package blocks

import (
	"context"
	"fmt"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	cmttypes "github.com/cometbft/cometbft/types"
)

// Node is the CometBFT RPC of a node.
type Node struct{ client *rpchttp.HTTP }

// Dial prepares to ask a node; it does not connect yet.
func Dial(url string) (Node, error) {
	client, err := rpchttp.New(url, "/websocket")
	return Node{client}, err
}

// Newest is the height of the newest block.
func (n Node) Newest(ctx context.Context) (int64, error) {
	info, err := n.client.ABCIInfo(ctx)
	if err != nil {
		return 0, err
	}
	return info.Response.LastBlockHeight, nil
}

// Genesis asks for the genesis of the chain.
func (n Node) Genesis(ctx context.Context) (*cmttypes.GenesisDoc, error) {
	result, err := n.client.Genesis(ctx)
	if err != nil {
		return nil, fmt.Errorf("genesis of the node, give --genesis when it is too large: %w", err)
	}
	return result.Genesis, nil
}

// Read reads the blocks from..to.
func (n Node) Read(ctx context.Context, from, to int64, take func(Block) error) error {
	for height := from; height <= to; height++ {
		header, err := n.client.Header(ctx, &height)
		if err != nil {
			return fmt.Errorf("header %d: %w", height, err)
		}
		results, err := n.client.BlockResults(ctx, &height)
		if err != nil {
			return fmt.Errorf("block %d: %w", height, err)
		}
		block := New(height, header.Header.Time.Unix(), results.FinalizeBlockEvents, results.TxsResults)
		if err := take(block); err != nil {
			return fmt.Errorf("block %d: %w", height, err)
		}
	}
	return nil
}

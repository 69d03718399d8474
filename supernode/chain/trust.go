package chain

import (
	"context"
	"errors"
	"fmt"
	"time"

	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// trustDepth is how many blocks a trust root is behind the newest one, so that a server
// which is a little behind this node has it too.
const trustDepth = 100

// Trust is a block from which a light client can start. It is this node's word.
type Trust struct {
	Height int64
	// Hash of the block's header.
	Hash []byte
	// Period is two thirds of the unbonding time, as light clients have it: the rest is
	// left for evidence to reach the chain.
	Period time.Duration
}

// TrustRoot is a recent block, or the oldest one the node has when that is more recent.
func (c *Client) TrustRoot(ctx context.Context) (Trust, error) {
	status, err := c.Status(ctx)
	if err != nil {
		return Trust{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	height := max(status.Height-trustDepth, status.EarliestHeight, 1)
	header, err := c.rpc.Header(ctx, &height)
	if err != nil {
		return Trust{}, fmt.Errorf("chain: header %d: %w", height, err)
	}
	if header.Header == nil || header.Header.Height != height {
		return Trust{}, fmt.Errorf("chain: header %d: the node answered another one", height)
	}
	params, err := stakingtypes.NewQueryClient(c.conn).Params(ctx, &stakingtypes.QueryParamsRequest{})
	if err != nil {
		return Trust{}, fmt.Errorf("chain: staking parameters: %w", err)
	}
	unbonding := params.Params.UnbondingTime
	if unbonding <= 0 {
		return Trust{}, errors.New("chain: the unbonding time is not positive")
	}
	return Trust{Height: height, Hash: header.Header.Hash(), Period: unbonding / 3 * 2}, nil
}

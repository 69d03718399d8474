package gateway

import (
	"bytes"
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/chain"
	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TrustRoot is at a fixed distance from the scripted height.
func (c *scriptedChain) TrustRoot(context.Context) (chain.Trust, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return chain.Trust{}, errors.New("node is away")
	}
	return chain.Trust{Height: c.height - 1, Hash: bytes.Repeat([]byte{0xab}, 32), Period: 14 * 24 * time.Hour}, nil
}

// Engines has one engine of operator 1.
func (c *scriptedChain) Engines(_ context.Context, in *verdictstypes.QueryEnginesRequest, opts ...grpc.CallOption) (*verdictstypes.QueryEnginesResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.answer(opts); err != nil {
		return nil, err
	}
	response := &verdictstypes.QueryEnginesResponse{Pagination: &query.PageResponse{}}
	if in.Operator == "" || in.Operator == operator(1) {
		response.Engines = []verdictstypes.Engine{{Operator: operator(1), Name: "yara", Description: "rules", RegisteredHeight: 3}}
	}
	return response, nil
}

func (r *realChain) TrustRoot(context.Context) (chain.Trust, error) {
	return chain.Trust{}, errors.New("the chain in one process has no RPC")
}

func (r *realChain) Engines(_ context.Context, in *verdictstypes.QueryEnginesRequest, opts ...grpc.CallOption) (*verdictstypes.QueryEnginesResponse, error) {
	return ask(r, opts, verdictskeeper.NewQueryServer(r.chain.App.VerdictsKeeper).Engines, in)
}

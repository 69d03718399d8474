package gateway

import (
	"context"

	"google.golang.org/grpc"

	"github.com/cosmos/cosmos-sdk/types/query"

	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

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

func (r *realChain) Engines(_ context.Context, in *verdictstypes.QueryEnginesRequest, opts ...grpc.CallOption) (*verdictstypes.QueryEnginesResponse, error) {
	return ask(r, opts, verdictskeeper.NewQueryServer(r.chain.App.VerdictsKeeper).Engines, in)
}

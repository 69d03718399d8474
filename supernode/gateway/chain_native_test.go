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

// History has the rounds of finish in their order, a page at a time.
func (c *scriptedChain) History(_ context.Context, in *verdictstypes.QueryHistoryRequest, opts ...grpc.CallOption) (*verdictstypes.QueryHistoryResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.answer(opts); err != nil {
		return nil, err
	}
	var all []verdictstypes.HistoryEntry
	for number := uint64(1); number <= 10; number++ {
		if earlier, found := c.rounds[roundKey{in.Sha256, number}]; found {
			all = append(all, verdictstypes.HistoryEntry{Round: number, Outcome: earlier.Outcome})
		} else if newest, found := c.reports[in.Sha256]; found && newest.Round.Number == number {
			all = append(all, verdictstypes.HistoryEntry{Round: number, Outcome: newest.Outcome})
		}
	}
	start := len(in.Pagination.Key) // the key is as long as what was read
	end := min(start+int(in.Pagination.Limit), len(all))
	page := &query.PageResponse{}
	if end < len(all) {
		page.NextKey = make([]byte, end)
	}
	return &verdictstypes.QueryHistoryResponse{Entries: all[start:end], Pagination: page}, nil
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

func (r *realChain) History(_ context.Context, in *verdictstypes.QueryHistoryRequest, opts ...grpc.CallOption) (*verdictstypes.QueryHistoryResponse, error) {
	return ask(r, opts, verdictskeeper.NewQueryServer(r.chain.App.VerdictsKeeper).History, in)
}

func (r *realChain) Engines(_ context.Context, in *verdictstypes.QueryEnginesRequest, opts ...grpc.CallOption) (*verdictstypes.QueryEnginesResponse, error) {
	return ask(r, opts, verdictskeeper.NewQueryServer(r.chain.App.VerdictsKeeper).Engines, in)
}

package keeper

import (
	"context"
	"encoding/hex"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/market/types"
)

// maxTranchePage bounds the tranches of one page.
const maxTranchePage = 500

// Tranche returns a part of the sale.
func (q queryServer) Tranche(ctx context.Context, req *types.QueryTrancheRequest) (*types.QueryTrancheResponse, error) {
	id, err := hex.DecodeString(req.GetId())
	if err != nil || len(id) != 32 {
		return nil, status.Errorf(codes.InvalidArgument, "id: %.80q is not 64 hex digits", req.GetId())
	}
	tranche, err := q.k.tranche(ctx, id)
	if types.ErrNotFound.Is(err) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryTrancheResponse{Tranche: tranche}, nil
}

// Tranches returns a page of the parts of the sale by id, and what no tranche has yet.
func (q queryServer) Tranches(ctx context.Context, req *types.QueryTranchesRequest) (*types.QueryTranchesResponse, error) {
	if limit := req.GetPagination().GetLimit(); limit > maxTranchePage {
		return nil, status.Errorf(codes.InvalidArgument, "pagination.limit: %d, at most %d", limit, maxTranchePage)
	}
	tranches, page, err := query.CollectionPaginate(ctx, q.k.Tranches, req.GetPagination(),
		func(_ []byte, tranche types.Tranche) (types.Tranche, error) { return tranche, nil })
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	reserve := q.k.bank.GetBalance(ctx, q.k.reserve(), types.Denom).Amount
	return &types.QueryTranchesResponse{Tranches: tranches, Reserve: reserve, Pagination: page}, nil
}

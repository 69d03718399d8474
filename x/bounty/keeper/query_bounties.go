package keeper

import (
	"context"
	"encoding/hex"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// maxBountyPage bounds the bounties of one page: a YARA rule takes up to 4 KiB.
const maxBountyPage = 500

// Bounty returns one running bounty with who funds it.
func (q queryServer) Bounty(ctx context.Context, req *types.QueryBountyRequest) (*types.QueryBountyResponse, error) {
	id, err := hex.DecodeString(req.GetId())
	if err != nil || len(id) != 32 {
		return nil, status.Errorf(codes.InvalidArgument, "id: %.80q is not 64 hex digits", req.GetId())
	}
	bounty, err := q.k.bounty(ctx, id)
	if types.ErrBountyNotFound.Is(err) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	stakes, err := q.k.stakes(ctx, id)
	if err != nil {
		return nil, err
	}
	return &types.QueryBountyResponse{Bounty: bounty, Stakes: stakes}, nil
}

// Bounties returns a page of the running bounties by id, of one kind or of all.
func (q queryServer) Bounties(ctx context.Context, req *types.QueryBountiesRequest) (*types.QueryBountiesResponse, error) {
	kind := req.GetKind()
	if _, known := types.BountyKind_name[int32(kind)]; !known {
		return nil, status.Errorf(codes.InvalidArgument, "kind: %d is not known", kind)
	}
	if limit := req.GetPagination().GetLimit(); limit > maxBountyPage {
		return nil, status.Errorf(codes.InvalidArgument, "pagination.limit: %d, at most %d", limit, maxBountyPage)
	}
	bounties, page, err := query.CollectionFilteredPaginate(ctx, q.k.Bounties, req.GetPagination(),
		func(_ []byte, bounty types.Bounty) (bool, error) {
			return kind == types.BOUNTY_KIND_UNSPECIFIED || bounty.Kind == kind, nil
		},
		func(_ []byte, bounty types.Bounty) (types.Bounty, error) { return bounty, nil })
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QueryBountiesResponse{Bounties: bounties, Pagination: page}, nil
}

package keeper_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/bounty/types"
)

func TestBountiesAreListedByKindAndPage(t *testing.T) {
	f := withBounties(t)
	list := func(kind types.BountyKind, page *query.PageRequest) *types.QueryBountiesResponse {
		response, err := f.queries.Bounties(f.ctx, &types.QueryBountiesRequest{Kind: kind, Pagination: page})
		require.NoError(t, err)
		return response
	}
	require.Equal(t, f.export().Bounties, list(types.BOUNTY_KIND_UNSPECIFIED, nil).Bounties)
	for kind, target := range map[types.BountyKind]string{hashKind: someMD5, familyKind: "emotet", yaraKind: "rule a\n"} {
		found := list(kind, nil).Bounties
		require.Len(t, found, 1)
		require.Equal(t, target, found[0].Target)
	}
	first := list(types.BOUNTY_KIND_UNSPECIFIED, &query.PageRequest{Limit: 3})
	require.Len(t, first.Bounties, 3)
	rest := list(types.BOUNTY_KIND_UNSPECIFIED, &query.PageRequest{Key: first.Pagination.NextKey, Limit: 3})
	require.Equal(t, f.export().Bounties, append(first.Bounties, rest.Bounties...))
}

func TestQueriesOfBountiesAreRefused(t *testing.T) {
	f := newBountyFixture(t)
	for id, want := range map[string]codes.Code{
		"": codes.InvalidArgument, "zz": codes.InvalidArgument, strings.Repeat("a", 62): codes.InvalidArgument,
		strings.Repeat("ab", 32): codes.NotFound,
	} {
		_, err := f.queries.Bounty(f.ctx, &types.QueryBountyRequest{Id: id})
		require.Equal(t, want, status.Code(err), "%q: %v", id, err)
	}
	_, err := f.queries.Bounty(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	for name, request := range map[string]*types.QueryBountiesRequest{
		"kind":             {Kind: 9},
		"pagination.limit": {Pagination: &query.PageRequest{Limit: 501}},
		"pagination":       {Pagination: &query.PageRequest{Key: []byte{1}, Offset: 1}},
	} {
		_, err := f.queries.Bounties(f.ctx, request)
		require.Equal(t, codes.InvalidArgument, status.Code(err), name)
		require.ErrorContains(t, err, name)
	}
	id := f.mustPost(familyKind, "emotet", 10*vmt, 0)
	_, err = f.queries.Bounty(f.ctx, &types.QueryBountyRequest{Id: strings.ToUpper(hex.EncodeToString(id))})
	require.NoError(t, err)
}

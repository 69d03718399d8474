package keeper_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/samples/types"
)

func TestQueryHolders(t *testing.T) {
	f := newFixture(t)
	hash := f.store(file)
	f.seat(4, 6)
	ask := func() *types.QueryHoldersResponse {
		t.Helper()
		response, err := f.queries.Holders(f.ctx, &types.QueryHoldersRequest{Sha256: hex.EncodeToString(hash)})
		require.NoError(t, err)
		return response
	}
	var operators []sdk.AccAddress
	for i := range 6 {
		operators = append(operators, operator(i))
	}
	holders := types.Holders(hash, operators, 4)
	text := func(holders []sdk.AccAddress) (all []string) {
		for _, holder := range holders {
			all = append(all, holder.String())
		}
		return all
	}
	require.Equal(t, &types.QueryHoldersResponse{Epoch: 4, Operators: text(holders[:3])}, ask())

	require.NoError(t, f.supernode.Benched.Set(f.ctx, collections.Join(uint64(4), holders[1])))
	require.Equal(t, text([]sdk.AccAddress{holders[0], holders[2], holders[3]}), ask().Operators, "the next one steps in")
}

func TestQueryHoldersRefuses(t *testing.T) {
	f := newFixture(t)
	for name, test := range map[string]struct {
		text string
		code codes.Code
	}{
		"empty":    {"", codes.InvalidArgument},
		"not hex":  {strings.Repeat("z", 64), codes.InvalidArgument},
		"too long": {strings.Repeat("a", 1<<20), codes.InvalidArgument},
		"unknown":  {strings.Repeat("a", 64), codes.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.queries.Holders(f.ctx, &types.QueryHoldersRequest{Sha256: test.text})
			require.Equal(t, test.code, status.Code(err), "%v", err)
		})
	}
	_, err := f.queries.Holders(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

// Before the first epoch nobody has to store anything.
func TestQueryHoldersWithoutEpoch(t *testing.T) {
	f := newFixture(t)
	response, err := f.queries.Holders(f.ctx, &types.QueryHoldersRequest{Sha256: hex.EncodeToString(f.store(file))})
	require.NoError(t, err)
	require.Equal(t, &types.QueryHoldersResponse{}, response)
}

func TestQueryChallengesPages(t *testing.T) {
	f := challenged(t, 2)
	all := f.challengesOf(operator(0))
	require.Len(t, all, 3)
	list := func(page *query.PageRequest) (*types.QueryChallengesResponse, error) {
		return f.queries.Challenges(f.ctx, &types.QueryChallengesRequest{Operator: operator(0).String(), Pagination: page})
	}
	first, err := list(&query.PageRequest{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, all[:2], first.Challenges)
	second, err := list(&query.PageRequest{Limit: 100, Key: first.Pagination.NextKey})
	require.NoError(t, err)
	require.Equal(t, all[2:], second.Challenges, "and none of another operator")
	require.Empty(t, second.Pagination.NextKey)

	_, err = list(&query.PageRequest{Limit: 101})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	require.ErrorContains(t, err, "pagination.limit: 101, at most 100")
	_, err = list(&query.PageRequest{Key: []byte("x"), Offset: 1})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Challenges(f.ctx, &types.QueryChallengesRequest{Operator: "somebody"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.Challenges(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

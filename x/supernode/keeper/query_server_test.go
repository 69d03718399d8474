package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestQueries(t *testing.T) {
	f := busyFixture(t)
	params, err := f.queries.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, testParams(), params.Params)

	one, err := f.queries.Supernode(f.ctx, &types.QuerySupernodeRequest{Operator: operator(3).String()})
	require.NoError(t, err)
	require.Equal(t, operator(3).String(), one.Supernode.Operator)
	require.Equal(t, profile(3), one.Supernode.Profile)

	current, err := f.queries.Epoch(f.ctx, &types.QueryEpochRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 2, current.Epoch.Number)
	require.Equal(t, []string{operator(5).String(), operator(1).String(), operator(3).String()}, operators(current.Seats))
	former, err := f.queries.Epoch(f.ctx, &types.QueryEpochRequest{Number: 1})
	require.NoError(t, err)
	require.Equal(t, []string{operator(2).String(), operator(5).String(), operator(1).String()}, operators(former.Seats))

	newest, err := f.queries.VaultKey(f.ctx, &types.QueryVaultKeyRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 2, newest.VaultKey.Epoch)
	first, err := f.queries.VaultKey(f.ctx, &types.QueryVaultKeyRequest{Epoch: 1})
	require.NoError(t, err)
	require.EqualValues(t, 1, first.VaultKey.Epoch)
	require.Equal(t, operator(2).String(), first.VaultKey.Maker)
}

func TestSupernodesArePaged(t *testing.T) {
	f := newFixture(t)
	for number := byte(1); number <= 105; number++ {
		f.register(number, minBond)
	}
	tests := map[string]struct {
		page  *query.PageRequest
		first byte
		count int
		more  bool
	}{
		"no page":          {page: nil, first: 1, count: 100, more: true},
		"small page":       {page: &query.PageRequest{Limit: 2}, first: 1, count: 2, more: true},
		"offset":           {page: &query.PageRequest{Offset: 103, Limit: 10}, first: 104, count: 2},
		"page above bound": {page: &query.PageRequest{Limit: 1 << 60}, first: 1, count: 100, more: true},
		"backwards":        {page: &query.PageRequest{Limit: 3, Reverse: true}, first: 105, count: 3, more: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			res, err := f.queries.Supernodes(f.ctx, &types.QuerySupernodesRequest{Pagination: tc.page})
			require.NoError(t, err)
			require.Len(t, res.Supernodes, tc.count)
			require.Equal(t, operator(tc.first).String(), res.Supernodes[0].Operator)
			require.Equal(t, tc.more, len(res.Pagination.NextKey) > 0)
		})
	}
	_, err := f.queries.Supernodes(f.ctx, &types.QuerySupernodesRequest{Pagination: &query.PageRequest{Key: []byte{1}, Offset: 1}})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestQueriesRefuse(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	ask := map[string]struct {
		query func() error
		code  codes.Code
	}{
		"unknown supernode": {code: codes.NotFound, query: func() error { return supernodeErr(f, operator(9).String()) }},
		"no address":        {code: codes.InvalidArgument, query: func() error { return supernodeErr(f, "x") }},
		"before the first epoch": {code: codes.NotFound, query: func() error {
			_, err := f.queries.Epoch(f.ctx, &types.QueryEpochRequest{})
			return err
		}},
		"unknown epoch": {code: codes.NotFound, query: func() error {
			_, err := f.queries.Epoch(f.ctx, &types.QueryEpochRequest{Number: 9})
			return err
		}},
		"before the first vault key": {code: codes.NotFound, query: func() error {
			_, err := f.queries.VaultKey(f.ctx, &types.QueryVaultKeyRequest{})
			return err
		}},
		"epoch without vault key": {code: codes.NotFound, query: func() error {
			_, err := f.queries.VaultKey(f.ctx, &types.QueryVaultKeyRequest{Epoch: 9})
			return err
		}},
		"not sealed": {code: codes.NotFound, query: func() error {
			_, err := f.queries.SealedKey(f.ctx, &types.QuerySealedKeyRequest{Epoch: 1, Operator: operator(1).String()})
			return err
		}},
		"sealed to no address": {code: codes.InvalidArgument, query: func() error {
			_, err := f.queries.SealedKey(f.ctx, nil)
			return err
		}},
	}
	for name, tc := range ask {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.code, status.Code(tc.query()))
		})
	}
}

func supernodeErr(f *fixture, account string) error {
	_, err := f.queries.Supernode(f.ctx, &types.QuerySupernodeRequest{Operator: account})
	return err
}

func operators(seats []types.Seat) []string {
	names := make([]string, len(seats))
	for i, seat := range seats {
		names[i] = seat.Operator
	}
	return names
}

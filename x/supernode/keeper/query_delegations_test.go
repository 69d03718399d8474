package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestCandidatesComeByStake(t *testing.T) {
	f := newFixture(t)
	for number := byte(1); number <= 4; number++ {
		f.register(number, minBond)
	}
	f.delegate(1, 3, 500)
	f.delegate(1, 4, 200)
	f.jail(1)
	all, err := f.queries.Candidates(f.ctx, &types.QueryCandidatesRequest{})
	require.NoError(t, err)
	candidate := func(number byte, stake int64) types.Candidate {
		return types.Candidate{Operator: operator(number).String(), Moniker: "scanner", Stake: math.NewInt(stake)}
	}
	want := []types.Candidate{candidate(3, minBond+500), candidate(4, minBond+200), candidate(2, minBond)}
	require.Equal(t, want, all.Candidates)

	first, err := f.queries.Candidates(f.ctx, &types.QueryCandidatesRequest{Pagination: &query.PageRequest{Limit: 2}})
	require.NoError(t, err)
	require.Equal(t, want[:2], first.Candidates)
	rest, err := f.queries.Candidates(f.ctx, &types.QueryCandidatesRequest{Pagination: &query.PageRequest{Key: first.Pagination.NextKey}})
	require.NoError(t, err)
	require.Equal(t, want[2:], rest.Candidates)
}

func TestPositionsAreFoundFromBothSides(t *testing.T) {
	f := busyFixture(t)
	at, err := f.queries.Delegators(f.ctx, &types.QueryDelegatorsRequest{Operator: operator(1).String()})
	require.NoError(t, err)
	require.Len(t, at.Positions, 2)
	require.Equal(t, holder(1).String(), at.Positions[0].Delegation.Delegator)
	require.EqualValues(t, 592, at.Positions[0].Worth.Int64()) // 600 less 1.2345 %
	require.Equal(t, f.position(1, 1)[1], at.Positions[0].Rewards.Int64())
	require.Positive(t, f.position(1, 1)[1])

	of, err := f.queries.Delegations(f.ctx, &types.QueryDelegationsRequest{Delegator: holder(1).String()})
	require.NoError(t, err)
	require.Len(t, of.Positions, 2)
	require.Equal(t, at.Positions[0], of.Positions[0])
	require.Equal(t, operator(3).String(), of.Positions[1].Delegation.Operator)

	rest, err := f.queries.Delegations(f.ctx, &types.QueryDelegationsRequest{Delegator: holder(1).String(), Pagination: &query.PageRequest{Offset: 1, Limit: 1 << 60}})
	require.NoError(t, err)
	require.Equal(t, of.Positions[1:], rest.Positions)
}

func TestUnbondingsComeWhenTheyAreDue(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	f.register(2, minBond)
	f.delegate(1, 1, 1_000)
	f.delegate(2, 1, 1_000)
	require.NoError(t, f.undelegate(1, 1, 100))
	require.NoError(t, f.undelegate(2, 1, 100))
	f.nextBlock(time.Second)
	require.NoError(t, f.redelegate(1, 1, 2, 300))
	f.slashPool(1, 100_000)

	page, err := f.queries.Unbondings(f.ctx, &types.QueryUnbondingsRequest{Delegator: holder(1).String()})
	require.NoError(t, err)
	require.Len(t, page.Unbondings, 2)
	require.Equal(t, operator(2).String(), page.Unbondings[0].Unbonding.Destination)
	require.EqualValues(t, 270, page.Unbondings[0].Worth.Int64())
	require.Empty(t, page.Unbondings[1].Unbonding.Destination)
	require.EqualValues(t, 90, page.Unbondings[1].Worth.Int64())
}

func TestAPoolIsEmptyUntilSomebodyDelegates(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	require.Equal(t, types.NewPool(operator(1).String()), f.pool(1))
}

func TestDelegationQueriesRefuse(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	known, unknown := operator(1).String(), operator(9).String()
	ask := map[string]func(address string) error{
		"pool": func(address string) error {
			_, err := f.queries.Pool(f.ctx, &types.QueryPoolRequest{Operator: address})
			return err
		},
		"delegators": func(address string) error {
			_, err := f.queries.Delegators(f.ctx, &types.QueryDelegatorsRequest{Operator: address})
			return err
		},
		"delegation": func(address string) error {
			_, err := f.queries.Delegation(f.ctx, &types.QueryDelegationRequest{Delegator: address, Operator: known})
			return err
		},
		"delegations": func(address string) error {
			_, err := f.queries.Delegations(f.ctx, &types.QueryDelegationsRequest{Delegator: address})
			return err
		},
		"unbondings": func(address string) error {
			_, err := f.queries.Unbondings(f.ctx, &types.QueryUnbondingsRequest{Delegator: address})
			return err
		},
	}
	for name, asked := range ask {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, codes.InvalidArgument, status.Code(asked("x")))
			want := codes.OK
			if name == "pool" || name == "delegation" {
				want = codes.NotFound
			}
			require.Equal(t, want, status.Code(asked(unknown)))
		})
	}
	for _, page := range []*query.PageRequest{{Key: []byte{1}, Offset: 1}} {
		_, err := f.queries.Candidates(f.ctx, &types.QueryCandidatesRequest{Pagination: page})
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}
}

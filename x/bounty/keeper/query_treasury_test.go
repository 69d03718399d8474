package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/bounty/types"
)

func TestTreasuryQueries(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	operator := f.register(1)[0]
	f.nextEpoch(5)
	f.earn(holder("first"), 6*onePoint)
	f.earn(holder("second"), 2*onePoint)
	require.NoError(t, f.keeper.AddEnginePoints(f.ctx, operator, 2*onePoint))
	f.nextEpoch(5)
	_, _, err := f.claim(holder("first"))
	require.NoError(t, err)

	treasury, err := f.queries.Treasury(f.ctx, &types.QueryTreasuryRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 150_000, treasury.Paid.Contributors.Int64())
	require.EqualValues(t, 35_000, treasury.Paid.Engines.Int64())
	require.EqualValues(t, 50_000, treasury.Claimable.Int64())
	require.Equal(t, smallSchedule().Treasury.Int64()-150_000-35_000-50_000, treasury.Left.Int64())
	require.Equal(t, f.bank.GetSupply(f.ctx, types.Denom).Amount, treasury.Supply)
	require.Equal(t, smallSchedule(), treasury.Schedule)
	require.EqualValues(t, 2, treasury.NextEpoch)

	emission, err := f.queries.Emission(f.ctx, &types.QueryEmissionRequest{Epoch: smallSchedule().PeriodEpochs})
	require.NoError(t, err)
	require.EqualValues(t, perEpoch/2, emission.Emission.Int64())
	require.EqualValues(t, 1, emission.Period)

	_, err = f.queries.Epoch(f.ctx, &types.QueryEpochRequest{Epoch: 9})
	require.Equal(t, codes.NotFound, status.Code(err))
	page, err := f.queries.Epochs(f.ctx, &types.QueryEpochsRequest{Pagination: &query.PageRequest{Limit: 1}})
	require.NoError(t, err)
	require.Equal(t, []types.EpochRewards{f.rewards(0)}, page.Epochs)
	page, err = f.queries.Epochs(f.ctx, &types.QueryEpochsRequest{Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.Equal(t, []types.EpochRewards{f.rewards(1)}, page.Epochs)
}

func TestRewardsQuery(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	contributor := holder("contributor")
	rewards := func(page *query.PageRequest) *types.QueryRewardsResponse {
		t.Helper()
		response, err := f.queries.Rewards(f.ctx, &types.QueryRewardsRequest{Contributor: contributor.String(), Pagination: page})
		require.NoError(t, err)
		return response
	}
	nothing := rewards(nil)
	require.True(t, nothing.Claimable.IsZero())
	require.Empty(t, nothing.Epochs)

	f.nextEpoch(5)
	for _, samples := range []uint64{8, 10, 4} {
		f.earn(contributor, samples*onePoint)
		if samples == 8 {
			f.nextEpoch(5)
			_, _, err := f.claim(contributor)
			require.NoError(t, err)
		} else if samples == 10 {
			f.nextEpoch(5)
		}
	}
	all := rewards(nil)
	require.EqualValues(t, 250_000, all.Claimable.Int64())
	require.EqualValues(t, 4*onePoint, all.PendingPoints)
	require.EqualValues(t, 22*onePoint, all.Standing)
	require.True(t, all.Established)
	require.Len(t, all.Epochs, 3)
	for i, want := range []struct {
		status  types.EpochStatus
		amount  int64
		claimed bool
	}{
		{types.EPOCH_STATUS_CLAIMABLE, 200_000, true},
		{types.EPOCH_STATUS_CLAIMABLE, 250_000, false},
		{types.EPOCH_STATUS_ACCRUING, 0, false},
	} {
		require.EqualValues(t, i+1, all.Epochs[i].Epoch)
		require.Equal(t, want.status, all.Epochs[i].Status)
		require.Equal(t, want.amount, all.Epochs[i].Amount.Int64())
		require.Equal(t, want.claimed, all.Epochs[i].Claimed)
	}
	second := rewards(&query.PageRequest{Offset: 1, Limit: 1})
	require.Equal(t, all.Epochs[1:2], second.Epochs)
	require.Equal(t, all.Claimable, second.Claimable, "sums are over all epochs")

	_, err := f.queries.Rewards(f.ctx, &types.QueryRewardsRequest{Contributor: "nobody"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

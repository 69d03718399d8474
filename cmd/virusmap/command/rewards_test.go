package command

import (
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// earner answers for one contributor with two pages of epochs.
func earner(t *testing.T, contributor string) *rpcServer {
	t.Helper()
	return newRPCServer(t, func(path string, request []byte) (proto.Message, error) {
		var asked bountytypes.QueryRewardsRequest
		if path != "/virusmap.bounty.v1.Query/Rewards" || proto.Unmarshal(request, &asked) != nil {
			return nil, sdkerrors.ErrUnknownRequest
		}
		if asked.Contributor != contributor {
			return nil, sdkerrors.ErrKeyNotFound
		}
		answer := &bountytypes.QueryRewardsResponse{
			Claimable: math.NewInt(2_500_000), PendingPoints: 333_333, Standing: 3_500_000,
			Epochs: []bountytypes.EpochReward{
				{Epoch: 3, Status: bountytypes.EPOCH_STATUS_CLOSED, Points: 1_000_000, Amount: math.NewInt(7_000_000), Claimed: true},
				{Epoch: 4, Status: bountytypes.EPOCH_STATUS_CLAIMABLE, Points: 2_500_000, Amount: math.NewInt(2_500_000)},
			},
			Pagination: &query.PageResponse{NextKey: []byte("more")},
		}
		if len(asked.Pagination.GetKey()) > 0 {
			answer.Epochs = []bountytypes.EpochReward{{Epoch: 5, Status: bountytypes.EPOCH_STATUS_ACCRUING, Points: 333_333, Amount: math.ZeroInt()}}
			answer.Pagination = nil
		}
		return answer, nil
	})
}

func TestRewards(t *testing.T) {
	contributor := account(t)
	server := earner(t, contributor)
	home := homeOf(t, server)
	claim := "vmtd tx bounty claim-rewards --from KEY --gas auto --gas-adjustment 1.5 --chain-id virusmap-test-1 --node " + server.URL
	code, stdout, stderr := run(t, t.Context(), "--home", home, "rewards", contributor)
	require.Zero(t, code, stderr)
	require.Equal(t, "contributor  "+contributor+`
earned       3.5 samples in all (a newcomer, whose points are capped)
pending      0.333333 samples until the epoch ends
claimable    2.5 VMT
claimed      7 VMT

EPOCH  STATUS     SAMPLES   VMT  CLAIMED
3      closed     1         7    yes
4      claimable  2.5       2.5  no
5      accruing   0.333333  0    no

Claim it, without a fee:
  `+claim+"\n", stdout)

	code, _, stderr = run(t, t.Context(), "--home", home, "config", "set", "contributor", contributor)
	require.Zero(t, code, stderr)
	code, stdout, stderr = run(t, t.Context(), "--home", home, "--output", "json", "rewards")
	require.Zero(t, code, stderr)
	found := lines(t, stdout)[0]
	require.Equal(t, contributor, found["contributor"])
	require.Equal(t, "2500000", found["claimable"])
	require.Equal(t, "7000000", found["claimed"])
	require.Equal(t, claim, found["claim"])
	require.Len(t, found["epochs"], 3)
}

func TestRewardsOfNobody(t *testing.T) {
	home := homeOf(t, earner(t, "somebody else"))
	code, stdout, stderr := run(t, t.Context(), "--home", home, "rewards", account(t))
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "claimable    0 VMT\n")
	require.NotContains(t, stdout, "Claim it")

	code, _, stderr = run(t, t.Context(), "--home", home, "rewards")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "config set contributor")
	code, _, stderr = run(t, t.Context(), "--home", home, "rewards", "cosmos1abc")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "account address")
}

func TestMillionths(t *testing.T) {
	for count, text := range map[int64]string{0: "0", 1: "0.000001", 1_000_000: "1", 1_500_000: "1.5", 12_000_010: "12.00001"} {
		require.Equal(t, text, millionths(math.NewInt(count)))
	}
}

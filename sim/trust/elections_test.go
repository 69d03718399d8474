package trust

import (
	"bytes"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	candidates     = 30
	seats          = 7
	epochs         = 200
	blocksPerEpoch = 4
	delegators     = 20
)

// TestElections: while delegations move at random, the seated set changes at the edges
// of epochs and nowhere else, and is always the largest candidates there.
func TestElections(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{
		Accounts: delegators, Supernodes: candidates, EpochDuration: blocksPerEpoch * time.Second,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(s *supernodetypes.GenesisState) error {
				s.Params.MaxActive, s.Params.EpochsKept = seats, 10
				s.Params.UnbondingSeconds, s.Params.RedelegationSeconds = 30, 10
				return nil
			}))
		},
	})
	random := rand.New(rand.NewSource(4))
	chain.Blocks(1)
	first, set := seated(t, chain)
	current := first
	changes, moved, refused := 0, 0, 0
	for current < first+epochs {
		var txs [][]byte
		for range random.Intn(6) {
			txs = append(txs, move(chain, random))
		}
		expected := largest(t, chain)
		for _, result := range chain.Block(txs...).TxResults {
			if result.Code == 0 {
				moved++
			} else {
				refused++
			}
		}
		require.NoError(t, chain.App.CheckInvariants(chain.Context()), "after block %d", chain.Height)
		epoch, now := seated(t, chain)
		if epoch == current {
			require.Equal(t, set, now, "inside epoch %d", epoch)
			continue
		}
		// Epochs begin before the transactions of their first block.
		require.Equal(t, expected, now, "at the edge of epoch %d", epoch)
		if !slices.Equal(set, now) {
			changes++
		}
		current, set = epoch, now
	}
	chain.RequireRoundTrip()
	arena.Show("elections_epochs", current-first)
	arena.Show("elections_delegations_moved", moved)
	arena.Show("elections_messages_refused", refused)
	arena.Bound(t, "elections_epochs_with_another_set", float64(changes), 20, epochs)
}

// move delegates, redelegates or undelegates some of somebody's tokens.
func move(chain *chaintest.Chain, random *rand.Rand) []byte {
	account := chain.Accounts[random.Intn(delegators)]
	node := func() string { return chain.Supernodes[random.Intn(candidates)].Operator.Address.String() }
	amount := sdk.NewInt64Coin(app.Denom, int64(1+random.Intn(40))*500_000_000)
	delegator, operator := account.Address.String(), node()
	for _, delegation := range delegationsOf(chain, account.Address) {
		if random.Intn(2) == 0 {
			operator = delegation
		}
	}
	var msg sdk.Msg
	switch random.Intn(4) {
	case 0:
		msg = &supernodetypes.MsgUndelegate{Delegator: delegator, Operator: operator, Amount: amount}
	case 1:
		msg = &supernodetypes.MsgRedelegate{Delegator: delegator, Operator: operator, Destination: node(), Amount: amount}
	default:
		msg = &supernodetypes.MsgDelegate{Delegator: delegator, Operator: operator, Amount: amount}
	}
	return chain.Sign(account, msg)
}

func delegationsOf(chain *chaintest.Chain, delegator sdk.AccAddress) []string {
	var operators []string
	ctx := chain.Context()
	for _, node := range chain.Supernodes {
		has, err := chain.App.SupernodeKeeper.Delegations.Has(ctx, collections.Join(node.Operator.Address, delegator))
		if err == nil && has {
			operators = append(operators, node.Operator.Address.String())
		}
	}
	return operators
}

// seated is the current epoch with its operators in rank order.
func seated(t *testing.T, chain *chaintest.Chain) (uint64, []string) {
	t.Helper()
	epoch, err := chain.App.SupernodeKeeper.CurrentEpoch(chain.Context())
	require.NoError(t, err)
	table, err := chain.App.SupernodeKeeper.Seats(chain.Context(), epoch.Number)
	require.NoError(t, err)
	var operators []string
	for _, seat := range table {
		operators = append(operators, seat.Operator)
	}
	return epoch.Number, operators
}

// largest reckons from the recorded bonds and pools who would be seated now.
func largest(t *testing.T, chain *chaintest.Chain) []string {
	t.Helper()
	type candidate struct {
		operator sdk.AccAddress
		stake    math.Int
	}
	var all []candidate
	for _, node := range chain.Supernodes {
		operator := node.Operator.Address
		supernode, err := chain.App.SupernodeKeeper.Supernode(chain.Context(), operator)
		require.NoError(t, err)
		stake := supernode.SelfBond
		if pool, err := chain.App.SupernodeKeeper.Pools.Get(chain.Context(), operator); err == nil {
			stake = stake.Add(pool.Delegated)
		}
		all = append(all, candidate{operator, stake})
	}
	slices.SortFunc(all, func(a, b candidate) int {
		if !a.stake.Equal(b.stake) {
			return b.stake.BigInt().Cmp(a.stake.BigInt())
		}
		return bytes.Compare(a.operator, b.operator)
	})
	var operators []string
	for _, candidate := range all[:seats] {
		operators = append(operators, candidate.operator.String())
	}
	return operators
}

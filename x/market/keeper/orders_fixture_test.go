package keeper_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// Windows of these tests, in blocks.
	deliveryWindow = 8
	fallback       = 4
	disputeWindow  = 6
	claimWindow    = 60

	// epochLength is shorter than a bond stays after its supernode has retired.
	epochLength = 20 * time.Minute

	orderPrice  = 1_000_000 // of a small sample, in uvmt
	disputeBond = 1_000_000
)

// orderChain is a chain of the whole application with four seated supernodes, of which two
// hold each sample. Invariants are checked after every block.
type orderChain struct {
	*chaintest.Chain
	t                               testing.TB
	authority, buyer, finder, rival *chaintest.Account
	// secrets are the private halves of the one-time keys, by order.
	secrets map[string][]byte
	// bought counts the messages that ordered something.
	bought int64
	events []abci.Event
}

func newOrderChain(t testing.TB, changes ...func(*types.Params)) *orderChain {
	t.Helper()
	genesis := chaintest.NewGenesis(t, chaintest.Config{
		Accounts: 4, Supernodes: 4, NoAllocation: true, EpochDuration: epochLength,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, types.ModuleName, func(s *types.GenesisState) error {
				s.Params.DeliveryWindowBlocks, s.Params.FallbackBlocks, s.Params.DisputeWindowBlocks = deliveryWindow, fallback, disputeWindow
				for _, change := range changes {
					change(&s.Params)
				}
				return nil
			}))
			require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
				s.Params.Replication, s.Params.ClaimWindowBlocks, s.Params.TtlSeconds = 2, claimWindow, 3600
				return nil
			}))
			require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(s *supernodetypes.GenesisState) error {
				s.Params.UnbondingSeconds = 1500
				return nil
			}))
		},
	})
	genesis.Consensus.Authority = &cmtproto.AuthorityParams{Authority: genesis.Accounts[0].Address.String()}
	f := &orderChain{
		Chain: genesis.Start(t, nil, nil), t: t, secrets: make(map[string][]byte),
		authority: genesis.Accounts[0], buyer: genesis.Accounts[1], finder: genesis.Accounts[2], rival: genesis.Accounts[3],
	}
	f.Blocks(1)
	f.PublishVaultKey()
	var txs [][]byte
	for _, node := range f.Supernodes {
		txs = append(txs, f.Sign(node.Sidecar, node.RegisterEngine("av")))
	}
	f.Chain.Run(txs...)
	return f
}

// block runs a block in which all transactions must succeed, and keeps its events.
func (f *orderChain) block(txs ...[]byte) { f.blockAfter(chaintest.BlockInterval, txs...) }

func (f *orderChain) blockAfter(later time.Duration, txs ...[]byte) {
	f.t.Helper()
	response := f.Chain.BlockAfter(later, txs...)
	f.events = slices.Clone(response.Events)
	for i, result := range response.TxResults {
		require.Zero(f.t, result.Code, "transaction %d: %s", i, result.Log)
		f.events = append(f.events, result.Events...)
	}
	require.NoError(f.t, f.App.CheckInvariants(f.Context()))
}

func (f *orderChain) blocks(n int) {
	f.t.Helper()
	for range n {
		f.block()
	}
}

func (f *orderChain) run(by *chaintest.Account, msgs ...sdk.Msg) {
	f.t.Helper()
	f.block(f.Sign(by, msgs...))
}

// try runs a handler on the state as the next block would, and keeps nothing.
func (f *orderChain) try(call func(ctx context.Context, msgs types.MsgServer) error) error {
	ctx, _ := f.Context().CacheContext()
	ctx = ctx.WithBlockHeight(f.Height + 1).WithBlockTime(f.Time.Add(chaintest.BlockInterval)).WithChainID(chaintest.ChainID)
	return call(ctx, keeper.NewMsgServer(f.App.MarketKeeper))
}

// fileKey is the key that the content of a sample is sealed with.
func fileKey(content string) []byte {
	hash := sha256.Sum256([]byte("key of " + content))
	return hash[:types.FileKeySize]
}

func contentHash(content string) []byte {
	hash := sha256.Sum256([]byte(content))
	return hash[:]
}

// sealed describes content as a gateway would after sealing it with its fileKey.
func sealed(content string) samplestypes.Submission {
	submission := chaintest.Submission([]byte(content), 1)
	commitment := sha256.Sum256(append([]byte("virusmap/file-key/v1"), fileKey(content)...))
	submission.Sealing.KeyCommitment = commitment[:]
	return submission
}

// sell makes the finder submit contents, which the first three supernodes see malice in and
// the last one does not.
func (f *orderChain) sell(contents ...string) {
	f.t.Helper()
	var submissions []samplestypes.Submission
	for _, content := range contents {
		submissions = append(submissions, sealed(content))
	}
	f.run(f.finder, f.finder.Submit(submissions...))
	f.scan()
}

// scan judges what was submitted.
func (f *orderChain) scan() {
	f.t.Helper()
	var open []uint64
	for range 10 {
		require.NoError(f.t, f.App.VerdictsKeeper.OpenRounds.Walk(f.Context(), nil, func(number uint64) (bool, error) {
			open = append(open, number)
			return false, nil
		}))
		if len(open) > 0 {
			break
		}
		f.block()
	}
	require.Len(f.t, open, 1)
	round, err := f.App.VerdictsKeeper.Round(f.Context(), open[0])
	require.NoError(f.t, err)
	var commits, reveals [][]byte
	for i, node := range f.Supernodes {
		category := verdictstypes.CATEGORY_MALICIOUS
		if i == len(f.Supernodes)-1 {
			category = verdictstypes.CATEGORY_UNDETECTED
		}
		answers := chaintest.Answers(int(round.Samples), func(int) verdictstypes.Answer {
			return verdictstypes.Answer{Category: category, Confidence: 10}
		})
		attestation := verdictstypes.NewAttestation(
			[]verdictstypes.VerdictVector{verdictstypes.NewVerdictVector("av", "1", nil, 0, answers)},
			verdictstypes.NewFeatureVector(make([]string, round.Samples)))
		commits = append(commits, f.SignFree(node.Sidecar, 10_000_000, node.Commit(round.Number, attestation)))
		reveals = append(reveals, f.SignFree(node.Sidecar, 10_000_000, node.Reveal(round.Number, attestation)))
	}
	f.block(commits...)
	f.block(reveals...)
	f.blocks(2)
}

func (f *orderChain) balance(address sdk.AccAddress) int64 {
	return f.App.BankKeeper.GetBalance(f.Context(), address, types.Denom).Amount.Int64()
}

func (f *orderChain) supply() int64 {
	return f.App.BankKeeper.GetSupply(f.Context(), types.Denom).Amount.Int64()
}

// rewards is what an operator has been paid, for itself and its delegators.
func (f *orderChain) rewards(node *chaintest.Supernode) int64 {
	return f.balance(supernodetypes.RewardsAddress(node.Operator.Address))
}

// fee of a transaction as Sign makes it.
func fee() int64 { return chaintest.MinFee(chaintest.Gas).AmountOf(types.Denom).Int64() }

// requireEnded wants an order that ended as given and holds nothing any more.
func (f *orderChain) requireEnded(order types.Order, status types.OrderStatus, ending types.Ending) types.Order {
	f.t.Helper()
	ended := f.order(order.Id)
	require.Equal(f.t, status.String(), ended.Status.String())
	require.Equal(f.t, ending.String(), ended.Ending.String())
	require.Zero(f.t, f.balance(types.EscrowAddress(order.Id)))
	require.Zero(f.t, ended.DueHeight)
	require.Empty(f.t, ended.OneTimeKey)
	require.Equal(f.t, f.Time.Unix(), ended.EndedTime)
	return ended
}

// marketEvents are the typed events of one kind of the last block.
func marketEvents[E proto.Message](f *orderChain) (found []E) {
	f.t.Helper()
	for _, event := range f.events {
		// What the application adds of where an event comes from is none of its fields.
		event.Attributes = slices.DeleteFunc(slices.Clone(event.Attributes), func(attribute abci.EventAttribute) bool {
			return attribute.Key == "mode" || attribute.Key == "msg_index"
		})
		message, err := sdk.ParseTypedEvent(event)
		if err != nil {
			continue // an untyped event of the bank
		}
		if typed, ok := message.(E); ok {
			found = append(found, typed)
		}
	}
	return found
}

// selfBond is what an operator still stands with.
func (f *orderChain) selfBond(operator string) int64 {
	f.t.Helper()
	supernode, err := f.App.SupernodeKeeper.Supernode(f.Context(), f.node(operator).Operator.Address)
	require.NoError(f.t, err)
	return supernode.SelfBond.Int64()
}

// holders are the supernodes that store a content.
func (f *orderChain) holders(content string) []*chaintest.Supernode {
	var operators []sdk.AccAddress
	for _, node := range f.Supernodes {
		operators = append(operators, node.Operator.Address)
	}
	var nodes []*chaintest.Supernode
	for _, holder := range samplestypes.Holders(contentHash(content), operators, 2) {
		nodes = append(nodes, f.node(holder.String()))
	}
	return nodes
}

func intOf(amount int64) math.Int { return math.NewInt(amount) }

// nextEpoch lets the time of an epoch go by, so that another one is seated.
func (f *orderChain) nextEpoch() {
	f.t.Helper()
	before, err := f.App.SupernodeKeeper.CurrentEpoch(f.Context())
	require.NoError(f.t, err)
	f.blockAfter(epochLength)
	after, err := f.App.SupernodeKeeper.CurrentEpoch(f.Context())
	require.NoError(f.t, err)
	require.Equal(f.t, before.Number+1, after.Number)
}

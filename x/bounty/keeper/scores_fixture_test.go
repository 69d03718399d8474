package keeper_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/store/v2"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distributionkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/bounty/keeper"
	"github.com/virusmap/virusmap/x/bounty/types"
	sampleskeeper "github.com/virusmap/virusmap/x/samples/keeper"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	scoringFaucet = "faucet"
	// claimWindow is how many blocks after its submission a sample is credited, by default.
	claimWindow = 600
)

// node is a seated supernode: its operator, and the account of its gateway.
type node struct{ operator, sidecar sdk.AccAddress }

// scoring is a chain of the real keepers on which judgements are handed in directly.
type scoring struct {
	t         testing.TB
	ctx       sdk.Context
	stores    storetypes.CommitMultiStore
	keeper    *keeper.Keeper
	msgs      types.MsgServer
	queries   types.QueryServer
	accounts  authkeeper.AccountKeeper
	samples   *sampleskeeper.Keeper
	submitter samplestypes.MsgServer
	supernode *supernodekeeper.Keeper
	bank      bankkeeper.BaseKeeper
	nodes     []node
	authority string
}

// party is the account of a role.
func party(role string) sdk.AccAddress {
	hash := sha256.Sum256([]byte(role))
	return hash[:20]
}

// newScoring seats four supernodes in epoch 1. No sightings are asked for, so that samples
// have a worth by themselves. When the test ends the invariants must hold.
func newScoring(t testing.TB) *scoring {
	t.Helper()
	sdk.GetConfig().SetBech32PrefixForAccount("vmt", "vmtpub")
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, distributiontypes.StoreKey,
		supernodetypes.StoreKey, samplestypes.StoreKey, verdictstypes.StoreKey, types.StoreKey)
	db := dbm.NewMemDB()
	cms := store.NewCommitMultiStore(db, log.NewNopLogger())
	for _, key := range keys {
		cms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, cms.LoadLatestVersion())
	header := cmtproto.Header{ChainID: "virusmap-test-1", Height: 1, Time: time.Unix(1_800_000_000, 0).UTC()}

	cdc := codectestutil.CodecOptions{AccAddressPrefix: "vmt"}.NewCodec()
	authtypes.RegisterInterfaces(cdc.InterfaceRegistry())
	service := func(name string) corestore.KVStoreService { return runtime.NewKVStoreService(keys[name]) }
	authority := authtypes.NewModuleAddress("gov").String()
	s := &scoring{t: t, ctx: sdk.NewContext(cms.CacheMultiStore(), header, false, log.NewNopLogger()), stores: cms, authority: authority}
	s.accounts = authkeeper.NewAccountKeeper(cdc, service(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		map[string][]string{
			scoringFaucet: {authtypes.Minter}, samplestypes.ModuleName: {authtypes.Burner},
			types.ModuleName: {authtypes.Burner}, distributiontypes.ModuleName: nil,
		},
		address.NewBech32Codec("vmt"), "vmt", authority)
	s.bank = bankkeeper.NewBaseKeeper(cdc, service(banktypes.StoreKey), s.accounts, nil, authority, log.NewNopLogger())
	distribution := distributionkeeper.NewKeeper(cdc, service(distributiontypes.StoreKey), s.accounts, s.bank, nil, authtypes.FeeCollectorName, authority)
	s.supernode = supernodekeeper.NewKeeper(cdc, service(supernodetypes.StoreKey), s.bank, authority)
	s.samples = sampleskeeper.NewKeeper(cdc, service(samplestypes.StoreKey), s.bank, distribution, s.supernode, authority)
	verdicts := verdictskeeper.NewKeeper(cdc, service(verdictstypes.StoreKey), s.bank, distribution, s.samples, s.supernode, authority)
	s.keeper = keeper.NewKeeper(cdc, service(types.StoreKey), s.accounts, s.bank, s.samples, verdicts, s.supernode, authority)
	s.msgs, s.queries = keeper.NewMsgServer(s.keeper), keeper.NewQueryServer(s.keeper)
	s.submitter = sampleskeeper.NewMsgServer(s.samples)

	require.NoError(t, s.accounts.Params.Set(s.ctx, authtypes.DefaultParams()))
	require.NoError(t, s.bank.SetParams(s.ctx, banktypes.DefaultParams()))
	require.NoError(t, distribution.FeePool.Set(s.ctx, distributiontypes.InitialFeePool()))
	require.NoError(t, s.supernode.InitGenesis(s.ctx, supernodetypes.DefaultGenesis()))
	require.NoError(t, s.samples.InitGenesis(s.ctx, *samplestypes.DefaultGenesis()))
	require.NoError(t, verdicts.InitGenesis(s.ctx, *verdictstypes.DefaultGenesis()))
	require.NoError(t, s.keeper.InitGenesis(s.ctx, *types.DefaultGenesis()))
	s.setParams(func(p *types.Params) { p.SightingsFull, p.NewcomerPoints = 0, 1000*ppm })
	s.seat(4)
	t.Cleanup(func() {
		if !t.Failed() {
			require.NoError(t, s.keeper.AllInvariants(s.ctx))
		}
	})
	return s
}

const ppm = 1_000_000

// seat registers supernodes and starts epoch 1.
func (s *scoring) seat(n int) {
	s.t.Helper()
	params, err := s.supernode.Params.Get(s.ctx)
	require.NoError(s.t, err)
	identity, err := age.GenerateHybridIdentity()
	require.NoError(s.t, err)
	for i := range n {
		node := node{party(fmt.Sprint("operator ", i)), party(fmt.Sprint("sidecar ", i))}
		s.fund(node.operator, params.MinSelfBond.Amount.Int64())
		s.fund(node.sidecar, 1_000_000_000_000)
		_, err := supernodekeeper.NewMsgServer(s.supernode).Register(s.ctx, &supernodetypes.MsgRegister{
			Operator: node.operator.String(), SelfBond: params.MinSelfBond,
			Profile: supernodetypes.Profile{
				Sidecar: node.sidecar.String(), Moniker: fmt.Sprint("supernode ", i), Recipient: identity.Recipient().String(),
			},
		})
		require.NoError(s.t, err)
		s.nodes = append(s.nodes, node)
	}
	slices.SortFunc(s.nodes, func(a, b node) int { return bytes.Compare(a.operator, b.operator) })
	s.startEpoch(1)
}

func (s *scoring) startEpoch(number int64) {
	s.t.Helper()
	params, err := s.supernode.Params.Get(s.ctx)
	require.NoError(s.t, err)
	require.NoError(s.t, s.supernode.EpochHooks().BeforeEpochStart(s.ctx, params.EpochIdentifier, number))
	require.NoError(s.t, s.supernode.VaultKeys.Set(s.ctx, uint64(number), supernodetypes.VaultKey{Epoch: uint64(number)}))
}

func (s *scoring) fund(addr sdk.AccAddress, amount int64) {
	s.t.Helper()
	coins := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, amount))
	require.NoError(s.t, s.bank.MintCoins(s.ctx, scoringFaucet, coins))
	require.NoError(s.t, s.bank.SendCoinsFromModuleToAccount(s.ctx, scoringFaucet, addr, coins))
}

func (s *scoring) setParams(change func(*types.Params)) {
	s.t.Helper()
	params, err := s.keeper.Params.Get(s.ctx)
	require.NoError(s.t, err)
	change(&params)
	_, err = s.msgs.UpdateParams(s.ctx, &types.MsgUpdateParams{Authority: s.authority, Params: params})
	require.NoError(s.t, err)
}

// submit registers content through the gateway of a supernode for a contributor who has no
// coins, and returns its hash.
func (s *scoring) submit(content string, through node, contributor sdk.AccAddress) []byte {
	s.t.Helper()
	submission := chaintest.Submission([]byte(content), 1)
	submission.Contributor = contributor.String()
	_, err := s.submitter.SubmitSamples(s.ctx, &samplestypes.MsgSubmitSamples{
		Submitter: through.sidecar.String(), Samples: []samplestypes.Submission{submission},
	})
	require.NoError(s.t, err)
	return submission.Sha256
}

// takeDown blocks a sample.
func (s *scoring) takeDown(sha256 []byte) {
	s.t.Helper()
	_, err := s.submitter.BlockSample(s.ctx, &samplestypes.MsgBlockSample{Authority: s.authority, Sha256: sha256, Reason: "court order"})
	require.NoError(s.t, err)
}

// drop takes a sample out of the register, as its expiry does.
func (s *scoring) drop(sha256 []byte) {
	s.t.Helper()
	s.setStatus(sha256, samplestypes.STATUS_FINAL)
	sample, err := s.samples.Get(s.ctx, sha256)
	require.NoError(s.t, err)
	later := s.ctx.WithBlockTime(time.Unix(sample.ExpiryTime, 0))
	require.NoError(s.t, s.samples.EndBlock(later))
}

func (s *scoring) setStatus(sha256 []byte, status samplestypes.Status) {
	s.t.Helper()
	sample, err := s.samples.Get(s.ctx, sha256)
	require.NoError(s.t, err)
	sample.Status = status
	require.NoError(s.t, s.samples.Samples.Set(s.ctx, sha256, sample))
}

// endBlock ends the block and starts one that is later by the given blocks, of a second each.
func (s *scoring) endBlock(blocks int64) {
	s.t.Helper()
	require.NoError(s.t, s.keeper.EndBlock(s.ctx))
	s.commit()
	s.ctx = s.ctx.WithBlockHeight(s.ctx.BlockHeight() + blocks).
		WithBlockTime(s.ctx.BlockTime().Add(time.Duration(blocks) * time.Second))
}

// commit makes what was written last, as between two blocks.
func (s *scoring) commit() {
	s.ctx.MultiStore().(storetypes.CacheMultiStore).Write()
	s.stores.Commit()
	s.ctx = s.ctx.WithMultiStore(s.stores.CacheMultiStore())
}

// judgement is one of a round over members, which all count as malicious. There are two
// engines of one weight, of supernodes 0 and 1; the first sees malice in everything, the
// second in nothing. So every sample is missed by a half.
func (s *scoring) judgement(round uint64, stage uint32, members ...[]byte) verdictstypes.Judgement {
	members = slices.SortedFunc(slices.Values(members), bytes.Compare)
	source := verdictstypes.Round{Number: round, Rules: verdictstypes.DefaultParams().Rules()}
	j := verdictstypes.Judgement{
		Source: source, Judge: verdictstypes.Round{Number: round + uint64(stage)}, Stage: stage, Last: stage == 2,
		Members: members, Features: make([]verdictstypes.SampleFeatures, len(members)),
		Truths: slices.Repeat([]verdictstypes.Outcome{verdictstypes.OUTCOME_MALICIOUS}, len(members)),
	}
	for i, category := range []verdictstypes.Category{verdictstypes.CATEGORY_MALICIOUS, verdictstypes.CATEGORY_UNDETECTED} {
		j.Columns = append(j.Columns, s.column(i, category, len(members)))
	}
	return j
}

// column is an engine of a supernode that says the same of n samples.
func (s *scoring) column(of int, category verdictstypes.Category, n int) verdictstypes.EngineColumn {
	return verdictstypes.EngineColumn{
		Operator: s.nodes[of].operator.String(), Vector: verdictstypes.VerdictVector{Engine: "AV"},
		WeightedColumn: verdictstypes.WeightedColumn{
			Weight: ppm, Cells: bytes.Repeat([]byte{byte(verdictstypes.NewCell(category, 15))}, n),
		},
	}
}

// resembling gives all members of a judgement one key.
func resembling(j verdictstypes.Judgement, slot int, key string) verdictstypes.Judgement {
	for i := range j.Features {
		copy(j.Features[i].Keys[slot][:], key)
	}
	return j
}

// truth sets what counts as true of all members.
func truth(j verdictstypes.Judgement, truth verdictstypes.Outcome) verdictstypes.Judgement {
	for i := range j.Truths {
		j.Truths[i] = truth
	}
	return j
}

func (s *scoring) hear(j verdictstypes.Judgement) {
	s.t.Helper()
	require.NoError(s.t, s.keeper.VerdictsHooks().AfterResolved(s.ctx, j))
}

// credit ends blocks until the claim windows of all that is there are over.
func (s *scoring) credit() {
	s.t.Helper()
	s.endBlock(claimWindow)
	s.endBlock(1)
}

func (s *scoring) score(sha256 []byte) types.Score {
	s.t.Helper()
	score, err := s.keeper.Scores.Get(s.ctx, sha256)
	require.NoError(s.t, err)
	return score
}

// points are those of a sample's stages, as they were given.
func (s *scoring) points(sha256 []byte) (points []uint64) {
	s.t.Helper()
	for _, stage := range s.score(sha256).Stages {
		require.True(s.t, stage.Credited)
		points = append(points, stage.Points)
	}
	return points
}

func (s *scoring) unscored(sha256 []byte) bool {
	s.t.Helper()
	scored, err := s.keeper.Scores.Has(s.ctx, sha256)
	require.NoError(s.t, err)
	return !scored
}

func (s *scoring) cluster(sha256 []byte) types.Cluster {
	s.t.Helper()
	response, err := s.queries.Cluster(s.ctx, &types.QueryClusterRequest{Sha256: fmt.Sprintf("%x", sha256)})
	require.NoError(s.t, err)
	return response.Cluster
}

// earned is what a contributor earned in all epochs.
func (s *scoring) earned(contributor sdk.AccAddress) uint64 {
	s.t.Helper()
	earned, err := s.keeper.Standings.Get(s.ctx, contributor)
	if err != nil {
		require.ErrorContains(s.t, err, "not found")
	}
	return earned
}

func (s *scoring) export() *types.GenesisState {
	s.t.Helper()
	exported, err := s.keeper.ExportGenesis(s.ctx)
	require.NoError(s.t, err)
	return exported
}

// tx runs a handler as a transaction: its writes stay only if it succeeds.
func (s *scoring) tx(run func(ctx context.Context) error) error {
	ctx, write := s.ctx.CacheContext()
	err := run(ctx)
	if err == nil {
		write()
	}
	return err
}

// happened gives the typed events of one kind since the last call, and forgets all.
func happened[E proto.Message](s *scoring) (found []E) {
	s.t.Helper()
	for _, event := range s.ctx.EventManager().ABCIEvents() {
		message, err := sdk.ParseTypedEvent(event)
		if err != nil {
			continue // an untyped event of the bank
		}
		if typed, ok := message.(E); ok {
			found = append(found, typed)
		}
	}
	s.ctx = s.ctx.WithEventManager(sdk.NewEventManager())
	return found
}

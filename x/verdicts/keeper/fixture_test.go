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
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

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

	sampleskeeper "github.com/virusmap/virusmap/x/samples/keeper"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/keeper"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	prefix  = "vmt"
	denom   = "uvmt"
	faucet  = "faucet"
	chainID = "virusmap-test-1"
)

func init() { sdk.GetConfig().SetBech32PrefixForAccount(prefix, prefix+"pub") }

var contributor = account("contributor")

func account(role string) sdk.AccAddress {
	hash := sha256.Sum256([]byte(role))
	return hash[:20]
}

// operator is a seated supernode of the fixture with what it would answer.
type operator struct {
	addr, sidecar sdk.AccAddress
	engines       []string
}

// fixture is a chain of the real keepers over a real multistore.
type fixture struct {
	t         testing.TB
	ctx       sdk.Context
	keeper    *keeper.Keeper
	msgs      types.MsgServer
	queries   types.QueryServer
	bank      bankkeeper.BaseKeeper
	samples   *sampleskeeper.Keeper
	submit    samplestypes.MsgServer
	supernode *supernodekeeper.Keeper
	payouts   *payouts
	operators []operator
	authority string
}

// newFixture seats operators with the given numbers of engines in epoch 1.
// When the test ends the invariants must hold.
func newFixture(t testing.TB, engines ...int) *fixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, distributiontypes.StoreKey,
		supernodetypes.StoreKey, samplestypes.StoreKey, types.StoreKey)
	db := dbm.NewMemDB()
	cms := store.NewCommitMultiStore(db, log.NewNopLogger())
	for _, key := range keys {
		cms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, cms.LoadLatestVersion())
	header := cmtproto.Header{ChainID: chainID, Height: 1, Time: time.Unix(1_800_000_000, 0).UTC()}

	cdc := codectestutil.CodecOptions{AccAddressPrefix: prefix}.NewCodec()
	authtypes.RegisterInterfaces(cdc.InterfaceRegistry())
	service := func(name string) corestore.KVStoreService { return runtime.NewKVStoreService(keys[name]) }
	authority := authtypes.NewModuleAddress("gov").String()
	accounts := authkeeper.NewAccountKeeper(cdc, service(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		map[string][]string{faucet: {authtypes.Minter}, samplestypes.ModuleName: {authtypes.Burner}, distributiontypes.ModuleName: nil},
		address.NewBech32Codec(prefix), prefix, authority)
	f := &fixture{t: t, ctx: sdk.NewContext(cms, header, false, log.NewNopLogger()), authority: authority}
	f.bank = bankkeeper.NewBaseKeeper(cdc, service(banktypes.StoreKey), accounts, nil, authority, log.NewNopLogger())
	distribution := distributionkeeper.NewKeeper(cdc, service(distributiontypes.StoreKey), accounts, f.bank, nil, authtypes.FeeCollectorName, authority)
	f.supernode = supernodekeeper.NewKeeper(cdc, service(supernodetypes.StoreKey), f.bank, authority)
	f.samples = sampleskeeper.NewKeeper(cdc, service(samplestypes.StoreKey), f.bank, distribution, f.supernode, authority)
	f.payouts = &payouts{Keeper: f.supernode, bank: f.bank}
	f.keeper = keeper.NewKeeper(cdc, service(types.StoreKey), f.bank, distribution, f.samples, f.payouts, authority)
	f.samples.SetHooks(samplestypes.MultiSamplesHooks{f.keeper.SamplesHooks()})
	f.msgs, f.queries = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)
	f.submit = sampleskeeper.NewMsgServer(f.samples)

	require.NoError(t, accounts.Params.Set(f.ctx, authtypes.DefaultParams()))
	require.NoError(t, f.bank.SetParams(f.ctx, banktypes.DefaultParams()))
	require.NoError(t, distribution.FeePool.Set(f.ctx, distributiontypes.InitialFeePool()))
	require.NoError(t, f.supernode.InitGenesis(f.ctx, supernodetypes.DefaultGenesis()))
	require.NoError(t, f.samples.InitGenesis(f.ctx, *samplestypes.DefaultGenesis()))
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *types.DefaultGenesis()))
	f.fund(contributor, 1_000_000_000_000)
	f.seat(engines)
	t.Cleanup(func() {
		if !t.Failed() {
			require.NoError(t, f.keeper.AllInvariants(f.ctx))
		}
	})
	return f
}

// seat registers operators and their engines and starts epoch 1.
func (f *fixture) seat(engines []int) {
	f.t.Helper()
	params, err := f.supernode.Params.Get(f.ctx)
	require.NoError(f.t, err)
	params.MaxActive = max(params.MaxActive, uint32(len(engines)))
	require.NoError(f.t, f.supernode.Params.Set(f.ctx, params))
	f.setParams(func(p *types.Params) {
		p.MaxEnginesPerSupernode = max(p.MaxEnginesPerSupernode, uint32(slices.Max(append(engines, 0))))
	})
	identity, err := age.GenerateHybridIdentity()
	require.NoError(f.t, err)
	register := supernodekeeper.NewMsgServer(f.supernode)
	for i, count := range engines {
		op := operator{addr: account(fmt.Sprint("operator", i)), sidecar: account(fmt.Sprint("sidecar", i))}
		f.fund(op.addr, params.MinSelfBond.Amount.Int64())
		_, err := register.Register(f.ctx, &supernodetypes.MsgRegister{
			Operator: op.addr.String(), SelfBond: params.MinSelfBond,
			Profile: supernodetypes.Profile{
				Sidecar: op.sidecar.String(), Moniker: fmt.Sprint("supernode ", i), Recipient: identity.Recipient().String(),
			},
		})
		require.NoError(f.t, err)
		for e := range count {
			op.engines = append(op.engines, fmt.Sprintf("Engine%02d", e))
			_, err := f.msgs.RegisterEngine(f.ctx, &types.MsgRegisterEngine{
				Sidecar: op.sidecar.String(), Operator: op.addr.String(), Name: op.engines[e],
			})
			require.NoError(f.t, err)
		}
		f.operators = append(f.operators, op)
	}
	slices.SortFunc(f.operators, func(a, b operator) int { return bytes.Compare(a.addr, b.addr) })
	require.NoError(f.t, f.supernode.EpochHooks().BeforeEpochStart(f.ctx, params.EpochIdentifier, 1))
	require.NoError(f.t, f.supernode.VaultKeys.Set(f.ctx, 1, supernodetypes.VaultKey{Epoch: 1}))
}

func (f *fixture) fund(addr sdk.AccAddress, amount int64) {
	f.t.Helper()
	coins := sdk.NewCoins(sdk.NewInt64Coin(denom, amount))
	require.NoError(f.t, f.bank.MintCoins(f.ctx, faucet, coins))
	require.NoError(f.t, f.bank.SendCoinsFromModuleToAccount(f.ctx, faucet, addr, coins))
}

// tx runs a handler as a transaction: its writes stay only if it succeeds.
func (f *fixture) tx(run func(ctx context.Context) error) error {
	ctx, write := f.ctx.CacheContext()
	err := run(ctx)
	if err == nil {
		write()
	}
	return err
}

// addSamples submits n samples named after a batch and returns their hashes in ascending order.
func (f *fixture) addSamples(batch string, n int) [][]byte {
	f.t.Helper()
	hashes := make([][]byte, n)
	submissions := make([]samplestypes.Submission, n)
	for i := range n {
		digest := func(part string) []byte {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", part, batch, i))
			return sum[:]
		}
		hashes[i] = digest("content")
		multihashed, err := multihash.Encode(digest("ciphertext"), multihash.SHA2_256)
		require.NoError(f.t, err)
		submissions[i] = samplestypes.Submission{
			Sha256: hashes[i], Kind: samplestypes.KIND_FILE, SizeBytes: 100,
			Sealing: samplestypes.Sealing{
				Cid: cid.NewCidV1(cid.Raw, multihashed).Bytes(), SizeBytes: 2400,
				KeyCommitment: digest("key"), StorageRoot: digest("root"), VaultEpoch: 1,
			},
		}
	}
	for chunk := range slices.Chunk(submissions, 100) {
		_, err := f.submit.SubmitSamples(f.ctx, &samplestypes.MsgSubmitSamples{Submitter: contributor.String(), Samples: chunk})
		require.NoError(f.t, err)
	}
	slices.SortFunc(hashes, bytes.Compare)
	return hashes
}

// endBlock ends the block and starts the next one, a second later.
func (f *fixture) endBlock() {
	f.t.Helper()
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithBlockTime(f.ctx.BlockTime().Add(time.Second))
}

// untilOpen ends blocks until a round is open and returns it.
func (f *fixture) untilOpen() types.Round {
	f.t.Helper()
	for range 4 {
		f.endBlock()
		open, err := f.queries.OpenRounds(f.ctx, &types.QueryOpenRoundsRequest{})
		require.NoError(f.t, err)
		if len(open.Rounds) > 0 {
			return open.Rounds[len(open.Rounds)-1]
		}
	}
	f.t.Fatal("no round opened")
	return types.Round{}
}

func (f *fixture) round(number uint64) types.Round {
	f.t.Helper()
	response, err := f.queries.Round(f.ctx, &types.QueryRoundRequest{Number: number})
	require.NoError(f.t, err)
	return response.Round
}

// answers is an attestation in which every engine says of sample i what say returns.
func (o operator) answers(n int, say func(i int) types.Answer) types.Attestation {
	vectors := make([]types.VerdictVector, len(o.engines))
	for e, engine := range o.engines {
		column := make([]types.Answer, n)
		for i := range n {
			column[i] = say(i)
		}
		vectors[e] = types.NewVerdictVector(engine, "1.0", make([]byte, 32), 1_700_000_000, column)
	}
	return types.NewAttestation(vectors, types.NewFeatureVector(make([]string, n)))
}

func allOf(category types.Category) func(int) types.Answer {
	return func(int) types.Answer { return types.Answer{Category: category, Confidence: 8} }
}

func salt(o operator) []byte {
	sum := sha256.Sum256(o.addr)
	return sum[:]
}

func (f *fixture) commit(o operator, round uint64, attestation types.Attestation) error {
	hash, err := types.CommitmentHash(chainID, round, o.addr, salt(o), attestation)
	require.NoError(f.t, err)
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.CommitAttestation(ctx, &types.MsgCommitAttestation{
			Sidecar: o.sidecar.String(), Operator: o.addr.String(), Round: round, Hash: hash,
		})
		return err
	})
}

func (f *fixture) revealMsg(o operator, round uint64, attestation types.Attestation) *types.MsgRevealAttestation {
	return &types.MsgRevealAttestation{
		Sidecar: o.sidecar.String(), Operator: o.addr.String(), Round: round, Salt: salt(o), Attestation: attestation,
	}
}

func (f *fixture) reveal(o operator, round uint64, attestation types.Attestation) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.RevealAttestation(ctx, f.revealMsg(o, round, attestation))
		return err
	})
}

// run takes a round from its opening to its end with one answer per operator.
func (f *fixture) run(round types.Round, answers ...func(int) types.Answer) types.Round {
	f.t.Helper()
	attestations := make([]types.Attestation, len(answers))
	for i, say := range answers {
		attestations[i] = f.operators[i].answers(int(round.Samples), say)
	}
	return f.attest(round, attestations...)
}

// attest is run with one attestation per operator.
func (f *fixture) attest(round types.Round, attestations ...types.Attestation) types.Round {
	f.t.Helper()
	for i, attestation := range attestations {
		require.NoError(f.t, f.commit(f.operators[i], round.Number, attestation))
	}
	for f.round(round.Number).Status == types.ROUND_STATUS_COMMIT {
		f.endBlock()
	}
	for i, attestation := range attestations {
		require.NoError(f.t, f.reveal(f.operators[i], round.Number, attestation))
	}
	for f.round(round.Number).FinalHeight == 0 {
		f.endBlock()
	}
	return f.round(round.Number)
}

func (f *fixture) report(hash []byte, round uint64) (types.Report, error) {
	response, err := f.queries.Report(f.ctx, &types.QueryReportRequest{Sha256: fmt.Sprintf("%x", hash), Round: round})
	if err != nil {
		return types.Report{}, err
	}
	return response.Report, nil
}

func (f *fixture) sampleStatus(hash []byte) samplestypes.Status {
	f.t.Helper()
	sample, err := f.samples.Get(f.ctx, hash)
	require.NoError(f.t, err)
	return sample.Status
}

func (f *fixture) setParams(change func(*types.Params)) {
	f.t.Helper()
	params, err := f.keeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	change(&params)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: f.authority, Params: params})
	require.NoError(f.t, err)
}

// events gives the typed events of one kind since the last call.
func events[E proto.Message](f *fixture) []E {
	f.t.Helper()
	var found []E
	for _, event := range f.ctx.EventManager().ABCIEvents() {
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

package keeper_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"cosmossdk.io/math"

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
	bountyPrefix = "vmt"
	bountyFaucet = "faucet"
	// vmt is a million uvmt.
	vmt = int64(1_000_000)
	// runsFor is how long bounties of these tests run.
	runsFor = 10 * 24 * time.Hour
)

func init() { sdk.GetConfig().SetBech32PrefixForAccount(bountyPrefix, bountyPrefix+"pub") }

// role is an account that nothing has touched.
func role(name string) sdk.AccAddress {
	hash := sha256.Sum256([]byte("bounties/" + name))
	return hash[:20]
}

var analyst, sponsor, finder, rival = role("analyst"), role("sponsor"), role("finder"), role("rival")

// bountyFixture is a chain of the real keepers over a real multistore. Rounds are written
// into x/verdicts as it leaves them, and judgements are handed in.
type bountyFixture struct {
	t         testing.TB
	ctx       sdk.Context
	keeper    *keeper.Keeper
	msgs      types.MsgServer
	queries   types.QueryServer
	bank      bankkeeper.BaseKeeper
	samples   *sampleskeeper.Keeper
	submits   samplestypes.MsgServer
	verdicts  *verdictskeeper.Keeper
	supernode *supernodekeeper.Keeper
	operators []sdk.AccAddress // in ascending order
	authority string
}

// newBountyFixture starts at height 1 with funded accounts and three registered operators.
// When the test ends the invariants must hold.
func newBountyFixture(t testing.TB) *bountyFixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, distributiontypes.StoreKey,
		supernodetypes.StoreKey, samplestypes.StoreKey, verdictstypes.StoreKey, types.StoreKey)
	db := dbm.NewMemDB()
	cms := store.NewCommitMultiStore(db, log.NewNopLogger())
	for _, key := range keys {
		cms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, cms.LoadLatestVersion())
	header := cmtproto.Header{ChainID: "virusmap-test-1", Height: 1, Time: time.Unix(1_800_000_000, 0).UTC()}

	cdc := codectestutil.CodecOptions{AccAddressPrefix: bountyPrefix}.NewCodec()
	authtypes.RegisterInterfaces(cdc.InterfaceRegistry())
	service := func(name string) corestore.KVStoreService { return runtime.NewKVStoreService(keys[name]) }
	f := &bountyFixture{
		t: t, ctx: sdk.NewContext(cms, header, false, log.NewNopLogger()), authority: authtypes.NewModuleAddress("gov").String(),
	}
	burner := []string{authtypes.Burner}
	accounts := authkeeper.NewAccountKeeper(cdc, service(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		map[string][]string{
			bountyFaucet: {authtypes.Minter}, types.ModuleName: burner, samplestypes.ModuleName: burner,
			supernodetypes.ModuleName: burner, distributiontypes.ModuleName: nil,
		},
		address.NewBech32Codec(bountyPrefix), bountyPrefix, f.authority)
	f.bank = bankkeeper.NewBaseKeeper(cdc, service(banktypes.StoreKey), accounts, nil, f.authority, log.NewNopLogger())
	distribution := distributionkeeper.NewKeeper(cdc, service(distributiontypes.StoreKey), accounts, f.bank, nil, authtypes.FeeCollectorName, f.authority)
	f.supernode = supernodekeeper.NewKeeper(cdc, service(supernodetypes.StoreKey), f.bank, f.authority)
	f.samples = sampleskeeper.NewKeeper(cdc, service(samplestypes.StoreKey), f.bank, distribution, f.supernode, f.authority)
	f.verdicts = verdictskeeper.NewKeeper(cdc, service(verdictstypes.StoreKey), f.bank, distribution, f.samples, f.supernode, f.authority)
	f.keeper = keeper.NewKeeper(cdc, service(types.StoreKey), accounts, f.bank, f.samples, f.verdicts, f.supernode, f.authority)
	f.samples.SetHooks(f.verdicts.SamplesHooks())
	f.msgs, f.queries = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)
	f.submits = sampleskeeper.NewMsgServer(f.samples)

	require.NoError(t, accounts.Params.Set(f.ctx, authtypes.DefaultParams()))
	require.NoError(t, f.bank.SetParams(f.ctx, banktypes.DefaultParams()))
	require.NoError(t, distribution.FeePool.Set(f.ctx, distributiontypes.InitialFeePool()))
	require.NoError(t, f.supernode.InitGenesis(f.ctx, supernodetypes.DefaultGenesis()))
	require.NoError(t, f.samples.InitGenesis(f.ctx, *samplestypes.DefaultGenesis()))
	require.NoError(t, f.verdicts.InitGenesis(f.ctx, *verdictstypes.DefaultGenesis()))
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *types.DefaultGenesis()))
	for _, addr := range []sdk.AccAddress{analyst, sponsor, finder, rival} {
		f.fund(addr, 1_000_000*vmt)
	}
	f.register(3)
	t.Cleanup(func() {
		if !t.Failed() {
			require.NoError(t, f.keeper.AllInvariants(f.ctx))
		}
	})
	return f
}

// register registers operators and starts epoch 1.
func (f *bountyFixture) register(operators int) {
	f.t.Helper()
	params, err := f.supernode.Params.Get(f.ctx)
	require.NoError(f.t, err)
	identity, err := age.GenerateHybridIdentity()
	require.NoError(f.t, err)
	for i := range operators {
		operator := role(fmt.Sprint("operator", i))
		f.fund(operator, params.MinSelfBond.Amount.Int64())
		_, err := supernodekeeper.NewMsgServer(f.supernode).Register(f.ctx, &supernodetypes.MsgRegister{
			Operator: operator.String(), SelfBond: params.MinSelfBond,
			Profile: supernodetypes.Profile{
				Sidecar: role(fmt.Sprint("sidecar", i)).String(), Moniker: fmt.Sprint("supernode ", i), Recipient: identity.Recipient().String(),
			},
		})
		require.NoError(f.t, err)
		f.operators = append(f.operators, operator)
	}
	slices.SortFunc(f.operators, func(a, b sdk.AccAddress) int { return bytes.Compare(a, b) })
	require.NoError(f.t, f.supernode.EpochHooks().BeforeEpochStart(f.ctx, params.EpochIdentifier, 1))
	require.NoError(f.t, f.supernode.VaultKeys.Set(f.ctx, 1, supernodetypes.VaultKey{Epoch: 1}))
}

func (f *bountyFixture) fund(addr sdk.AccAddress, amount int64) {
	f.t.Helper()
	coins := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, amount))
	require.NoError(f.t, f.bank.MintCoins(f.ctx, bountyFaucet, coins))
	require.NoError(f.t, f.bank.SendCoinsFromModuleToAccount(f.ctx, bountyFaucet, addr, coins))
}

func (f *bountyFixture) balance(addr sdk.AccAddress) int64 {
	return f.bank.GetBalance(f.ctx, addr, types.Denom).Amount.Int64()
}

func (f *bountyFixture) supply() int64 { return f.bank.GetSupply(f.ctx, types.Denom).Amount.Int64() }

func (f *bountyFixture) escrow(id []byte) int64 { return f.balance(types.EscrowAddress(id)) }

// endBlock ends the block and starts one that is later by the given blocks and time.
func (f *bountyFixture) endBlock(blocks int64, later time.Duration) {
	f.t.Helper()
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
	require.NoError(f.t, f.keeper.AllInvariants(f.ctx))
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + blocks).WithBlockTime(f.ctx.BlockTime().Add(later))
}

func (f *bountyFixture) setParams(change func(*types.Params)) {
	f.t.Helper()
	params, err := f.keeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	change(&params)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: f.authority, Params: params})
	require.NoError(f.t, err)
}

// tx runs a handler as a transaction: its writes stay only if it succeeds.
func (f *bountyFixture) tx(run func(ctx context.Context) error) error {
	ctx, write := f.ctx.CacheContext()
	err := run(ctx)
	if err == nil {
		write()
	}
	return err
}

func (f *bountyFixture) post(msg types.MsgPostBounty) ([]byte, error) {
	var id []byte
	err := f.tx(func(ctx context.Context) error {
		response, err := f.msgs.PostBounty(ctx, &msg)
		if err == nil {
			id = response.Id
		}
		return err
	})
	return id, err
}

// mustPost posts a bounty of the analyst.
func (f *bountyFixture) mustPost(kind types.BountyKind, target string, amount int64, stage uint32) []byte {
	f.t.Helper()
	id, err := f.post(types.MsgPostBounty{
		Funder: analyst.String(), Kind: kind, Target: target, Amount: uvmt(amount), DurationSeconds: uint64(runsFor / time.Second), Stage: stage,
	})
	require.NoError(f.t, err)
	return id
}

func (f *bountyFixture) topUp(funder sdk.AccAddress, id []byte, amount int64) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.TopUpBounty(ctx, &types.MsgTopUpBounty{Funder: funder.String(), Id: id, Amount: uvmt(amount)})
		return err
	})
}

func uvmt(amount int64) sdk.Coin { return sdk.NewCoin(types.Denom, math.NewInt(amount)) }

// runs tells whether a bounty has not ended. One that has must have left nothing.
func (f *bountyFixture) runs(id []byte) bool {
	f.t.Helper()
	runs, err := f.keeper.Bounties.Has(f.ctx, id)
	require.NoError(f.t, err)
	if !runs {
		require.Zero(f.t, f.escrow(id), "an ended bounty keeps no money")
	}
	return runs
}

// matches are the hashes that a bounty remembers, with their due heights.
func (f *bountyFixture) matches(id []byte) map[string]int64 {
	f.t.Helper()
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	found := make(map[string]int64)
	for _, match := range gs.Matches {
		if bytes.Equal(match.Bounty, id) {
			found[hex.EncodeToString(match.Sha256)] = match.DueHeight
		}
	}
	return found
}

// freshEvents makes bountyEvents start from here.
func (f *bountyFixture) freshEvents() { f.ctx = f.ctx.WithEventManager(sdk.NewEventManager()) }

// bountyEvents gives the typed events of one kind, in order.
func bountyEvents[E proto.Message](f *bountyFixture) []E {
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

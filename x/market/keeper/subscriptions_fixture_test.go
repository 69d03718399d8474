package keeper_test

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
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

	bountykeeper "github.com/virusmap/virusmap/x/bounty/keeper"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
	sampleskeeper "github.com/virusmap/virusmap/x/samples/keeper"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	planPrefix = "vmt"
	planFaucet = "faucet" // a module account that mints what tests need
	planDay    = 24 * time.Hour
	planMonth  = 30 * planDay
	// planFunds is what each buyer has, in uvmt.
	planFunds = int64(1_000_000_000_000)
)

func init() { sdk.GetConfig().SetBech32PrefixForAccount(planPrefix, planPrefix+"pub") }

// planRole is the account of a role.
func planRole(role string) sdk.AccAddress {
	hash := sha256.Sum256([]byte("plans/" + role))
	return hash[:20]
}

var planBuyer, planRival, planFinder, planHunter = planRole("buyer"), planRole("rival"), planRole("finder"), planRole("hunter")

// planFixture is a chain of the real keepers over a real multistore. Points are written
// into x/bounty as it leaves them. Prices of plans and feeds stay where they are put.
type planFixture struct {
	t         testing.TB
	ctx       sdk.Context
	keeper    *keeper.Keeper
	msgs      types.MsgServer
	queries   types.QueryServer
	bank      bankkeeper.BaseKeeper
	supernode *supernodekeeper.Keeper
	bounty    *bountykeeper.Keeper
	operators []sdk.AccAddress
	authority string
	epoch     uint64
}

// newPlanFixture starts at height 1 in epoch 1 with two funded buyers and three seated
// operators. When the test ends the invariants must hold.
func newPlanFixture(t testing.TB) *planFixture {
	t.Helper()
	f := newBarePlanFixture(t)
	f.fund(planBuyer, planFunds)
	f.fund(planRival, planFunds)
	f.register(3)
	f.seat(1)
	f.setParams(func(params *types.Params) {
		for i := range params.Products {
			fixPrice(&params.Products[i], params.Products[i].InitialPrice)
		}
	})
	return f
}

// newBarePlanFixture has neither accounts nor supernodes.
func newBarePlanFixture(t testing.TB) *planFixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, distributiontypes.StoreKey,
		supernodetypes.StoreKey, samplestypes.StoreKey, verdictstypes.StoreKey, bountytypes.StoreKey, types.StoreKey)
	cms := store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger())
	for _, key := range keys {
		cms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, cms.LoadLatestVersion())
	header := cmtproto.Header{ChainID: "virusmap-test-1", Height: 1, Time: time.Unix(1_900_000_000, 0).UTC()}
	cdc := codectestutil.CodecOptions{AccAddressPrefix: planPrefix}.NewCodec()
	authtypes.RegisterInterfaces(cdc.InterfaceRegistry())
	in := func(name string) corestore.KVStoreService { return runtime.NewKVStoreService(keys[name]) }
	f := &planFixture{
		t: t, ctx: sdk.NewContext(cms, header, false, log.NewNopLogger()), authority: authtypes.NewModuleAddress("gov").String(),
	}
	burner := []string{authtypes.Burner}
	accounts := authkeeper.NewAccountKeeper(cdc, in(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		map[string][]string{
			planFaucet: {authtypes.Minter}, types.ModuleName: burner, bountytypes.ModuleName: burner,
			samplestypes.ModuleName: burner, supernodetypes.ModuleName: burner, distributiontypes.ModuleName: nil,
		},
		address.NewBech32Codec(planPrefix), planPrefix, f.authority)
	f.bank = bankkeeper.NewBaseKeeper(cdc, in(banktypes.StoreKey), accounts, nil, f.authority, log.NewNopLogger())
	distribution := distributionkeeper.NewKeeper(cdc, in(distributiontypes.StoreKey), accounts, f.bank, nil, authtypes.FeeCollectorName, f.authority)
	f.supernode = supernodekeeper.NewKeeper(cdc, in(supernodetypes.StoreKey), f.bank, f.authority)
	samples := sampleskeeper.NewKeeper(cdc, in(samplestypes.StoreKey), f.bank, distribution, f.supernode, f.authority)
	verdicts := verdictskeeper.NewKeeper(cdc, in(verdictstypes.StoreKey), f.bank, distribution, samples, f.supernode, f.authority)
	f.bounty = bountykeeper.NewKeeper(cdc, in(bountytypes.StoreKey), accounts, f.bank, samples, verdicts, f.supernode, f.authority)
	f.keeper = keeper.NewKeeper(cdc, in(types.StoreKey), accounts, f.bank, samples, verdicts, f.supernode, f.bounty, f.authority)
	f.msgs, f.queries = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)

	require.NoError(t, accounts.Params.Set(f.ctx, authtypes.DefaultParams()))
	require.NoError(t, f.bank.SetParams(f.ctx, banktypes.DefaultParams()))
	require.NoError(t, distribution.FeePool.Set(f.ctx, distributiontypes.InitialFeePool()))
	require.NoError(t, f.supernode.InitGenesis(f.ctx, supernodetypes.DefaultGenesis()))
	require.NoError(t, samples.InitGenesis(f.ctx, *samplestypes.DefaultGenesis()))
	require.NoError(t, verdicts.InitGenesis(f.ctx, *verdictstypes.DefaultGenesis()))
	require.NoError(t, f.bounty.InitGenesis(f.ctx, *bountytypes.DefaultGenesis()))
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *types.DefaultGenesis()))
	t.Cleanup(func() {
		if !t.Failed() {
			require.NoError(t, f.keeper.AllInvariants(f.ctx))
		}
	})
	return f
}

var planRecipient = sync.OnceValue(func() string {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		panic(err)
	}
	return identity.Recipient().String()
})

// register registers supernodes, which are seated from the next epoch on.
func (f *planFixture) register(operators int) {
	f.t.Helper()
	params, err := f.supernode.Params.Get(f.ctx)
	require.NoError(f.t, err)
	for i := range operators {
		operator := planRole(fmt.Sprint("operator ", i))
		f.fund(operator, params.MinSelfBond.Amount.Int64())
		_, err := supernodekeeper.NewMsgServer(f.supernode).Register(f.ctx, &supernodetypes.MsgRegister{
			Operator: operator.String(), SelfBond: params.MinSelfBond,
			Profile: supernodetypes.Profile{
				Sidecar: planRole(fmt.Sprint("sidecar ", i)).String(), Moniker: fmt.Sprint("supernode ", i), Recipient: planRecipient(),
			},
		})
		require.NoError(f.t, err)
		f.operators = append(f.operators, operator)
	}
}

// seat starts an epoch.
func (f *planFixture) seat(epoch uint64) {
	f.t.Helper()
	require.NoError(f.t, f.supernode.EpochHooks().BeforeEpochStart(f.ctx, supernodetypes.DefaultParams().EpochIdentifier, int64(epoch)))
	f.epoch = epoch
}

func (f *planFixture) fund(addr sdk.AccAddress, amount int64) {
	f.t.Helper()
	coins := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, amount))
	require.NoError(f.t, f.bank.MintCoins(f.ctx, planFaucet, coins))
	require.NoError(f.t, f.bank.SendCoinsFromModuleToAccount(f.ctx, planFaucet, addr, coins))
}

func (f *planFixture) balance(addr sdk.AccAddress) int64 {
	return f.bank.GetBalance(f.ctx, addr, types.Denom).Amount.Int64()
}

func (f *planFixture) supply() int64 { return f.bank.GetSupply(f.ctx, types.Denom).Amount.Int64() }

// earned is what an operator has of rewards.
func (f *planFixture) earned(operator sdk.AccAddress) int64 {
	return f.balance(supernodetypes.RewardsAddress(operator))
}

// endBlock ends the block, checks the invariants, and starts a block that is later.
func (f *planFixture) endBlock(later time.Duration) {
	f.t.Helper()
	require.NoError(f.t, f.bounty.EndBlock(f.ctx))
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
	require.NoError(f.t, f.keeper.AllInvariants(f.ctx))
	require.NoError(f.t, f.supernode.AllInvariants(f.ctx))
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithBlockTime(f.ctx.BlockTime().Add(later)).
		WithEventManager(sdk.NewEventManager())
}

// nextEpoch starts an epoch and ends its first block, which settles the one before.
func (f *planFixture) nextEpoch() {
	f.t.Helper()
	f.seat(f.epoch + 1)
	f.endBlock(time.Second)
}

func (f *planFixture) setParams(change func(*types.Params)) {
	f.t.Helper()
	params, err := f.keeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	change(&params)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: f.authority, Params: params})
	require.NoError(f.t, err)
}

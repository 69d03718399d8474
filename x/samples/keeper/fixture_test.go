package keeper_test

import (
	"context"
	"errors"
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/store/v2"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module/testutil"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/bank"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distributionkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/virusmap/virusmap/x/samples"
	"github.com/virusmap/virusmap/x/samples/keeper"
	"github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	bech32Prefix = "vmt"
	faucet       = "faucet" // a module account that mints what tests need
	vaultEpoch   = uint64(7)
	startBalance = int64(1_000_000_000)
)

func init() {
	sdk.GetConfig().SetBech32PrefixForAccount(bech32Prefix, bech32Prefix+"pub")
}

var (
	gateway     = account("gateway")
	contributor = account("contributor")
	copier      = account("copier")
	authority   = account("authority")
)

// fixture is a chain of the real keepers over a real multistore.
type fixture struct {
	t            testing.TB
	ctx          sdk.Context
	codec        codec.Codec
	key          *storetypes.KVStoreKey
	keeper       *keeper.Keeper
	msgs         types.MsgServer
	queries      types.QueryServer
	bank         bankkeeper.BaseKeeper
	distribution distributionkeeper.Keeper
	supernode    *supernodekeeper.Keeper
	queued       *queuedHook
	storage      *storageHook
}

// newFixture starts at height 1 with funded accounts and the vault key of one epoch.
// When the test ends the invariants must hold.
func newFixture(t testing.TB) *fixture {
	t.Helper()
	return newFixtureOver(t, dbm.NewMemDB())
}

func newFixtureOver(t testing.TB, db dbm.DB) *fixture {
	t.Helper()
	encoding := testutil.MakeTestEncodingConfig(auth.AppModuleBasic{}, bank.AppModuleBasic{}, samples.AppModule{})
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, distributiontypes.StoreKey, supernodetypes.StoreKey, types.StoreKey)
	cms := store.NewCommitMultiStore(db, log.NewNopLogger())
	for _, key := range keys {
		cms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, cms.LoadLatestVersion())
	start := cmtproto.Header{Height: 1, Time: time.Unix(1_800_000_000, 0).UTC()}

	cdc, in := encoding.Codec, func(name string) *storetypes.KVStoreKey { return keys[name] }
	accounts := authkeeper.NewAccountKeeper(
		cdc, runtime.NewKVStoreService(in(authtypes.StoreKey)), authtypes.ProtoBaseAccount,
		map[string][]string{
			faucet:                       {authtypes.Minter},
			types.ModuleName:             {authtypes.Burner},
			distributiontypes.ModuleName: nil,
		},
		addresscodec.NewBech32Codec(bech32Prefix), bech32Prefix, authority.String())
	f := &fixture{t: t, codec: cdc, key: in(types.StoreKey), queued: &queuedHook{}, storage: &storageHook{}}
	f.ctx = sdk.NewContext(cms, start, false, log.NewNopLogger())
	f.bank = bankkeeper.NewBaseKeeper(
		cdc, runtime.NewKVStoreService(in(banktypes.StoreKey)), accounts, nil, authority.String(), log.NewNopLogger())
	f.distribution = distributionkeeper.NewKeeper(
		cdc, runtime.NewKVStoreService(in(distributiontypes.StoreKey)), accounts, f.bank, nil, authtypes.FeeCollectorName, authority.String())
	f.supernode = supernodekeeper.NewKeeper(
		cdc, runtime.NewKVStoreService(in(supernodetypes.StoreKey)), f.bank, authority.String())
	f.keeper = keeper.NewKeeper(
		cdc, runtime.NewKVStoreService(f.key), f.bank, f.distribution, f.supernode, authority.String())
	f.keeper.SetHooks(types.MultiSamplesHooks{f.queued})
	f.keeper.SetStorageHooks(f.storage)
	f.msgs, f.queries = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)

	require.NoError(t, accounts.Params.Set(f.ctx, authtypes.DefaultParams()))
	require.NoError(t, f.bank.SetParams(f.ctx, banktypes.DefaultParams()))
	require.NoError(t, f.distribution.FeePool.Set(f.ctx, distributiontypes.InitialFeePool()))
	require.NoError(t, f.supernode.VaultKeys.Set(f.ctx, vaultEpoch, supernodetypes.VaultKey{Epoch: vaultEpoch}))
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *types.DefaultGenesis()))
	for _, addr := range []sdk.AccAddress{gateway, contributor, copier} {
		f.fund(addr, startBalance)
	}
	t.Cleanup(func() { require.NoError(t, f.keeper.AllInvariants(f.ctx)) })
	return f
}

// queuedHook is a listener that remembers what was queued and fails on demand.
type queuedHook struct {
	initial, rescans [][]byte
	err              error
}

func (h *queuedHook) AfterSampleQueued(_ context.Context, sha256 []byte, rescan bool) error {
	if rescan {
		h.rescans = append(h.rescans, sha256)
	} else {
		h.initial = append(h.initial, sha256)
	}
	return h.err
}

// endBlock ends the block and starts one that is later by the given blocks and seconds.
func (f *fixture) endBlock(blocks, seconds int64) {
	f.t.Helper()
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + blocks).
		WithBlockTime(f.ctx.BlockTime().Add(time.Duration(seconds) * time.Second))
}

func (f *fixture) sample(sha256 []byte) types.Sample {
	f.t.Helper()
	sample, err := f.keeper.Get(f.ctx, sha256)
	require.NoError(f.t, err)
	return sample
}

func (f *fixture) gone(sha256 []byte) bool {
	f.t.Helper()
	_, err := f.keeper.Get(f.ctx, sha256)
	if err != nil {
		require.ErrorIs(f.t, err, types.ErrNotFound)
	}
	return errors.Is(err, types.ErrNotFound)
}

func (f *fixture) setParams(change func(*types.Params)) types.Params {
	f.t.Helper()
	params, err := f.keeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	change(&params)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(f.t, err)
	return params
}

func (f *fixture) fund(addr sdk.AccAddress, amount int64) {
	f.t.Helper()
	coins := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, amount))
	require.NoError(f.t, f.bank.MintCoins(f.ctx, faucet, coins))
	require.NoError(f.t, f.bank.SendCoinsFromModuleToAccount(f.ctx, faucet, addr, coins))
}

func (f *fixture) balance(addr sdk.AccAddress) int64 {
	return f.bank.GetBalance(f.ctx, addr, types.Denom).Amount.Int64()
}

// held is what the deposit account of a payer holds.
func (f *fixture) held(payer sdk.AccAddress) int64 {
	return f.balance(types.DepositAddress(payer))
}

func (f *fixture) supply() int64 {
	return f.bank.GetSupply(f.ctx, types.Denom).Amount.Int64()
}

// export is the module's whole state as exported, to compare states.
func (f *fixture) export() []byte {
	f.t.Helper()
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	data, err := gs.Marshal()
	require.NoError(f.t, err)
	return data
}

// rawStore is every key and value of the module's store.
func (f *fixture) rawStore() map[string][]byte {
	all := make(map[string][]byte)
	iterator := f.ctx.KVStore(f.key).Iterator(nil, nil)
	defer func() { require.NoError(f.t, iterator.Close()) }()
	for ; iterator.Valid(); iterator.Next() {
		all[string(iterator.Key())] = iterator.Value()
	}
	return all
}

// contributorHas tells whether the contributor index leads to a hash.
func (f *fixture) contributorHas(addr sdk.AccAddress, sha256 []byte) bool {
	f.t.Helper()
	has, err := f.keeper.ByContributor.Has(f.ctx, collections.Join(addr, sha256))
	require.NoError(f.t, err)
	return has
}

// freshEvents makes eventsOf start from here.
func (f *fixture) freshEvents() { f.ctx = f.ctx.WithEventManager(sdk.NewEventManager()) }

// eventsOf gives the typed events of one kind, in order.
func eventsOf[E proto.Message](f *fixture) []E {
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

package keeper_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/runtime"
	rootstore "github.com/cosmos/cosmos-sdk/store/v2"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	epochskeeper "github.com/cosmos/cosmos-sdk/x/epochs/keeper"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"

	"github.com/virusmap/virusmap/x/supernode/keeper"
	"github.com/virusmap/virusmap/x/supernode/types"
)

const (
	prefix   = "vmt"
	denom    = "uvmt"
	faucet   = "faucet"
	timer    = "term"
	term     = time.Minute
	minBond  = 1_000
	unbond   = 100
	grace    = 5
	perBlock = 2

	redelegate    = 10
	minDelegation = 100
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount(prefix, prefix+"pub")
	os.Exit(m.Run())
}

// fixture is a chain of the modules the keeper lives with: auth, bank and epochs.
type fixture struct {
	t         testing.TB
	ctx       sdk.Context
	cdc       codec.Codec
	accounts  authkeeper.AccountKeeper
	bank      bankkeeper.BaseKeeper
	epochs    epochskeeper.Keeper
	keeper    *keeper.Keeper
	msgs      types.MsgServer
	queries   types.QueryServer
	authority string
	// damaged is set by tests that break the state on purpose.
	damaged bool
}

func testParams() types.Params {
	params := types.DefaultParams()
	params.MaxActive = 3
	params.MinSelfBond = coin(minBond)
	params.UnbondingSeconds = unbond
	params.EpochIdentifier = timer
	params.VaultKeyGraceBlocks = grace
	params.EpochsKept = 2
	params.MaxUnbondingsPerBlock = perBlock
	params.MaxUnbondingsPerDelegation = 3
	params.RedelegationSeconds = redelegate
	params.MinDelegation = minDelegation
	params.LivenessWindow = 8
	params.JailSeconds = 30
	params.MaxJails = 3
	return params
}

// newChain is a chain without state of x/supernode.
func newChain(t testing.TB) *fixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, epochstypes.StoreKey, types.StoreKey)
	cdc := codectestutil.CodecOptions{AccAddressPrefix: prefix}.NewCodec()
	authtypes.RegisterInterfaces(cdc.InterfaceRegistry())
	vestingtypes.RegisterInterfaces(cdc.InterfaceRegistry())
	types.RegisterInterfaces(cdc.InterfaceRegistry())
	authority := authtypes.NewModuleAddress("gov").String()
	service := func(name string) store.KVStoreService { return runtime.NewKVStoreService(keys[name]) }

	accounts := authkeeper.NewAccountKeeper(cdc, service(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		map[string][]string{faucet: {authtypes.Minter}, types.ModuleName: {authtypes.Burner}}, address.NewBech32Codec(prefix), prefix, authority)
	f := &fixture{
		t:         t,
		ctx:       newContext(t, keys).WithBlockHeight(1).WithBlockTime(time.Unix(1_800_000_000, 0).UTC()),
		cdc:       cdc,
		accounts:  accounts,
		bank:      bankkeeper.NewBaseKeeper(cdc, service(banktypes.StoreKey), accounts, nil, authority, log.NewNopLogger()),
		epochs:    epochskeeper.NewKeeper(service(epochstypes.StoreKey), cdc),
		authority: authority,
	}
	f.keeper = keeper.NewKeeper(cdc, service(types.StoreKey), f.bank, authority)
	f.msgs = keeper.NewMsgServer(f.keeper)
	f.queries = keeper.NewQueryServer(f.keeper)
	f.epochs.SetHooks(f.keeper.EpochHooks())

	accounts.InitGenesis(f.ctx, *authtypes.DefaultGenesisState())
	require.NoError(t, f.epochs.InitGenesis(f.ctx, epochstypes.GenesisState{
		Epochs: []epochstypes.EpochInfo{epochstypes.NewGenesisEpochInfo("other", term), epochstypes.NewGenesisEpochInfo(timer, term)},
	}))
	t.Cleanup(func() {
		if !f.damaged && !t.Failed() {
			require.NoError(t, f.keeper.AllInvariants(f.ctx))
		}
	})
	return f
}

func newContext(t testing.TB, keys map[string]*storetypes.KVStoreKey) sdk.Context {
	t.Helper()
	stores := rootstore.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger())
	for _, key := range keys {
		stores.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, stores.LoadLatestVersion())
	return sdk.NewContext(stores, cmtproto.Header{}, false, log.NewNopLogger())
}

// newFixture is a chain with the test parameters and no supernodes, before its
// first epoch.
func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := newChain(t)
	require.NoError(t, f.keeper.InitGenesis(f.ctx, &types.GenesisState{Params: testParams()}))
	return f
}

// nextBlock ends the block and begins the next one, which is later by passed.
func (f *fixture) nextBlock(passed time.Duration) {
	f.t.Helper()
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithBlockTime(f.ctx.BlockTime().Add(passed)).
		WithEventManager(sdk.NewEventManager())
	require.NoError(f.t, f.epochs.BeginBlocker(f.ctx))
}

// nextEpoch begins the block at which the timer ticks.
func (f *fixture) nextEpoch() uint64 {
	f.t.Helper()
	info, err := f.epochs.EpochInfo.Get(f.ctx, timer)
	require.NoError(f.t, err)
	due := f.ctx.BlockTime()
	if info.EpochCountingStarted {
		due = info.CurrentEpochStartTime.Add(info.Duration + time.Second)
	}
	f.nextBlock(due.Sub(f.ctx.BlockTime()))
	info, err = f.epochs.EpochInfo.Get(f.ctx, timer)
	require.NoError(f.t, err)
	return uint64(info.CurrentEpoch)
}

// deliver runs a message as a transaction: a failed one leaves nothing behind.
func deliver[Req, Res any](f *fixture, handler func(context.Context, Req) (Res, error), msg Req) (Res, error) {
	cached, write := f.ctx.CacheContext()
	res, err := handler(cached, msg)
	if err == nil {
		write()
	}
	return res, err
}

func (f *fixture) fund(account sdk.AccAddress, coins ...sdk.Coin) {
	f.t.Helper()
	require.NoError(f.t, f.bank.MintCoins(f.ctx, faucet, sdk.NewCoins(coins...)))
	require.NoError(f.t, f.bank.SendCoinsFromModuleToAccount(f.ctx, faucet, account, sdk.NewCoins(coins...)))
}

func (f *fixture) balance(account sdk.AccAddress) int64 {
	return f.bank.GetBalance(f.ctx, account, denom).Amount.Int64()
}

// register funds and registers the operator of a number with a bond.
func (f *fixture) register(number byte, bond int64) sdk.AccAddress {
	f.t.Helper()
	f.fund(operator(number), coin(bond))
	_, err := deliver(f, f.msgs.Register, &types.MsgRegister{
		Operator: operator(number).String(), Profile: profile(number), SelfBond: coin(bond),
	})
	require.NoError(f.t, err)
	return operator(number)
}

func (f *fixture) retire(number byte) int64 {
	f.t.Helper()
	res, err := deliver(f, f.msgs.Retire, &types.MsgRetire{Operator: operator(number).String()})
	require.NoError(f.t, err)
	return res.ReleaseTime
}

// seats returns the first bytes of the operators of an epoch in rank order.
func (f *fixture) seats(epoch uint64) []byte {
	f.t.Helper()
	table, err := f.keeper.Seats(f.ctx, epoch)
	require.NoError(f.t, err)
	numbers := make([]byte, len(table))
	for i, seat := range table {
		account, err := sdk.AccAddressFromBech32(seat.Operator)
		require.NoError(f.t, err)
		numbers[i] = account[0]
	}
	return numbers
}

// emitted counts the events of a type in the current block.
func (f *fixture) emitted(event proto.Message) int {
	count := 0
	for _, e := range f.ctx.EventManager().Events() {
		if e.Type == proto.MessageName(event) {
			count++
		}
	}
	return count
}

func coin(amount int64) sdk.Coin { return sdk.NewCoin(denom, math.NewInt(amount)) }

// operator returns an account whose bytes sort by number.
func operator(number byte) sdk.AccAddress { return bytes.Repeat([]byte{number}, 20) }

func sidecar(number byte) sdk.AccAddress {
	return append(bytes.Repeat([]byte{0xff}, 19), number)
}

// recipient is the same in each run, so that fuzz seeds stay what they were.
var recipient = sync.OnceValue(func() string {
	secret, err := bech32.ConvertAndEncode("age-secret-key-pq-", make([]byte, 32))
	if err != nil {
		panic(err)
	}
	identity, err := age.ParseHybridIdentity(strings.ToUpper(secret))
	if err != nil {
		panic(err)
	}
	return identity.Recipient().String()
})

func profile(number byte) types.Profile {
	return types.Profile{
		Sidecar:    sidecar(number).String(),
		Moniker:    "scanner",
		Endpoints:  []string{"https://scanner.example:8443/api"},
		PeerId:     "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA",
		Multiaddrs: []string{"/ip4/192.0.2.1/tcp/4001"},
		Recipient:  recipient(),
	}
}

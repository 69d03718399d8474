package keeper_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
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
	vmtPrefix = "vmt"
	mintery   = "mintery" // a module account that mints what tests need
	// onePoint is a whole sample in points.
	onePoint = 1_000_000
	// perEpoch is what the schedule of the fixture gives in each epoch of the first period.
	perEpoch = 500_000
)

func init() { sdk.GetConfig().SetBech32PrefixForAccount(vmtPrefix, vmtPrefix+"pub") }

// holder is the account of a role.
func holder(role string) sdk.AccAddress {
	hash := sha256.Sum256([]byte(role))
	return hash[:20]
}

// treasuryFixture is a chain of the real keepers over a real multistore, with a treasury.
type treasuryFixture struct {
	t         testing.TB
	ctx       sdk.Context
	keeper    *keeper.Keeper
	msgs      types.MsgServer
	queries   types.QueryServer
	accounts  authkeeper.AccountKeeper
	bank      bankkeeper.BaseKeeper
	samples   *sampleskeeper.Keeper
	supernode *supernodekeeper.Keeper
	nodes     supernodetypes.MsgServer
}

// smallSchedule gives perEpoch in each epoch of the first period.
func smallSchedule() types.Schedule {
	treasury := types.DefaultAllocation().Contribution
	return types.Schedule{Treasury: treasury, PeriodEpochs: treasury.Uint64() / (2 * perEpoch), Tail: math.ZeroInt()}
}

// newTreasury starts at height 1 with an empty epoch 0. Its targets are 10 samples of
// contributors and of engines, and 1 GiB-day.
func newTreasury(t testing.TB, schedule types.Schedule) *treasuryFixture {
	t.Helper()
	gs := types.DefaultGenesis()
	allocated := schedule.Treasury.Equal(types.DefaultAllocation().Contribution)
	if allocated {
		gs.Allocation, gs.Schedule = types.DefaultAllocation(), schedule
	}
	gs.Params.ContributorTargetSamples, gs.Params.EngineTargetSamples, gs.Params.StorageTargetGibDays = 10, 10, 1
	f := newBareTreasury(t)
	f.accounts.GetModuleAccount(f.ctx, types.ModuleName)
	treasury := authtypes.NewModuleAddress(types.ModuleName)
	if allocated {
		f.mint(treasury, schedule.Treasury.Int64())
		f.mint(holder(reserve), types.TotalSupply.Sub(schedule.Treasury).Int64())
		require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
		return f
	}
	// No genesis allows so small a treasury.
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	f.mint(treasury, schedule.Treasury.Int64())
	require.NoError(t, f.keeper.Schedule.Set(f.ctx, schedule))
	return f
}

// newBareTreasury is a chain on which x/bounty has no state.
func newBareTreasury(t testing.TB) *treasuryFixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, distributiontypes.StoreKey,
		supernodetypes.StoreKey, samplestypes.StoreKey, verdictstypes.StoreKey, types.StoreKey)
	cms := store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger())
	for _, key := range keys {
		cms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, cms.LoadLatestVersion())
	header := cmtproto.Header{Height: 1, Time: time.Unix(1_800_000_000, 0).UTC()}

	cdc := codectestutil.CodecOptions{AccAddressPrefix: vmtPrefix}.NewCodec()
	authtypes.RegisterInterfaces(cdc.InterfaceRegistry())
	in := func(name string) corestore.KVStoreService { return runtime.NewKVStoreService(keys[name]) }
	authority := authtypes.NewModuleAddress("gov").String()
	f := &treasuryFixture{t: t, ctx: sdk.NewContext(cms, header, false, log.NewNopLogger())}
	f.accounts = authkeeper.NewAccountKeeper(cdc, in(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		map[string][]string{
			mintery: {authtypes.Minter}, types.ModuleName: {authtypes.Burner},
			samplestypes.ModuleName: {authtypes.Burner}, distributiontypes.ModuleName: nil,
		},
		address.NewBech32Codec(vmtPrefix), vmtPrefix, authority)
	f.bank = bankkeeper.NewBaseKeeper(cdc, in(banktypes.StoreKey), f.accounts, nil, authority, log.NewNopLogger())
	distribution := distributionkeeper.NewKeeper(cdc, in(distributiontypes.StoreKey), f.accounts, f.bank, nil, authtypes.FeeCollectorName, authority)
	f.supernode = supernodekeeper.NewKeeper(cdc, in(supernodetypes.StoreKey), f.bank, authority)
	f.samples = sampleskeeper.NewKeeper(cdc, in(samplestypes.StoreKey), f.bank, distribution, f.supernode, authority)
	verdicts := verdictskeeper.NewKeeper(cdc, in(verdictstypes.StoreKey), f.bank, distribution, f.samples, f.supernode, authority)
	f.keeper = keeper.NewKeeper(cdc, in(types.StoreKey), f.accounts, f.bank, f.samples, verdicts, f.supernode, authority)
	f.msgs, f.queries = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)
	f.nodes = supernodekeeper.NewMsgServer(f.supernode)

	require.NoError(t, f.accounts.Params.Set(f.ctx, authtypes.DefaultParams()))
	require.NoError(t, f.bank.SetParams(f.ctx, banktypes.DefaultParams()))
	require.NoError(t, distribution.FeePool.Set(f.ctx, distributiontypes.InitialFeePool()))
	require.NoError(t, f.supernode.InitGenesis(f.ctx, supernodetypes.DefaultGenesis()))
	require.NoError(t, f.samples.InitGenesis(f.ctx, *samplestypes.DefaultGenesis()))
	require.NoError(t, verdicts.InitGenesis(f.ctx, *verdictstypes.DefaultGenesis()))
	return f
}

// reserve has what of the supply nobody has got yet.
const reserve = "reserve"

// mint gives coins out of the reserve once the whole supply is there.
func (f *treasuryFixture) mint(to sdk.AccAddress, amount int64) {
	f.t.Helper()
	if amount == 0 {
		return
	}
	coins := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, amount))
	if f.bank.GetSupply(f.ctx, types.Denom).Amount.AddRaw(amount).GT(types.TotalSupply) {
		require.NoError(f.t, f.bank.SendCoins(f.ctx, holder(reserve), to, coins))
		return
	}
	require.NoError(f.t, f.bank.MintCoins(f.ctx, mintery, coins))
	require.NoError(f.t, f.bank.SendCoins(f.ctx, authtypes.NewModuleAddress(mintery), to, coins))
}

func (f *treasuryFixture) balance(of sdk.AccAddress) int64 {
	return f.bank.GetBalance(f.ctx, of, types.Denom).Amount.Int64()
}

// left is what the treasury has.
func (f *treasuryFixture) left() int64 {
	return f.balance(authtypes.NewModuleAddress(types.ModuleName))
}

// tx runs a handler as a transaction: its writes stay only if it succeeds.
func (f *treasuryFixture) tx(run func(ctx context.Context) error) error {
	ctx, write := f.ctx.CacheContext()
	err := run(ctx)
	if err == nil {
		write()
	}
	return err
}

// endBlock ends the block, checks the invariants, and starts a block that is seconds later.
func (f *treasuryFixture) endBlock(seconds int64) {
	f.t.Helper()
	require.NoError(f.t, f.keeper.EndBlock(f.ctx))
	require.NoError(f.t, f.keeper.AllInvariants(f.ctx))
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithEventManager(sdk.NewEventManager()).
		WithBlockTime(f.ctx.BlockTime().Add(time.Duration(seconds) * time.Second))
}

// nextEpoch starts an epoch and ends its first block, which settles the one before.
func (f *treasuryFixture) nextEpoch(seconds int64) uint64 {
	f.t.Helper()
	current, err := f.supernode.CurrentEpoch(f.ctx)
	require.NoError(f.t, err)
	f.seat(current.Number + 1)
	f.endBlock(seconds)
	return current.Number + 1
}

// seat starts an epoch.
func (f *treasuryFixture) seat(epoch uint64) {
	f.t.Helper()
	identifier := supernodetypes.DefaultParams().EpochIdentifier
	require.NoError(f.t, f.supernode.EpochHooks().BeforeEpochStart(f.ctx, identifier, int64(epoch)))
}

var ageRecipient = sync.OnceValue(func() string {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		panic(err)
	}
	return identity.Recipient().String()
})

// register registers supernodes, which are seated from the next epoch on. No two operators
// have the same account.
func (f *treasuryFixture) register(n int) []sdk.AccAddress {
	f.t.Helper()
	params, err := f.supernode.Params.Get(f.ctx)
	require.NoError(f.t, err)
	operators := make([]sdk.AccAddress, n)
	for i := range operators {
		operators[i] = sdk.AccAddress{0: 1, 19: byte(i)} // in order
		f.mint(operators[i], params.MinSelfBond.Amount.Int64())
		_, err := f.nodes.Register(f.ctx, &supernodetypes.MsgRegister{
			Operator: operators[i].String(), SelfBond: params.MinSelfBond,
			Profile: supernodetypes.Profile{
				Sidecar: holder(fmt.Sprint("sidecar ", i)).String(), Moniker: fmt.Sprint("supernode ", i), Recipient: ageRecipient(),
			},
		})
		require.NoError(f.t, err)
	}
	return operators
}

// earn gives points as the credits do.
func (f *treasuryFixture) earn(contributor sdk.AccAddress, points uint64) (given, capped uint64) {
	f.t.Helper()
	params, err := f.keeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	given, capped, _, err = f.keeper.GivePoints(f.ctx, contributor, points, params)
	require.NoError(f.t, err)
	return given, capped
}

// challenge ends storage challenges of an operator.
func (f *treasuryFixture) challenge(operator sdk.AccAddress, proved, missed int) {
	f.t.Helper()
	for i := range proved + missed {
		require.NoError(f.t, f.keeper.StorageHooks().AfterStorageChallenge(f.ctx, 0, operator, i < proved, 0))
	}
}

func (f *treasuryFixture) claim(contributor sdk.AccAddress) (amount int64, epochs uint32, err error) {
	err = f.tx(func(ctx context.Context) error {
		response, err := f.msgs.ClaimRewards(ctx, &types.MsgClaimRewards{Contributor: contributor.String()})
		if err == nil {
			amount, epochs = response.Amount.Int64(), response.Epochs
		}
		return err
	})
	return amount, epochs, err
}

func (f *treasuryFixture) rewards(epoch uint64) types.EpochRewards {
	f.t.Helper()
	response, err := f.queries.Epoch(f.ctx, &types.QueryEpochRequest{Epoch: epoch})
	require.NoError(f.t, err)
	return response.Rewards
}

func (f *treasuryFixture) setParams(change func(*types.Params)) {
	f.t.Helper()
	params, err := f.keeper.Params.Get(f.ctx)
	require.NoError(f.t, err)
	change(&params)
	authority := authtypes.NewModuleAddress("gov").String()
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: params})
	require.NoError(f.t, err)
}

// workAt is (epoch, operator).
func workAt(epoch uint64, operator sdk.AccAddress) collections.Pair[uint64, sdk.AccAddress] {
	return collections.Join(epoch, operator)
}

// typed gives the events of one kind of the current block, in order.
func typed[E proto.Message](f *treasuryFixture) (found []E) {
	f.t.Helper()
	for _, event := range f.ctx.EventManager().ABCIEvents() {
		message, err := sdk.ParseTypedEvent(event)
		if err != nil {
			continue // an untyped event of the bank
		}
		if of, ok := message.(E); ok {
			found = append(found, of)
		}
	}
	return found
}

package app

import (
	"github.com/spf13/cast"

	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	epochskeeper "github.com/cosmos/cosmos-sdk/x/epochs/keeper"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	evidencekeeper "github.com/cosmos/cosmos-sdk/x/evidence/keeper"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantkeeper "github.com/cosmos/cosmos-sdk/x/feegrant/keeper"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	bountykeeper "github.com/virusmap/virusmap/x/bounty/keeper"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	marketkeeper "github.com/virusmap/virusmap/x/market/keeper"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	sampleskeeper "github.com/virusmap/virusmap/x/samples/keeper"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Keepers are the modules' keepers.
type Keepers struct {
	AccountKeeper      authkeeper.AccountKeeper
	AuthzKeeper        authzkeeper.Keeper
	BankKeeper         bankkeeper.BaseKeeper
	ConsensusKeeper    consensuskeeper.Keeper
	DistributionKeeper distrkeeper.Keeper
	EpochsKeeper       *epochskeeper.Keeper
	EvidenceKeeper     *evidencekeeper.Keeper
	FeeGrantKeeper     feegrantkeeper.Keeper
	GovKeeper          *govkeeper.Keeper
	SlashingKeeper     slashingkeeper.Keeper
	StakingKeeper      *stakingkeeper.Keeper
	UpgradeKeeper      *upgradekeeper.Keeper

	SupernodeKeeper *supernodekeeper.Keeper
	SamplesKeeper   *sampleskeeper.Keeper
	VerdictsKeeper  *verdictskeeper.Keeper
	BountyKeeper    *bountykeeper.Keeper
	MarketKeeper    *marketkeeper.Keeper
}

// storeKeys are the names of the stores that last: one IAVL tree each.
func storeKeys() []string {
	return []string{
		authtypes.StoreKey, authzkeeper.StoreKey, banktypes.StoreKey, consensustypes.StoreKey,
		distrtypes.StoreKey, epochstypes.StoreKey, evidencetypes.StoreKey, feegrant.StoreKey,
		govtypes.StoreKey, slashingtypes.StoreKey, stakingtypes.StoreKey, upgradetypes.StoreKey,
		supernodetypes.StoreKey, samplestypes.StoreKey, verdictstypes.StoreKey, bountytypes.StoreKey,
		markettypes.StoreKey,
	}
}

// newKeepers builds the keepers in the order of their dependencies and ties the hooks.
func newKeepers(
	bApp *baseapp.BaseApp, enc Encoding, keys map[string]*storetypes.KVStoreKey,
	bankObjects *storetypes.ObjectStoreKey, appOpts servertypes.AppOptions,
) Keepers {
	var k Keepers
	cdc := enc.Codec
	authority := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	in := func(name string) store.KVStoreService { return runtime.NewKVStoreService(keys[name]) }

	k.ConsensusKeeper = consensuskeeper.NewKeeper(cdc, in(consensustypes.StoreKey), authority, runtime.EventService{})
	bApp.SetParamStore(k.ConsensusKeeper.ParamsStore)

	must(refuseMinters(modulePermissions()))
	k.AccountKeeper = authkeeper.NewAccountKeeper(
		cdc, in(authtypes.StoreKey), authtypes.ProtoBaseAccount, modulePermissions(),
		accountCodec(), Bech32Prefix, authority, authkeeper.WithUnorderedTransactions(true))
	k.BankKeeper = bankkeeper.NewBaseKeeper(
		cdc, in(banktypes.StoreKey), k.AccountKeeper, ModuleAddresses(), authority, bApp.Logger(),
	).WithObjStoreKey(bankObjects)
	k.AuthzKeeper = authzkeeper.NewKeeper(
		in(authzkeeper.StoreKey), cdc, bApp.MsgServiceRouter(), k.AccountKeeper).SetBankKeeper(k.BankKeeper)
	k.FeeGrantKeeper = feegrantkeeper.NewKeeper(
		cdc, in(feegrant.StoreKey), k.AccountKeeper).SetBankKeeper(k.BankKeeper)

	k.StakingKeeper = stakingkeeper.NewKeeper(
		cdc, in(stakingtypes.StoreKey), k.AccountKeeper, k.BankKeeper, authority, validatorCodec(), consensusCodec())
	k.DistributionKeeper = distrkeeper.NewKeeper(
		cdc, in(distrtypes.StoreKey), k.AccountKeeper, k.BankKeeper, k.StakingKeeper,
		authtypes.FeeCollectorName, authority)
	k.SlashingKeeper = slashingkeeper.NewKeeper(
		cdc, enc.Amino, in(slashingtypes.StoreKey), k.StakingKeeper, authority)
	k.StakingKeeper.SetHooks(stakingtypes.NewMultiStakingHooks(
		k.DistributionKeeper.Hooks(), k.SlashingKeeper.Hooks()))
	k.EvidenceKeeper = evidencekeeper.NewKeeper(
		cdc, in(evidencetypes.StoreKey), k.StakingKeeper, k.SlashingKeeper, accountCodec(),
		runtime.ProvideCometInfoService())
	k.GovKeeper = govkeeper.NewKeeper(
		cdc, in(govtypes.StoreKey), k.AccountKeeper, k.BankKeeper, k.DistributionKeeper,
		bApp.MsgServiceRouter(), govtypes.DefaultConfig(), authority,
		govkeeper.NewDefaultCalculateVoteResultsAndVotingPower(k.StakingKeeper))
	k.UpgradeKeeper = upgradekeeper.NewKeeper(
		skippedUpgrades(appOpts), in(upgradetypes.StoreKey), cdc,
		cast.ToString(appOpts.Get(flags.FlagHome)), bApp, authority)

	k.SupernodeKeeper = supernodekeeper.NewKeeper(
		cdc, in(supernodetypes.StoreKey), k.BankKeeper, authority)
	k.SamplesKeeper = sampleskeeper.NewKeeper(
		cdc, in(samplestypes.StoreKey), k.BankKeeper, k.DistributionKeeper, k.SupernodeKeeper, authority)
	k.VerdictsKeeper = verdictskeeper.NewKeeper(
		cdc, in(verdictstypes.StoreKey), k.BankKeeper, k.DistributionKeeper,
		k.SamplesKeeper, k.SupernodeKeeper, authority)
	k.BountyKeeper = bountykeeper.NewKeeper(
		cdc, in(bountytypes.StoreKey), k.AccountKeeper, k.BankKeeper,
		k.SamplesKeeper, k.VerdictsKeeper, k.SupernodeKeeper, authority)
	k.MarketKeeper = marketkeeper.NewKeeper(
		cdc, in(markettypes.StoreKey), k.AccountKeeper, k.BankKeeper,
		k.SamplesKeeper, k.VerdictsKeeper, k.SupernodeKeeper, k.BountyKeeper, authority)
	k.SupernodeKeeper.SetHooks(supernodetypes.NewMultiSupernodeHooks(
		k.VerdictsKeeper.SupernodeHooks(), k.SamplesKeeper.SupernodeHooks()))
	k.SamplesKeeper.SetHooks(k.VerdictsKeeper.SamplesHooks())
	k.SamplesKeeper.SetStorageHooks(samplestypes.MultiStorageHooks{
		k.SupernodeKeeper, k.BountyKeeper.StorageHooks(),
	})
	k.VerdictsKeeper.SetHooks(verdictstypes.NewMultiVerdictsHooks(
		k.BountyKeeper.VerdictsHooks(), k.MarketKeeper.VerdictsHooks()))

	epochs := epochskeeper.NewKeeper(in(epochstypes.StoreKey), cdc)
	k.EpochsKeeper = &epochs
	k.EpochsKeeper.SetHooks(epochstypes.NewMultiEpochHooks(k.SupernodeKeeper.EpochHooks()))
	return k
}

// skippedUpgrades are the heights that the operator told the node to skip.
func skippedUpgrades(appOpts servertypes.AppOptions) map[int64]bool {
	skipped := make(map[int64]bool)
	for _, height := range cast.ToIntSlice(appOpts.Get(server.FlagUnsafeSkipUpgrades)) {
		skipped[int64(height)] = true
	}
	return skipped
}

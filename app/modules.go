package app

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	authzmodule "github.com/cosmos/cosmos-sdk/x/authz/module"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	"github.com/cosmos/cosmos-sdk/x/distribution"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/epochs"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	"github.com/cosmos/cosmos-sdk/x/evidence"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantmodule "github.com/cosmos/cosmos-sdk/x/feegrant/module"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/cosmos-sdk/x/upgrade"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/virusmap/virusmap/x/bounty"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/market"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	"github.com/virusmap/virusmap/x/samples"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/supernode"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// SaleAccount is the module account that holds what of the sale is nobody's yet. Nobody
// can sign for it.
const SaleAccount = markettypes.ModuleName

// modulePermissions is what each module account may do. None may mint: the whole
// supply exists from genesis, and all that can happen to it is burning.
func modulePermissions() map[string][]string {
	return map[string][]string{
		authtypes.FeeCollectorName:          nil,
		distrtypes.ModuleName:               nil,
		govtypes.ModuleName:                 {authtypes.Burner},
		stakingtypes.BondedPoolName:         {authtypes.Burner, authtypes.Staking},
		stakingtypes.NotBondedPoolName:      {authtypes.Burner, authtypes.Staking},
		stakingtypes.KeyRotationFeePoolName: {authtypes.Burner},
		samplestypes.ModuleName:             {authtypes.Burner},
		supernodetypes.ModuleName:           {authtypes.Burner},
		bountytypes.ModuleName:              {authtypes.Burner},
		SaleAccount:                         {authtypes.Burner},
	}
}

// refuseMinters returns which module account may mint, if one may.
func refuseMinters(permissions map[string][]string) error {
	for _, name := range slices.Sorted(maps.Keys(permissions)) {
		if slices.Contains(permissions[name], authtypes.Minter) {
			return fmt.Errorf("module account %s may mint", name)
		}
	}
	return nil
}

// ModuleAddresses are the addresses of all module accounts. They cannot receive plain
// sends.
func ModuleAddresses() map[string]bool {
	addresses := make(map[string]bool)
	for name := range modulePermissions() {
		addresses[authtypes.NewModuleAddress(name).String()] = true
	}
	return addresses
}

// newModules returns the modules with the orders in which they run.
func newModules(app *App) *module.Manager {
	cdc, registry, k := app.Codec, app.Registry, &app.Keepers
	m := module.NewManager(
		auth.NewAppModule(cdc, k.AccountKeeper, nil),
		vestingAccounts{},
		authzmodule.NewAppModule(cdc, k.AuthzKeeper, k.AccountKeeper, k.BankKeeper, registry),
		bank.NewAppModule(cdc, k.BankKeeper, k.AccountKeeper),
		consensus.NewAppModule(cdc, k.ConsensusKeeper),
		distribution.NewAppModule(cdc, k.DistributionKeeper, k.AccountKeeper, k.BankKeeper, k.StakingKeeper),
		epochs.NewAppModule(k.EpochsKeeper),
		evidence.NewAppModule(*k.EvidenceKeeper),
		feegrantmodule.NewAppModule(cdc, k.AccountKeeper, k.BankKeeper, k.FeeGrantKeeper, registry),
		genutil.NewAppModule(k.AccountKeeper, k.StakingKeeper, app, app.TxConfig),
		gov.NewAppModule(cdc, k.GovKeeper, k.AccountKeeper, k.BankKeeper),
		slashing.NewAppModule(cdc, k.SlashingKeeper, k.AccountKeeper, k.BankKeeper, k.StakingKeeper, registry),
		staking.NewAppModule(cdc, k.StakingKeeper, k.AccountKeeper, k.BankKeeper),
		upgrade.NewAppModule(k.UpgradeKeeper, accountCodec()),
		supernode.NewAppModule(cdc, k.SupernodeKeeper),
		samples.NewAppModule(cdc, k.SamplesKeeper),
		verdicts.NewAppModule(cdc, k.VerdictsKeeper),
		bounty.NewAppModule(cdc, k.BountyKeeper),
		market.NewAppModule(cdc, k.MarketKeeper),
	)

	// Upgrades run before anything reads the state they change; x/auth then drops
	// expired nonces of unordered transactions.
	m.SetOrderPreBlockers(upgradetypes.ModuleName, authtypes.ModuleName)
	// Rewards are paid out before slashing can touch the stakes they were earned with.
	// An epoch's supernodes are seated by the hooks of x/epochs.
	m.SetOrderBeginBlockers(
		distrtypes.ModuleName, slashingtypes.ModuleName, evidencetypes.ModuleName,
		stakingtypes.ModuleName, authz.ModuleName, epochstypes.ModuleName)
	// x/bank first: it credits the fees that the block's transactions left in the
	// object store, so that nothing else sees balances without them.
	m.SetOrderEndBlockers(
		banktypes.ModuleName, govtypes.ModuleName, stakingtypes.ModuleName, feegrant.ModuleName,
		supernodetypes.ModuleName, samplestypes.ModuleName, verdictstypes.ModuleName,
		bountytypes.ModuleName, markettypes.ModuleName)
	// Accounts and balances come before whatever checks them; genutil delivers the
	// genesis transactions when every module they need is there.
	genesis := []string{
		authtypes.ModuleName, banktypes.ModuleName, distrtypes.ModuleName, stakingtypes.ModuleName,
		slashingtypes.ModuleName, govtypes.ModuleName, consensustypes.ModuleName, upgradetypes.ModuleName,
		vestingtypes.ModuleName, evidencetypes.ModuleName, authz.ModuleName, feegrant.ModuleName,
		supernodetypes.ModuleName, samplestypes.ModuleName, verdictstypes.ModuleName, bountytypes.ModuleName,
		markettypes.ModuleName, epochstypes.ModuleName, genutiltypes.ModuleName,
	}
	m.SetOrderInitGenesis(genesis...)
	m.SetOrderExportGenesis(genesis...)
	return m
}

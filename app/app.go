// Package app puts the modules of the VirusMap chain together: what they are built
// from (keepers.go), in which order they run (modules.go), what a transaction must
// pass before it runs (ante.go) and what a new chain starts with (genesis.go).
package app

import (
	"fmt"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	reflectionv1 "cosmossdk.io/api/cosmos/reflection/v1"
	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/baseapp/blockexec"
	runtimeservices "github.com/cosmos/cosmos-sdk/runtime/services"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/version"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app/upgrades"
)

var _ servertypes.Application = (*App)(nil)

// App is the chain's state machine.
type App struct {
	*baseapp.BaseApp
	Encoding
	Keepers

	// Modules are all modules with their orders; Basics are the parts of them that
	// need no state.
	Modules *module.Manager
	Basics  module.BasicManager

	keys         map[string]*storetypes.KVStoreKey
	configurator module.Configurator
	close        func() error
}

// New builds the state machine over db and, when loadLatest is set, loads the last
// committed state. It panics when the wiring is wrong, as nothing could run then.
func New(
	logger log.Logger, db dbm.DB, loadLatest bool, appOpts servertypes.AppOptions,
	options ...func(*baseapp.BaseApp),
) *App {
	return newApp(upgrades.All(), logger, db, loadLatest, appOpts, options...)
}

func newApp(
	planned []upgrades.Upgrade, logger log.Logger, db dbm.DB, loadLatest bool,
	appOpts servertypes.AppOptions, options ...func(*baseapp.BaseApp),
) *App {
	enc, err := newEncoding()
	must(err)
	options = append(options, baseapp.SetOptimisticExecution())
	bApp := baseapp.NewBaseApp(Name, logger, db, enc.TxConfig.TxDecoder(), options...)
	bApp.SetVersion(version.Version)
	bApp.SetInterfaceRegistry(enc.Registry)
	bApp.SetTxEncoder(enc.TxConfig.TxEncoder())

	app := &App{BaseApp: bApp, Encoding: enc, keys: storetypes.NewKVStoreKeys(storeKeys()...)}
	app.close = sync.OnceValue(bApp.Close)
	bankObjects := storetypes.NewObjectStoreKey(banktypes.ObjectStoreKey)
	app.Keepers = newKeepers(bApp, enc, app.keys, bankObjects, appOpts)
	app.Modules = newModules(app)
	app.Basics = newBasics(app.Modules)
	app.Basics.RegisterLegacyAminoCodec(enc.Amino)
	app.Basics.RegisterInterfaces(enc.Registry)
	app.registerServices()

	app.MountKVStores(app.keys)
	app.MountObjectStores(map[string]*storetypes.ObjectStoreKey{bankObjects.Name(): bankObjects})
	app.SetInitChainer(app.initChainer)
	app.SetPreBlocker(app.preBlocker)
	app.SetBeginBlocker(app.Modules.BeginBlock)
	app.SetEndBlocker(app.Modules.EndBlock)
	app.SetAnteHandler(newAnteHandler(enc, &app.Keepers, app.LatestContext))
	app.SetProcessProposal(boundedProposals(enc.TxConfig.TxDecoder()))
	blockexec.Apply(bApp, appOpts, stores(app.keys, bankObjects), enc.TxConfig.TxDecoder(),
		func(storetypes.MultiStore) string { return Denom })
	must(upgrades.Register(planned, app.UpgradeKeeper, app.Modules, app.configurator, app.SetStoreLoader))

	if loadLatest {
		must(app.LoadLatestVersion())
	}
	return app
}

// registerServices registers the message and query services of all modules.
func (app *App) registerServices() {
	app.configurator = module.NewConfigurator(app.Codec, app.MsgServiceRouter(), app.GRPCQueryRouter())
	must(app.Modules.RegisterServices(app.configurator))
	autocliv1.RegisterQueryServer(app.GRPCQueryRouter(), runtimeservices.NewAutoCLIQueryService(app.Modules.Modules))
	reflection, err := runtimeservices.NewReflectionService()
	must(err)
	reflectionv1.RegisterReflectionServiceServer(app.GRPCQueryRouter(), reflection)
}

// initChainer writes the genesis state.
func (app *App) initChainer(ctx sdk.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	state, err := UnmarshalGenesis(req.AppStateBytes)
	if err != nil {
		return nil, err
	}
	if err := app.UpgradeKeeper.SetModuleVersionMap(ctx, app.Modules.GetVersionMap()); err != nil {
		return nil, err
	}
	response, err := app.Modules.InitGenesis(ctx, app.Codec, state)
	if err != nil {
		return nil, err
	}
	return response, app.checkMinting(ctx)
}

func (app *App) preBlocker(ctx sdk.Context, _ *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
	return app.Modules.PreBlock(ctx)
}

// Close closes the databases. The server does so twice, and Pebble panics when it is
// closed again.
func (app *App) Close() error { return app.close() }

// CommandLine returns what builds the modules' commands.
func (app *App) CommandLine() autocli.AppOptions {
	modules := make(map[string]appmodule.AppModule, len(app.Modules.Modules))
	for name, m := range app.Modules.Modules {
		if m, ok := m.(appmodule.AppModule); ok {
			modules[name] = m
		}
	}
	return autocli.AppOptions{
		Modules:               modules,
		ModuleOptions:         runtimeservices.ExtractAutoCLIOptions(app.Modules.Modules),
		AddressCodec:          accountCodec(),
		ValidatorAddressCodec: validatorCodec(),
		ConsensusAddressCodec: consensusCodec(),
	}
}

// StoreKey returns the key of a store that lasts, nil when there is none of the name.
func (app *App) StoreKey(name string) *storetypes.KVStoreKey { return app.keys[name] }

// StoreNames returns the names of the stores that last, in no particular order.
func StoreNames() []string { return storeKeys() }

// stores returns every store whose state transactions may change; what is missing
// here, the parallel executor would not see.
func stores(keys map[string]*storetypes.KVStoreKey, objects ...storetypes.StoreKey) []storetypes.StoreKey {
	all := objects
	for _, key := range keys {
		all = append(all, key)
	}
	return all
}

func must(err error) {
	if err != nil {
		panic(fmt.Errorf("%s: %w", Name, err))
	}
}

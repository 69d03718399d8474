package app

import (
	"encoding/json"
	"errors"
	"fmt"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
)

// ErrZeroHeight tells why there is no export for a chain that starts over.
var ErrZeroHeight = errors.New(
	"export for height zero is not supported: open rounds, claims and bonds hold heights; " +
		"without the flag the exported genesis goes on at the next height")

// Export returns the state of the named modules, of all when none is named, as a
// genesis that goes on at the next height.
func (app *App) Export(modules []string) (servertypes.ExportedApp, error) {
	ctx := app.LatestContext()
	state, err := app.Modules.ExportGenesisForModules(ctx, app.Codec, modules)
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	appState, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	validators, err := staking.WriteValidators(ctx, app.StakingKeeper)
	if err != nil {
		return servertypes.ExportedApp{}, fmt.Errorf("validators: %w", err)
	}
	return servertypes.ExportedApp{
		AppState:        appState,
		Validators:      validators,
		Height:          app.LastBlockHeight() + 1,
		ConsensusParams: app.GetConsensusParams(ctx),
	}, nil
}

// LatestContext reads the last committed state; what is written to it is lost.
func (app *App) LatestContext() sdk.Context {
	ctx, _ := app.CommitContext().CacheContext()
	return ctx
}

// CommitContext reads the last committed state and writes into what the next commit
// keeps. It is for a node that is not running blocks yet.
func (app *App) CommitContext() sdk.Context {
	header := cmtproto.Header{ChainID: app.ChainID(), Height: app.LastBlockHeight()}
	ctx := sdk.NewContext(app.CommitMultiStore(), header, false, app.Logger())
	return ctx.WithConsensusParams(app.GetConsensusParams(ctx))
}

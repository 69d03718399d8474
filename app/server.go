package app

import (
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	"github.com/cosmos/cosmos-sdk/server/config"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"

	"github.com/virusmap/virusmap/app/openapi"
)

// RegisterAPIRoutes serves the modules over REST, and their description.
func (app *App) RegisterAPIRoutes(srv *api.Server, cfg config.APIConfig) {
	clientCtx, router := srv.ClientCtx, srv.GRPCGatewayRouter
	authtx.RegisterGRPCGatewayRoutes(clientCtx, router)
	cmtservice.RegisterGRPCGatewayRoutes(clientCtx, router)
	nodeservice.RegisterGRPCGatewayRoutes(clientCtx, router)
	app.Basics.RegisterGRPCGatewayRoutes(clientCtx, router)
	if cfg.Swagger {
		openapi.Register(srv.Router)
	}
}

// RegisterTxService serves simulation and look-up of transactions.
func (app *App) RegisterTxService(clientCtx client.Context) {
	authtx.RegisterTxService(app.GRPCQueryRouter(), clientCtx, app.Simulate, app.Registry)
}

// RegisterTendermintService serves blocks and validator sets.
func (app *App) RegisterTendermintService(clientCtx client.Context) {
	cmtservice.RegisterTendermintService(
		clientCtx, app.GRPCQueryRouter(), app.Registry, server.NewCometABCIWrapper(app).Query)
}

// RegisterNodeService serves the node's own settings and what history it keeps.
func (app *App) RegisterNodeService(clientCtx client.Context, cfg config.Config) {
	nodeservice.RegisterNodeService(clientCtx, app.GRPCQueryRouter(), cfg, app.CommitMultiStore().EarliestVersion)
}

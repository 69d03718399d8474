package cmd

import (
	"os"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	confixcmd "cosmossdk.io/tools/confix/cmd"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/client/pruning"
	"github.com/cosmos/cosmos-sdk/client/rpc"
	"github.com/cosmos/cosmos-sdk/client/snapshot"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"

	"github.com/virusmap/virusmap/app"
)

func addCommands(root *cobra.Command, blueprint *app.App) {
	server.AddCommandsWithStartCmdOptions(root, app.DefaultHome, newNode, exportState, server.StartCmdOptions{})
	root.AddCommand(
		inPlaceTestnetCommand(),
		initCommand(blueprint),
		genesisCommand(blueprint),
		testnetCommand(blueprint),
		debugCommand(),
		confixcmd.ConfigCommand(),
		pruning.Cmd(newNode, app.DefaultHome),
		snapshot.Cmd(newNode),
		server.ModuleHashByHeightQuery(newNode),
		server.StatusCommand(),
		keys.Commands(),
		queryCommand(),
		txCommand(),
	)
}

// newNode opens the application of a node.
func newNode(logger log.Logger, db dbm.DB, options servertypes.AppOptions) servertypes.Application {
	return app.New(logger, db, true, options, server.DefaultBaseappOptions(options)...)
}

// exportState returns the state of a stopped node as a genesis. The logger it is
// given writes to standard output, where the genesis goes.
func exportState(
	_ log.Logger, db dbm.DB, height int64, forZeroHeight bool, _ []string,
	options servertypes.AppOptions, modules []string,
) (servertypes.ExportedApp, error) {
	if forZeroHeight {
		return servertypes.ExportedApp{}, app.ErrZeroHeight
	}
	node := app.New(log.NewLogger(os.Stderr), db, height == -1, options, server.DefaultBaseappOptions(options)...)
	if height != -1 {
		if err := node.LoadVersion(height); err != nil {
			return servertypes.ExportedApp{}, err
		}
	}
	return node.Export(modules)
}

// queryCommand holds what autocli adds the modules' queries to.
func queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "query", Aliases: []string{"q"}, Short: "Query the chain",
		DisableFlagParsing: false, SuggestionsMinimumDistance: 2, RunE: client.ValidateCmd,
	}
	cmd.AddCommand(
		rpc.WaitTxCmd(),
		server.QueryBlockCmd(),
		server.QueryBlocksCmd(),
		server.QueryBlockResultsCmd(),
		authcmd.QueryTxsByEventsCmd(),
		authcmd.QueryTxCmd(),
	)
	return cmd
}

// txCommand holds what autocli adds the modules' messages to.
func txCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "tx", Short: "Sign and broadcast transactions",
		DisableFlagParsing: false, SuggestionsMinimumDistance: 2, RunE: client.ValidateCmd,
	}
	cmd.AddCommand(
		authcmd.GetSignCommand(),
		authcmd.GetSignBatchCommand(),
		authcmd.GetMultiSignCommand(),
		authcmd.GetMultiSignBatchCmd(),
		authcmd.GetValidateSignaturesCommand(),
		authcmd.GetBroadcastCommand(),
		authcmd.GetEncodeCommand(),
		authcmd.GetDecodeCommand(),
		authcmd.GetSimulateCmd(),
	)
	cmd.PersistentFlags().String(flags.FlagChainID, "", "The network chain ID")
	return cmd
}

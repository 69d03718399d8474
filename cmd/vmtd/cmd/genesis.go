package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/allocation"
)

// initCommand is the SDK's init with this chain's consensus parameters, which it
// would otherwise fill with CometBFT's: unbounded gas and blocks of many megabytes.
func initCommand(blueprint *app.App) *cobra.Command {
	cmd := genutilcli.InitCmd(blueprint.Basics, app.DefaultHome)
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := run(cmd, args); err != nil {
			return err
		}
		return editGenesisFile(cmd, func(_ client.Context, doc *genutiltypes.AppGenesis, _ app.GenesisState) error {
			doc.Consensus.Params = app.DefaultConsensusParams()
			return nil
		})
	}
	return cmd
}

// genesisCommand works on the genesis file of a node that has not started.
func genesisCommand(blueprint *app.App) *cobra.Command {
	cmd := genutilcli.Commands(blueprint.TxConfig, blueprint.Basics, app.DefaultHome)
	cmd.Short = "Work on the genesis file of a new chain"
	for _, sub := range cmd.Commands() {
		if sub.Name() == "validate" {
			checkAllModules(sub, blueprint)
		}
	}
	cmd.AddCommand(allocateCommand(), moveCommand(), addSupernodeCommand())
	return cmd
}

// checkAllModules lets the SDK's validate, which asks each module for its own part, also
// check what no module sees alone.
func checkAllModules(validate *cobra.Command, blueprint *app.App) {
	run := validate.RunE
	validate.RunE = func(cmd *cobra.Command, args []string) error {
		file := server.GetServerContextFromCmd(cmd).Config.GenesisFile()
		if len(args) != 0 {
			file = args[0]
		}
		state, _, err := genutiltypes.GenesisStateFromGenFile(file)
		if err != nil {
			return err
		}
		if err := allocation.Check(blueprint.Codec, state); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		return run(cmd, args)
	}
}

// editGenesisFile reads the genesis file of the home directory, lets edit change it
// and writes it back.
func editGenesisFile(
	cmd *cobra.Command,
	edit func(client.Context, *genutiltypes.AppGenesis, app.GenesisState) error,
) error {
	clientCtx := client.GetClientContextFromCmd(cmd)
	file := server.GetServerContextFromCmd(cmd).Config.SetRoot(clientCtx.HomeDir).GenesisFile()
	state, doc, err := genutiltypes.GenesisStateFromGenFile(file)
	if err != nil {
		return err
	}
	if err := edit(clientCtx, doc, state); err != nil {
		return err
	}
	if err := setAppState(doc, state); err != nil {
		return err
	}
	if err := doc.SaveAs(file); err != nil {
		return fmt.Errorf("genesis file: %w", err)
	}
	return nil
}

func addHomeFlag(cmd *cobra.Command) {
	cmd.Flags().String(flags.FlagHome, app.DefaultHome, "The node's home directory")
}

// Package cmd is the command tree of vmtd.
package cmd

import (
	"fmt"
	"os"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	clientconfig "github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	"github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/virusmap/virusmap/app"
)

// NewRoot returns the whole command tree.
func NewRoot() (*cobra.Command, error) {
	blueprint, err := newBlueprint()
	if err != nil {
		return nil, err
	}
	base := client.Context{}.
		WithCodec(blueprint.Codec).
		WithInterfaceRegistry(blueprint.Registry).
		WithTxConfig(blueprint.TxConfig).
		WithLegacyAmino(blueprint.Amino).
		WithInput(os.Stdin).
		WithAccountRetriever(types.AccountRetriever{}).
		WithHomeDir(app.DefaultHome).
		WithViper("VMTD")

	root := &cobra.Command{
		Use:          app.Name,
		Short:        "Node and command line of the VirusMap chain",
		SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(cmd.OutOrStdout())
			cmd.SetErr(cmd.ErrOrStderr())
			clientCtx, err := client.ReadPersistentCommandFlags(base.WithCmdContext(cmd.Context()), cmd.Flags())
			if err != nil {
				return err
			}
			if clientCtx, err = clientconfig.ReadFromClientConfig(clientCtx); err != nil {
				return err
			}
			if err := client.SetCmdClientContextHandler(clientCtx, cmd); err != nil {
				return err
			}
			return server.InterceptConfigsPreRunHandler(
				cmd, serverconfig.DefaultConfigTemplate, nodeConfig(), cometConfig())
		},
	}
	addCommands(root, blueprint)
	if err := blueprint.CommandLine().EnhanceRootCommand(root); err != nil {
		return nil, fmt.Errorf("commands of the modules: %w", err)
	}
	return root, nil
}

// newBlueprint returns an application without state, which knows the types and the
// commands of all modules.
func newBlueprint() (*app.App, error) {
	home, err := os.MkdirTemp("", app.Name)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(home)
	return app.New(log.NewNopLogger(), dbm.NewMemDB(), false, homeOption(home)), nil
}

// homeOption is the one setting a blueprint needs.
type homeOption string

func (home homeOption) Get(key string) any {
	if key == flags.FlagHome {
		return string(home)
	}
	return nil
}

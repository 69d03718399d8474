package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/server"
	sdk "github.com/cosmos/cosmos-sdk/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/app"
)

const flagGenesis = "genesis"

func debugCommand() *cobra.Command {
	cmd := debug.Cmd()
	cmd.AddCommand(invariantsCommand())
	return cmd
}

// invariantsCommand checks the rules that hold between blocks.
func invariantsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "invariants",
		Short: "Check the invariants of the state",
		Long: "Check the invariants of the last committed state of a stopped node, or of a genesis file as " +
			"`vmtd export` writes it. Prints every violation and fails when there is one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			clientCtx := client.GetClientContextFromCmd(cmd)
			file, err := cmd.Flags().GetString(flagGenesis)
			if err != nil {
				return err
			}
			var ctx sdk.Context
			var node *app.App
			if file != "" {
				node, ctx, err = importGenesis(file)
			} else {
				node, ctx, err = openState(cmd, clientCtx.HomeDir)
			}
			if err != nil {
				return err
			}
			err = errors.Join(node.CheckInvariants(ctx), node.Close())
			if err == nil {
				cmd.Printf("invariants hold at height %d\n", ctx.BlockHeight())
			}
			return err
		},
	}
	addHomeFlag(cmd)
	cmd.Flags().String(flagGenesis, "", "Check this genesis file instead of the node's state")
	return cmd
}

// openState opens the last committed state of a stopped node.
func openState(cmd *cobra.Command, home string) (*app.App, sdk.Context, error) {
	options := server.GetServerContextFromCmd(cmd).Viper
	db, err := dbm.NewDB("application", server.GetAppDBBackend(options), filepath.Join(home, "data"))
	if err != nil {
		return nil, sdk.Context{}, err
	}
	node := app.New(log.NewNopLogger(), db, true, homeOption(home))
	if node.LastBlockHeight() == 0 {
		return nil, sdk.Context{}, errors.Join(fmt.Errorf("%s has no state: the node never ran", home), node.Close())
	}
	return node, node.LatestContext(), nil
}

// importGenesis starts a chain in memory from a genesis file.
func importGenesis(file string) (*app.App, sdk.Context, error) {
	state, doc, err := genutiltypes.GenesisStateFromGenFile(file)
	if err != nil {
		return nil, sdk.Context{}, err
	}
	home, err := os.MkdirTemp("", app.Name)
	if err != nil {
		return nil, sdk.Context{}, err
	}
	defer os.RemoveAll(home)
	bz, err := json.Marshal(state)
	if err != nil {
		return nil, sdk.Context{}, err
	}
	params := doc.Consensus.Params.ToProto()
	node := app.New(log.NewNopLogger(), dbm.NewMemDB(), true, homeOption(home), baseapp.SetChainID(doc.ChainID))
	request := &abci.RequestInitChain{
		Time: doc.GenesisTime, ChainId: doc.ChainID, ConsensusParams: &params,
		AppStateBytes: bz, InitialHeight: doc.InitialHeight,
	}
	if _, err := node.InitChain(request); err != nil {
		return nil, sdk.Context{}, err
	}
	return node, node.GetContextForFinalizeBlock(nil), nil
}

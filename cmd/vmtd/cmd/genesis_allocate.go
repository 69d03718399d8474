package cmd

import (
	"encoding/json"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/allocation"
)

const flagExample = "example"

// allocateCommand brings the whole supply into being.
func allocateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "allocate <plan.json>",
		Short: "Divide the whole supply in the genesis file",
		Long: "Divide the whole supply of 1,000,000,000 VMT in the genesis file as a plan says, and print who gets " +
			"what. Contributors must get more than half. An amount is exact, as 1000000uvmt, or a share as 12.5%: a " +
			"part's of the supply, an account's of its part. Addresses may be names of keys in the keyring. Coins of " +
			"developers and supporters vest; what the sale gives to no account waits in a module account.\n\n" +
			"A plan can be carried out once. Nothing may be added to the supply afterwards: `vmtd genesis move` moves " +
			"coins between accounts.",
		Example: "vmtd genesis allocate --example > plan.json\nvmtd genesis allocate plan.json",
		Args: func(cmd *cobra.Command, args []string) error {
			if example, err := cmd.Flags().GetBool(flagExample); err != nil || example {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return printExample(cmd)
			}
			plan, err := readPlan(args[0])
			if err != nil {
				return err
			}
			var supply *allocation.Supply
			err = editGenesisFile(cmd, func(clientCtx client.Context, doc *genutiltypes.AppGenesis, state app.GenesisState) (err error) {
				supply, err = plan.Resolve(doc.GenesisTime, func(text string) (sdk.AccAddress, error) {
					return addressOf(clientCtx, text)
				})
				if err != nil {
					return err
				}
				return supply.WriteTo(clientCtx.Codec, state)
			})
			if err != nil {
				return err
			}
			return supply.Print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().Bool(flagExample, false, "Print a complete plan, for a chain that starts tomorrow, and do nothing")
	addHomeFlag(cmd)
	flags.AddKeyringFlags(cmd.Flags())
	return cmd
}

func printExample(cmd *cobra.Command) error {
	tomorrow := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	bz, err := json.MarshalIndent(allocation.Example(tomorrow), "", "  ")
	if err != nil {
		return err
	}
	cmd.Println(string(bz))
	return nil
}

func readPlan(path string) (allocation.Plan, error) {
	file, err := os.Open(path)
	if err != nil {
		return allocation.Plan{}, err
	}
	defer file.Close()
	return allocation.ParsePlan(file)
}

// Package cli holds the commands of x/bounty that are not made from its protos.
package cli

import (
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// NewQueryCommand holds the query commands of the module; autocli adds the others.
func NewQueryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: types.ModuleName, Short: "Querying commands for the " + types.ModuleName + " module",
		SuggestionsMinimumDistance: 2, RunE: client.ValidateCmd,
	}
	cmd.AddCommand(newExplainCommand())
	return cmd
}

// newExplainCommand prints the text of an explanation, or with --output json all of it.
func newExplainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [sha256]",
		Short: "Show every term of a sample's score and reward",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			clientCtx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			explained, err := types.NewQueryClient(clientCtx).Explain(cmd.Context(), &types.QueryExplainRequest{Sha256: args[0]})
			if err != nil {
				return err
			}
			if clientCtx.OutputFormat == flags.OutputFormatJSON {
				return clientCtx.PrintProto(explained)
			}
			return clientCtx.PrintString(explained.Text)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}

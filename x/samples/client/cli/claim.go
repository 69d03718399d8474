// Package cli holds the module's commands that need more than a message: files to read.
package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/tx"

	"github.com/virusmap/virusmap/x/samples/client/claims"
	"github.com/virusmap/virusmap/x/samples/types"
)

const (
	flagContributor = "contributor"
	flagOut         = "out"
	// maxFiles is what the chain takes in one message with its default parameters.
	maxFiles = 100
)

// NewTxCommand holds the commands that autocli cannot make; it adds the others.
func NewTxCommand() *cobra.Command {
	command := &cobra.Command{
		Use: types.ModuleName, Short: "Transactions commands for the samples module",
		DisableFlagParsing: false, SuggestionsMinimumDistance: 2, RunE: client.ValidateCmd,
	}
	command.AddCommand(newClaimCommand())
	return command
}

func newClaimCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "claim [file]...",
		Short: "Claim files before anybody sees them",
		Long: `claim publishes a hash for each file that tells nobody what it is, and keeps the salts
that open the claims in a file that only you can read. Once the claims are in a block,
submit the files with 'virusmap submit --claims': the credit is yours, whoever saw
the submission, the gateway included. A claim can be opened for claim_window_blocks.

Gateways claim by themselves; this is for who does not trust the gateway.`,
		Example: "vmtd tx samples claim invoice.pdf.exe --contributor vmt1... --from me --gas-prices 0.025uvmt",
		Args:    cobra.RangeArgs(1, maxFiles),
		RunE:    claim,
	}
	command.Flags().String(flagContributor, "", "account that is credited (default the one of --from)")
	command.Flags().String(flagOut, "", "new file for the salts (default virusmap-claims-TIME.json)")
	flags.AddTxFlagsToCmd(command)
	return command
}

func claim(command *cobra.Command, paths []string) error {
	clientCtx, err := client.GetClientTxContext(command)
	if err != nil {
		return err
	}
	contributor, err := command.Flags().GetString(flagContributor)
	if err != nil {
		return err
	}
	if contributor == "" {
		contributor = clientCtx.GetFromAddress().String()
	}
	file, err := claims.New(contributor, paths)
	if err != nil {
		return err
	}
	hashes, err := file.Hashes()
	if err != nil {
		return err
	}
	out, err := command.Flags().GetString(flagOut)
	if err != nil {
		return err
	}
	if out == "" {
		out = fmt.Sprintf("virusmap-claims-%s.json", time.Now().UTC().Format("20060102-150405"))
	}
	// Before the claims leave: a claim without its salt is worth nothing.
	if err := file.Write(out); err != nil {
		return fmt.Errorf("salts: %w", err)
	}
	command.PrintErrf("The salts are in %s. When the claims are in a block: virusmap submit --claims %s FILE...\n", out, out)
	clientCtx = clientCtx.WithOutput(command.OutOrStdout())
	message := &types.MsgClaimSubmissions{Claimant: clientCtx.GetFromAddress().String(), Hashes: hashes}
	return tx.GenerateOrBroadcastTxCLI(clientCtx, command.Flags(), message)
}

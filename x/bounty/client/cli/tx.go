// Package cli holds the commands of x/bounty that are not made from its protos.
package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

const (
	flagDuration   = "duration"
	flagStage      = "stage"
	flagTargetFile = "target-file"

	defaultDuration = 30 * 24 * time.Hour
)

// NewTxCommand holds the transaction commands of the module; autocli adds the others.
func NewTxCommand() *cobra.Command {
	command := &cobra.Command{
		Use: types.ModuleName, Short: "Transactions commands for the bounty module", RunE: client.ValidateCmd,
	}
	command.AddCommand(postBounty())
	return command
}

func postBounty() *cobra.Command {
	command := &cobra.Command{
		Use:   "post-bounty [kind] [target] [amount]",
		Short: "Offer money for an answer about a sample, or for a sample",
		Long: `Offer money for an answer about one sample (kind sample), or for a sample: by its MD5, SHA-1 or
SHA-256 (hash), by the family that engines label it with (family), or by a YARA rule (yara). The
target of the last is best given with --target-file.`,
		Example: `vmtd tx bounty post-bounty sample 275a021b… 100000000uvmt --duration 720h --from analyst
vmtd tx bounty post-bounty yara 100000000uvmt --target-file rule.yar --stage 1 --from analyst`,
		Args: func(cmd *cobra.Command, args []string) error {
			return cobra.ExactArgs(3-targetFiles(cmd))(cmd, args)
		},
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			clientCtx, err := client.GetClientTxContext(cmd)
			if err != nil {
				return err
			}
			msg, err := postBountyMsg(cmd, args)
			if err != nil {
				return err
			}
			msg.Funder = clientCtx.GetFromAddress().String()
			return tx.GenerateOrBroadcastTxCLI(clientCtx.WithOutput(cmd.OutOrStdout()), cmd.Flags(), msg)
		},
	}
	command.Flags().Duration(flagDuration, defaultDuration, "How long the bounty runs")
	command.Flags().Uint32(flagStage, 0, "Judgement that pays for a wanted sample: 0 is the first, then one per time it is judged again")
	command.Flags().String(flagTargetFile, "", "File with the target, in place of the argument")
	flags.AddTxFlagsToCmd(command)
	return command
}

// targetFiles is 1 when the target comes from a file, else 0.
func targetFiles(cmd *cobra.Command) int {
	if cmd.Flags().Changed(flagTargetFile) {
		return 1
	}
	return 0
}

func postBountyMsg(cmd *cobra.Command, args []string) (*types.MsgPostBounty, error) {
	kind, known := types.BountyKind_value["BOUNTY_KIND_"+strings.ToUpper(args[0])]
	if !known || kind == 0 {
		return nil, fmt.Errorf("kind %q is none of sample, hash, family, yara", args[0])
	}
	amount, err := sdk.ParseCoinNormalized(args[len(args)-1])
	if err != nil {
		return nil, fmt.Errorf("amount: %w", err)
	}
	duration, err := cmd.Flags().GetDuration(flagDuration)
	if err != nil {
		return nil, err
	}
	if duration < 0 {
		return nil, fmt.Errorf("--%s %s is negative", flagDuration, duration)
	}
	stage, err := cmd.Flags().GetUint32(flagStage)
	if err != nil {
		return nil, err
	}
	target := args[1]
	if targetFiles(cmd) > 0 {
		if target, err = readTarget(cmd); err != nil {
			return nil, err
		}
	}
	msg := &types.MsgPostBounty{
		Kind: types.BountyKind(kind), Target: canonical(types.BountyKind(kind), target), Amount: amount,
		DurationSeconds: uint64(duration / time.Second), Stage: stage,
	}
	return msg, types.ValidateTarget(msg.Kind, msg.Target)
}

func readTarget(cmd *cobra.Command) (string, error) {
	path, err := cmd.Flags().GetString(flagTargetFile)
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(path)
	return string(content), err
}

// canonical writes a target as the chain takes it: hashes and families in lower case, rules
// with the line ends of Unix.
func canonical(kind types.BountyKind, target string) string {
	if kind == types.BOUNTY_KIND_YARA {
		return strings.ReplaceAll(target, "\r\n", "\n")
	}
	return strings.ToLower(strings.TrimSpace(target))
}

package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/supernode/indexer"
	"github.com/virusmap/virusmap/supernode/node"
)

func indexRebuildCommand(home *string) *cobra.Command {
	var output *format
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Read the index from the chain and from IPFS again",
		Long: "Drop what the index has from the chain and read it again from the state of the node: rounds with their verdicts, or " +
			"their archive here, and samples. Then open the samples that this supernode can open, from its vault or its peers, and find " +
			"their MD5, SHA-1 and type where the index does not know them. API keys, quotas, names and submissions stay.\n\n" +
			"The supernode is stopped before that. A rebuild that was interrupted goes on where it was. Exit code 0 means that it is " +
			"done; what is missing all the same is counted: rounds that are pruned and not archived here, and samples that cannot be " +
			"opened here.",
		Example: "supernode index rebuild --home /var/lib/supernode\nsupernode index rebuild --output json | jq .missing_rounds",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := load(*home)
			if err != nil {
				return err
			}
			tell := func(state indexer.State) {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s: %d rounds, %d samples, %d files\n", state.Phase, state.Rounds, state.Samples, state.Files)
			}
			state, err := node.RebuildIndex(cmd.Context(), *home, cfg, log, tell)
			if *output == asJSON {
				return errors.Join(err, printRebuilt(cmd, state, err == nil))
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "rebuilt at height %d: %d rounds, %d samples, %d files\n"+
				"missing: the verdicts of %d rounds, other hashes of %d samples\n",
				state.Height, state.Rounds, state.Samples, state.Files, state.MissingRounds, state.Unopened)
			return err
		},
	}
	output = outputFlag(cmd, "text or json; progress goes to standard error")
	return cmd
}

func printRebuilt(cmd *cobra.Command, state indexer.State, done bool) error {
	return printJSON(cmd.OutOrStdout(), struct {
		indexer.State
		Done bool `json:"done"`
	}{state, done})
}

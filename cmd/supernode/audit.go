package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/node"
)

func auditCommand(home *string) *cobra.Command {
	var (
		output *format
		query  index.AuditQuery
	)
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Print the audit log, the newest entry first",
		Long: "Print who added and deleted keys, sent and deleted private files, read as an admin, used up a quota, and how many " +
			"requests had a wrong key. Addresses are pseudonyms. With json each entry is a line; --before with the id of the last " +
			"one goes on. The supernode may be running.",
		Example: "supernode audit --limit 20\nsupernode audit --action key_added --output json | jq -r .actor",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case query.Limit < 1 || query.Limit > index.MaxAuditPage:
				return fmt.Errorf("--limit: %d is not in 1..%d", query.Limit, index.MaxAuditPage)
			case query.Actor != "" && query.Action != "":
				return fmt.Errorf("--action: cannot be selected together with --actor")
			}
			if _, err := node.Load(*home); err != nil {
				return err
			}
			entries, err := node.Audit(cmd.Context(), *home, query)
			if err != nil {
				return err
			}
			return printAudit(cmd, entries, *output)
		},
	}
	output = outputFlag(cmd, "text or json")
	cmd.Flags().StringVar(&query.Actor, "actor", "", "only what this account or key (key:NAME) did")
	cmd.Flags().StringVar(&query.Action, "action", "", "only this action")
	cmd.Flags().StringVar(&query.Before, "before", "", "id of the entry after which to go on")
	cmd.Flags().IntVar(&query.Limit, "limit", 100, fmt.Sprintf("entries, 1..%d", index.MaxAuditPage))
	return cmd
}

func printAudit(cmd *cobra.Command, entries []index.AuditEntry, output format) error {
	out := cmd.OutOrStdout()
	encoder := json.NewEncoder(out)
	for _, e := range entries {
		var err error
		if output == asJSON {
			err = encoder.Encode(e)
		} else {
			_, err = fmt.Fprintf(out, "%s  %-22s  %-8s  %s  %s  %s\n", time.Unix(e.Time, 0).UTC().Format(time.RFC3339),
				e.Action, e.Result, printable(e.Actor), printable(e.Object), e.Address)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// printable keeps what came from outside from controlling a terminal.
func printable(text string) string {
	quoted := strconv.QuoteToGraphic(text)
	return quoted[1 : len(quoted)-1]
}

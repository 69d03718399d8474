package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/recount/recount"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// errDiffers makes the program fail when the chain's records are not what was counted.
var errDiffers = errors.New("the chain's records differ from the recount")

func newRoot() *cobra.Command {
	var (
		node, file, output, check string
		from, to                  int64
	)
	root := &cobra.Command{
		Use:   "recount",
		Short: "Work out the engines' track records from the chain's events",
		Long: "recount reads nothing but the events of the blocks and counts every engine's track record with code of its own. " +
			"It needs all blocks from the first one on. With --check it compares the result with what the chain says " +
			"and fails when they differ.",
		Example:       "recount --node http://127.0.0.1:26657 --check 127.0.0.1:9090\nrecount --events events.jsonl --output json",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("--output is %q, want text or json", output)
			}
			ledger := recount.New()
			height, err := to, error(nil)
			if file != "" {
				err = readFile(file, ledger.Apply)
			} else {
				height, err = readNode(cmd.Context(), node, from, to, ledger.Apply)
			}
			if err != nil {
				return err
			}
			records := ledger.Records()
			if err := printRecords(cmd.OutOrStdout(), records, output); err != nil || check == "" {
				return err
			}
			return compare(cmd, check, height, ledger)
		},
	}
	flags := root.Flags()
	flags.StringVar(&node, "node", "http://127.0.0.1:26657", "CometBFT RPC of a node that still has the blocks")
	flags.Int64Var(&from, "from", 1, "first height")
	flags.Int64Var(&to, "to", 0, "last height; 0 means the newest")
	flags.StringVar(&file, "events", "", "read events from a file with one JSON event per line instead")
	flags.StringVar(&output, "output", "text", "text or json")
	flags.StringVar(&check, "check", "", "gRPC address of a node to compare with")
	return root
}

// compare asks a node for its records. Those of the epochs that the chain may have
// forgotten by now are left out.
func compare(cmd *cobra.Command, address string, height int64, ledger *recount.Ledger) error {
	conn, err := dial(address)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, client := atHeight(cmd.Context(), height), types.NewQueryClient(conn)
	first, err := firstKept(ctx, client, ledger.NewestEpoch())
	if err != nil {
		return err
	}
	counted := recount.Since(ledger.Records(), first)
	chain, err := chainRecords(ctx, client, counted)
	if err != nil {
		return err
	}
	differences := recount.Compare(counted, recount.Since(chain, first))
	for _, difference := range differences {
		fmt.Fprintln(cmd.ErrOrStderr(), difference)
	}
	if len(differences) > 0 {
		return fmt.Errorf("%w: %d of %d", errDiffers, len(differences), len(counted))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%d records agree\n", len(counted))
	return nil
}

func printRecords(out io.Writer, records []types.TrackRecord, output string) error {
	if output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(records)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "operator\tengine\tepoch\tpoints\ttype\ttp\tfp\ttn\tfn\tmisses\tleads\tlead seconds\tbrier malicious\tbrier clean")
	for _, record := range records {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", record.Operator, record.Engine, record.Epoch, record.Points)
		for _, t := range record.Types {
			fmt.Fprintf(w, "\t\t\t\t%q\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", t.FileType, t.TruePositives, t.FalsePositives,
				t.TrueNegatives, t.FalseNegatives, t.Misses, t.Leads, t.LeadSeconds, t.BrierMalicious, t.BrierClean)
		}
	}
	return w.Flush()
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
	"github.com/virusmap/virusmap/cmd/recount/records"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

func newRecords() *cobra.Command {
	var (
		from          source
		output, check string
	)
	cmd := &cobra.Command{
		Use:   "records",
		Short: "Count the engines' track records",
		Long: "records counts every engine's track record. It needs all blocks from the first one on. With --check it " +
			"compares the result with what the chain says and fails when they differ.",
		Example: "recount records --node http://127.0.0.1:26657 --check 127.0.0.1:9090\nrecount records --events events.jsonl --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			ledger := records.New()
			height, err := from.read(cmd.Context(), func(block blocks.Block) error { return count(ledger, block) })
			if err != nil {
				return err
			}
			if err := printRecords(cmd.OutOrStdout(), ledger.Records(), output); err != nil || check == "" {
				return err
			}
			return compare(cmd, check, height, ledger)
		},
	}
	from.flags(cmd)
	flags := cmd.Flags()
	flags.Int64Var(&from.from, "from", 1, "first height")
	flags.StringVar(&output, "output", "text", "text or json")
	flags.StringVar(&check, "check", "", "gRPC address of a node to compare with")
	return cmd
}

// count applies the events of a block that bear on records.
func count(ledger *records.Ledger, block blocks.Block) error {
	for _, event := range block.Events {
		decoded, err := blocks.Decode(event)
		if err != nil {
			return err
		}
		if decoded == nil {
			continue
		}
		if err := ledger.Apply(decoded); err != nil {
			return err
		}
	}
	return nil
}

// compare asks a node for its records. Those of the epochs that the chain may have
// forgotten by now are left out.
func compare(cmd *cobra.Command, address string, height int64, ledger *records.Ledger) error {
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
	counted := records.Since(ledger.Records(), first)
	chain, err := chainRecords(ctx, client, counted)
	if err != nil {
		return err
	}
	differences := records.Compare(counted, records.Since(chain, first))
	for _, difference := range differences {
		fmt.Fprintln(cmd.ErrOrStderr(), difference)
	}
	if len(differences) > 0 {
		return fmt.Errorf("%w: %d of %d records", errDiffers, len(differences), len(counted))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%d records agree\n", len(counted))
	return nil
}

func printRecords(out io.Writer, counted []types.TrackRecord, output string) error {
	if output == "json" {
		return printJSON(out, counted)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "operator\tengine\tepoch\tpoints\ttype\ttp\tfp\ttn\tfn\tmisses\tleads\tlead seconds\tbrier malicious\tbrier clean")
	for _, record := range counted {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", record.Operator, record.Engine, record.Epoch, record.Points)
		for _, t := range record.Types {
			fmt.Fprintf(w, "\t\t\t\t%q\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", t.FileType, t.TruePositives, t.FalsePositives,
				t.TrueNegatives, t.FalseNegatives, t.Misses, t.Leads, t.LeadSeconds, t.BrierMalicious, t.BrierClean)
		}
	}
	return w.Flush()
}

func printJSON(out io.Writer, what any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(what)
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
	"github.com/virusmap/virusmap/cmd/recount/rewards"
)

func newRewards() *cobra.Command {
	var (
		from                          source
		genesis, export, save, output string
	)
	cmd := &cobra.Command{
		Use:   "rewards",
		Short: "Work out all rewards and compare them with what the chain says",
		Long: "rewards works out who earned what: emission, scores, points, the payments of operators, claims and what " +
			"returned to the treasury. It compares all of it with the events of x/bounty, the books with the balances, and " +
			"with --export the exported state too, and fails when anything differs by as much as 1 uvmt. How many bytes are " +
			"stored is in no event, so the KiB-days of an epoch are taken as told and only compared among the operators.",
		Example: "recount rewards --node http://127.0.0.1:26657 --save events.jsonl\n" +
			"vmtd export --output-document export.json && recount rewards --events events.jsonl --genesis genesis.json --export export.json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			state, err := from.genesis(cmd.Context(), genesis)
			if err != nil {
				return err
			}
			audit, err := rewards.New(state)
			if err != nil {
				return err
			}
			from.from = state.Height
			if err := from.audit(cmd.Context(), audit, save); err != nil {
				return err
			}
			if export != "" {
				if err := compareExport(audit, export); err != nil {
					return err
				}
			}
			if err := printReport(cmd.OutOrStdout(), audit, output); err != nil {
				return err
			}
			if different := audit.Report.Different(); different > 0 {
				return fmt.Errorf("%w: %d mismatches", errDiffers, different)
			}
			return nil
		},
	}
	from.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&genesis, "genesis", "", "genesis file of the chain; without it the node is asked")
	flags.StringVar(&export, "export", "", "state exported by vmtd after the last block, to compare with")
	flags.StringVar(&save, "save", "", "write the blocks to a file, for --events of a later run")
	flags.StringVar(&output, "output", "text", "text or json")
	return cmd
}

// audit reads all blocks, and writes them to a file when it has a name.
func (s *source) audit(ctx context.Context, audit *rewards.Audit, save string) (err error) {
	take := audit.Block
	if save != "" {
		file, err := os.Create(save)
		if err != nil {
			return err
		}
		defer file.Close()
		to := bufio.NewWriter(file)
		defer func() {
			if flushed := to.Flush(); err == nil {
				err = flushed
			}
		}()
		take = func(block blocks.Block) error {
			if err := blocks.Write(to, block); err != nil {
				return err
			}
			return audit.Block(block)
		}
	}
	_, err = s.read(ctx, take)
	return err
}

// genesis reads the genesis of the chain from a file, or from the node.
func (s *source) genesis(ctx context.Context, path string) (rewards.State, error) {
	if path != "" {
		return readState(path)
	}
	if s.file != "" {
		return rewards.State{}, fmt.Errorf("--events needs --genesis, as no node is asked")
	}
	node, err := blocks.Dial(s.node)
	if err != nil {
		return rewards.State{}, err
	}
	genesis, err := node.Genesis(ctx)
	if err != nil {
		return rewards.State{}, err
	}
	return rewards.ReadState(genesis.InitialHeight, genesis.AppState)
}

func readState(path string) (rewards.State, error) {
	genesis, err := genutiltypes.AppGenesisFromFile(path)
	if err != nil {
		return rewards.State{}, err
	}
	state, err := rewards.ReadState(genesis.InitialHeight, genesis.AppState)
	if err != nil {
		return rewards.State{}, fmt.Errorf("%s: %w", path, err)
	}
	return state, nil
}

func compareExport(audit *rewards.Audit, path string) error {
	state, err := readState(path)
	if err != nil {
		return err
	}
	return audit.Export(state)
}

func printReport(out io.Writer, audit *rewards.Audit, output string) error {
	report := audit.Report
	if output == "json" {
		return printJSON(out, report)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "up to block %d\tcompared\tdifferent\n", audit.Height())
	for _, row := range report.Rows {
		fmt.Fprintf(w, "%s\t%d\t%d\n", row.What, row.Compared, row.Different)
	}
	sums := report.Rewards
	fmt.Fprintf(w, "\nuvmt\t\nemitted\t%s\nfor contributors\t%s\nclaimed\t%s\nfor engines\t%s\nfor storage\t%s\n",
		sums.Emitted, sums.Contributors, sums.Claimed, sums.Engines, sums.Storage)
	if len(report.Mismatches) > 0 {
		fmt.Fprintf(w, "\nthe first %d of %d mismatches\n", len(report.Mismatches), report.Different())
	}
	for _, m := range report.Mismatches {
		fmt.Fprintf(w, "block %d: %s %s\n  recount: %s\n  chain:   %s\n", m.Height, m.What, m.Item, m.Recount, m.Chain)
	}
	return w.Flush()
}

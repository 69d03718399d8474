package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
)

// errDiffers makes the program fail when the chain says another thing than was counted.
var errDiffers = errors.New("the chain differs from the recount")

// newRoot counts records when no command is named.
func newRoot() *cobra.Command {
	root := newRecords()
	root.Use = "recount"
	root.Short = "Work out track records and rewards from the chain's events"
	root.Long = "recount reads nothing but what is public, the events of all blocks from the first one on, and counts " +
		"again with code of its own what the chain says: the track records of engines, and the rewards of everybody. " +
		"Without a command it counts records."
	root.Example = "recount records --check 127.0.0.1:9090\nrecount rewards --export export.json"
	root.SilenceUsage, root.SilenceErrors = true, true
	root.AddCommand(newRecords(), newRewards())
	return root
}

// source is where the blocks come from.
type source struct {
	node, file string
	from, to   int64
}

func (s *source) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.node, "node", "http://127.0.0.1:26657", "CometBFT RPC of a node that still has the blocks")
	flags.Int64Var(&s.to, "to", 0, "last height; 0 means the newest")
	flags.StringVar(&s.file, "events", "", "read events from a file with one JSON event per line instead")
}

// read hands over the blocks up to the last height, which it returns.
func (s *source) read(ctx context.Context, take func(blocks.Block) error) (last int64, err error) {
	bounded := func(block blocks.Block) error {
		if s.to > 0 && block.Height > s.to {
			return nil
		}
		last = block.Height
		return take(block)
	}
	if s.file != "" {
		return last, blocks.ReadFile(s.file, bounded)
	}
	node, err := blocks.Dial(s.node)
	if err != nil {
		return 0, err
	}
	to := s.to
	if to == 0 {
		if to, err = node.Newest(ctx); err != nil {
			return 0, err
		}
	}
	return to, node.Read(ctx, s.from, to, bounded)
}

func checkOutput(output string) error {
	if output != "text" && output != "json" {
		return fmt.Errorf("--output is %q, want text or json", output)
	}
	return nil
}

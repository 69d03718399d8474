package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/supernode/custody"
	"github.com/virusmap/virusmap/supernode/node"
)

func leaveCommand(home *string) *cobra.Command {
	var (
		output  *format
		timeout time.Duration
	)
	cmd := &cobra.Command{
		Use:   "leave",
		Short: "Hand over the samples of a retired supernode",
		Long: "Serve the vault until the operator has no seat and every sample in it is with all its new holders, as they say " +
			"themselves. Exit code 0 means that the supernode can be switched off without losing anything.\n\n" +
			"Before that, the operator sends \"vmtd tx supernode retire\", and the running supernode is stopped when the next " +
			"epoch has begun.",
		Example: "supernode leave --home /var/lib/supernode --timeout 6h\nsupernode leave --output json | jq .safe",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := load(*home)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeoutCause(cmd.Context(), timeout, fmt.Errorf("not handed over within %s", timeout))
			defer cancel()
			tell := func(state custody.Handover) { printProgress(cmd, state) }
			state, err := node.Leave(ctx, *home, cfg, log, tell)
			if *output == asJSON {
				err = errors.Join(err, printHandover(cmd, state))
			} else if err == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "everything is handed over; the supernode can be switched off")
			}
			return err
		},
	}
	output = outputFlag(cmd, "text or json; progress goes to standard error")
	cmd.Flags().DurationVar(&timeout, "timeout", time.Hour, "how long to wait")
	return cmd
}

func printProgress(cmd *cobra.Command, state custody.Handover) {
	seat := "has no seat"
	if state.Seated {
		seat = "still has a seat"
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "epoch %d: the operator %s; %d of %d samples are with all their holders\n",
		state.Epoch, seat, state.Confirmed, state.Held)
}

func printHandover(cmd *cobra.Command, state custody.Handover) error {
	return printJSON(cmd.OutOrStdout(), struct {
		custody.Handover
		Safe bool `json:"safe"`
	}{state, state.Safe()})
}

package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
)

const watchInterval = time.Second

// sighting is a change in the state of a watched file.
type sighting struct {
	SHA256   string `json:"sha256"`
	State    string `json:"state"`
	Outcome  string `json:"outcome,omitempty"`
	Detected string `json:"detections,omitempty"`
}

func (t *tool) watchCommand() *cobra.Command {
	var rpc string
	command := &cobra.Command{
		Use:   "watch [HASH|FILE...]",
		Short: "Follow analyses until they end, or the rounds of the chain",
		Long: `watch prints each step of the analyses of the given files and ends when all have an
outcome. Without files it prints the rounds of the chain as they open and end, until it
is interrupted; for that it asks the first RPC server of trust.json, or --rpc.`,
		Example: `  virusmap watch sample.bin
  virusmap watch --rpc http://127.0.0.1:26657`,
		RunE: func(command *cobra.Command, arguments []string) error {
			if len(arguments) > 0 {
				return t.watchFiles(command.Context(), arguments)
			}
			address, err := t.rpcServer(rpc)
			if err != nil {
				return err
			}
			return t.watchRounds(command.Context(), address)
		},
	}
	command.Flags().StringVar(&rpc, "rpc", "", "CometBFT RPC server (default the first of trust.json)")
	return command
}

// watchFiles asks for one file after the other, so that it never floods the host.
func (t *tool) watchFiles(ctx context.Context, arguments []string) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	var open []string
	for _, argument := range arguments {
		hash, err := resolve(ctx, argument)
		if err != nil {
			return err
		}
		open = append(open, hash)
	}
	seen := map[string]sighting{}
	for {
		var still []string
		for _, hash := range open {
			now, done, err := askState(ctx, client, hash)
			if err != nil {
				return err
			}
			if now != seen[hash] {
				seen[hash] = now
				if err := t.screen.put(now, t.sightingText(now)); err != nil {
					return err
				}
			}
			if !done {
				still = append(still, hash)
			}
		}
		if open = still; len(open) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(watchInterval):
		}
	}
}

func askState(ctx context.Context, client *api.Client, hash string) (now sighting, done bool, err error) {
	file, err := client.File(ctx, hash)
	if api.IsNotFound(err) {
		return sighting{SHA256: hash, State: "not known yet"}, false, nil
	}
	if err != nil {
		return sighting{}, false, err
	}
	attributes := file.Attributes
	now = sighting{SHA256: hash, State: stateOf(attributes.VirusMap), Outcome: attributes.VirusMap.Outcome}
	if attributes.Done() {
		now.Detected = detections(attributes.LastAnalysisStats)
	}
	return now, attributes.Done(), nil
}

func (t *tool) sightingText(now sighting) string {
	text := now.State
	if now.Outcome != "" {
		text += fmt.Sprintf(", %s (%s)", now.Outcome, now.Detected)
	}
	return printable(now.SHA256) + "  " + t.screen.paint(verdictColour(now.Outcome), printable(text))
}

package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain/light"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	rpcTimeoutSeconds = 10
	// maxCatchUp bounds the blocks that are read after a pause.
	maxCatchUp = 1000
)

// roundEvent is a step of a round, one line of the output.
type roundEvent struct {
	Height int64           `json:"height"`
	Type   string          `json:"type"`
	Event  json.RawMessage `json:"event"`
}

// rpcServer is the given one, or else the first of trust.json.
func (t *tool) rpcServer(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	config, err := light.ReadTrustFile(t.settings.Trust)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("no RPC server: %s does not exist; name a server with --rpc", t.settings.Trust)
	}
	if err != nil {
		return "", err
	}
	return config.RPC[0], nil
}

// watchRounds prints the rounds' events of every block from now on. A server that does
// not answer is asked again; that is told once per outage.
func (t *tool) watchRounds(ctx context.Context, address string) error {
	client, err := rpchttp.NewWithTimeout(address, "/websocket", rpcTimeoutSeconds)
	if err != nil {
		return usagef("--rpc %.100q: %s", address, err)
	}
	status, err := client.Status(ctx)
	if err != nil {
		return fmt.Errorf("RPC server %s: %w", address, err)
	}
	next := status.SyncInfo.LatestBlockHeight
	for down := false; ; {
		next, err = t.showRounds(ctx, client, next)
		if err != nil && ctx.Err() == nil && !down {
			fmt.Fprintf(t.screen.err, "virusmap: %s: %s; asking again\n", printable(address), printable(err.Error()))
		}
		down = err != nil
		select {
		case <-ctx.Done():
			return nil // the only way to end
		case <-time.After(watchInterval):
		}
	}
}

// showRounds prints the blocks from next up to the newest one and returns the one after.
func (t *tool) showRounds(ctx context.Context, client *rpchttp.HTTP, next int64) (int64, error) {
	status, err := client.Status(ctx)
	if err != nil {
		return next, err
	}
	tip := status.SyncInfo.LatestBlockHeight
	for next = max(next, tip-maxCatchUp); next <= tip; next++ {
		results, err := client.BlockResults(ctx, &next)
		if err != nil {
			return next, err
		}
		for _, event := range results.FinalizeBlockEvents {
			value, text := readRoundEvent(next, event)
			if text == "" {
				continue
			}
			if err := t.screen.put(value, printable(text)); err != nil {
				return next, err
			}
		}
	}
	return next, nil
}

// readRoundEvent returns "" for events that are not about rounds.
func readRoundEvent(height int64, event abci.Event) (roundEvent, string) {
	// BaseApp adds the mode to typed events, as text that is not JSON.
	event.Attributes = slices.DeleteFunc(event.Attributes, func(attribute abci.EventAttribute) bool { return attribute.Key == "mode" })
	message, err := sdk.ParseTypedEvent(event)
	if err != nil {
		return roundEvent{}, ""
	}
	var text string
	switch event := message.(type) {
	case *verdictstypes.EventRoundOpened:
		text = fmt.Sprintf("round %d opened with %d samples, commits until block %d", event.Round, event.Samples, event.CommitEndHeight)
	case *verdictstypes.EventRevealOpened:
		text = fmt.Sprintf("round %d has %d commits, reveals until block %d", event.Round, event.Commits, event.RevealEndHeight)
	case *verdictstypes.EventRoundFinal:
		text = fmt.Sprintf("round %d is final: %d samples, %d attestations", event.Round, event.Samples, event.Attestations)
	case *verdictstypes.EventRoundVoid:
		text = fmt.Sprintf("round %d is void: nobody attested, its samples wait for another", event.Round)
	default:
		return roundEvent{}, ""
	}
	encoded, err := json.Marshal(message)
	if err != nil {
		return roundEvent{}, ""
	}
	return roundEvent{height, event.Type, encoded}, fmt.Sprintf("block %d: %s", height, text)
}

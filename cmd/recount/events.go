package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// eventPrefix starts the type of every event that can bear on a record.
const eventPrefix = "virusmap.verdicts."

// maxLineBytes bounds one event of a file.
const maxLineBytes = 64 << 20

// line is an event as block_results gives it.
type line struct {
	Type       string                `json:"type"`
	Attributes []abci.EventAttribute `json:"attributes"`
}

// readFile applies the events of a file, one JSON object per line.
func readFile(path string, apply func(proto.Message) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader := bufio.NewReader(file)
	for number := 1; ; number++ {
		text, err := readLine(reader)
		if len(bytes.TrimSpace(text)) > 0 {
			var event line
			if err := json.Unmarshal(text, &event); err != nil {
				return fmt.Errorf("%s:%d: %w", path, number, err)
			}
			if err := applyEvent(abci.Event{Type: event.Type, Attributes: event.Attributes}, apply); err != nil {
				return fmt.Errorf("%s:%d: %w", path, number, err)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", path, number, err)
		}
	}
}

func readLine(reader *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, prefix, err := reader.ReadLine()
		text = append(text, part...)
		if len(text) > maxLineBytes {
			return nil, fmt.Errorf("line is longer than %d bytes", maxLineBytes)
		}
		if err != nil || !prefix {
			return text, err
		}
	}
}

// readNode applies the events of the blocks from..to and returns the last height.
func readNode(ctx context.Context, url string, from, to int64, apply func(proto.Message) error) (int64, error) {
	client, err := rpchttp.New(url, "/websocket")
	if err != nil {
		return 0, err
	}
	if to == 0 {
		info, err := client.ABCIInfo(ctx)
		if err != nil {
			return 0, err
		}
		to = info.Response.LastBlockHeight
	}
	for height := from; height <= to; height++ {
		results, err := client.BlockResults(ctx, &height)
		if err != nil {
			return 0, fmt.Errorf("block %d: %w", height, err)
		}
		for _, event := range inOrder(results.FinalizeBlockEvents, results.TxsResults) {
			if err := applyEvent(event, apply); err != nil {
				return 0, fmt.Errorf("block %d: %w", height, err)
			}
		}
	}
	return to, nil
}

// inOrder puts the events of a block in the order in which they happened: its begin, the
// transactions that succeeded, its end.
func inOrder(block []abci.Event, txs []*abci.ExecTxResult) []abci.Event {
	var begin, end []abci.Event
	for _, event := range block {
		if last := len(event.Attributes) - 1; last >= 0 && event.Attributes[last].Key == "mode" && event.Attributes[last].Value == "EndBlock" {
			end = append(end, event)
		} else {
			begin = append(begin, event)
		}
	}
	for _, tx := range txs {
		if tx.IsOK() {
			begin = append(begin, tx.Events...)
		}
	}
	return append(begin, end...)
}

// applyEvent decodes an event of x/verdicts. Other events, and those that this version
// does not know, are passed over.
func applyEvent(event abci.Event, apply func(proto.Message) error) error {
	if !strings.HasPrefix(event.Type, eventPrefix) || proto.MessageType(event.Type) == nil {
		return nil
	}
	typed := abci.Event{Type: event.Type}
	for _, attribute := range event.Attributes {
		// The SDK marks events with the phase of the block and the message, which is not JSON.
		if attribute.Key != "mode" && attribute.Key != "msg_index" {
			typed.Attributes = append(typed.Attributes, attribute)
		}
	}
	message, err := sdk.ParseTypedEvent(typed)
	if err != nil {
		return fmt.Errorf("event %s: %w", event.Type, err)
	}
	return apply(message)
}

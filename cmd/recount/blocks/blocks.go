// Package blocks reads what the blocks of a chain told, from a node or from a file that an
// earlier run has written.
package blocks

import (
	"fmt"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// prefix starts the type of every event of the project's modules.
const prefix = "virusmap."

// Block is what one block told.
type Block struct {
	Height int64
	// Time in unix seconds.
	Time int64
	// Events in the order in which they happened.
	Events []abci.Event
}

// New puts the events of a block in the order in which they happened: its begin, the
// transactions that succeeded, its end.
func New(height, time int64, block []abci.Event, txs []*abci.ExecTxResult) Block {
	var begin, end []abci.Event
	for _, event := range block {
		if Attribute(event, "mode") == "EndBlock" {
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
	return Block{Height: height, Time: time, Events: append(begin, end...)}
}

// Attribute returns the last attribute of a name; the SDK adds its own at the end.
func Attribute(event abci.Event, name string) string {
	for i := len(event.Attributes) - 1; i >= 0; i-- {
		if event.Attributes[i].Key == name {
			return event.Attributes[i].Value
		}
	}
	return ""
}

// Decode returns an event of the project's modules; nil for others and for those that
// this version does not know.
func Decode(event abci.Event) (proto.Message, error) {
	if !strings.HasPrefix(event.Type, prefix) || proto.MessageType(event.Type) == nil {
		return nil, nil
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
		return nil, fmt.Errorf("event %s: %w", event.Type, err)
	}
	return message, nil
}

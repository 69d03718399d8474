package blocks

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
)

func event(kind string, attributes ...string) abci.Event {
	e := abci.Event{Type: kind}
	for i := 0; i < len(attributes); i += 2 {
		e.Attributes = append(e.Attributes, abci.EventAttribute{Key: attributes[i], Value: attributes[i+1]})
	}
	return e
}

func TestBlocksAreInTheOrderOfTime(t *testing.T) {
	block := New(3, 4, []abci.Event{event("begin", "mode", "BeginBlock"), event("end", "mode", "EndBlock")}, []*abci.ExecTxResult{
		{Events: []abci.Event{event("first")}}, {Code: 1, Events: []abci.Event{event("failed")}}, {Events: []abci.Event{event("second")}},
	})
	var order []string
	for _, event := range block.Events {
		order = append(order, event.Type)
	}
	require.Equal(t, "begin first second end", strings.Join(order, " "))
}

func TestFilesGiveBackTheirBlocks(t *testing.T) {
	written := []Block{{Height: 1, Time: 10}, {Height: 2, Time: 11, Events: []abci.Event{event("a", "b", "c"), event("d")}}}
	var file bytes.Buffer
	for _, block := range written {
		require.NoError(t, Write(&file, block))
	}
	var again []Block
	require.NoError(t, read(bufio.NewReader(&file), func(b Block) error { again = append(again, b); return nil }))
	require.Equal(t, written, again)
}

func TestFilesThatAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":      "{",
		"neither":       "{}",
		"a block twice": `{"height":1}` + "\n" + `{"height":1}`,
		"a block back":  `{"height":2}` + "\n" + `{"type":"x"}` + "\n" + `{"height":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, read(bufio.NewReader(strings.NewReader(text)), func(Block) error { return nil }))
		})
	}
}

// What was read can be written, and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"type":"before"}` + "\n" + `{"height":1,"time":2}` + "\n" + `{"type":"a","attributes":[{"key":"b","value":"c"}]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		var first, second bytes.Buffer
		write := func(to *bytes.Buffer) func(Block) error {
			return func(b Block) error {
				if b.Height == 0 {
					return nil // those have no head
				}
				return Write(to, b)
			}
		}
		if read(bufio.NewReader(bytes.NewReader(file)), write(&first)) != nil {
			return
		}
		require.NoError(t, read(bufio.NewReader(bytes.NewReader(first.Bytes())), write(&second)))
		require.Equal(t, first.String(), second.String())
	})
}

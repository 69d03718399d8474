package blocks

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	abci "github.com/cometbft/cometbft/abci/types"
)

// maxLineBytes bounds one line of a file.
const maxLineBytes = 64 << 20

// line is the head of a block, or one of its events as block_results gives it.
type line struct {
	Height     int64                 `json:"height,omitempty"`
	Time       int64                 `json:"time,omitempty"`
	Type       string                `json:"type,omitempty"`
	Attributes []abci.EventAttribute `json:"attributes,omitempty"`
}

// Write writes a block: its head, then one event per line.
func Write(to io.Writer, block Block) error {
	encoder := json.NewEncoder(to)
	if err := encoder.Encode(line{Height: block.Height, Time: block.Time}); err != nil {
		return err
	}
	for _, event := range block.Events {
		if err := encoder.Encode(line{Type: event.Type, Attributes: event.Attributes}); err != nil {
			return err
		}
	}
	return nil
}

// ReadFile reads the blocks of a file. Events before the first head are those of a block
// without height.
func ReadFile(path string, take func(Block) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := read(bufio.NewReader(file), take); err != nil {
		return fmt.Errorf("%s:%w", path, err)
	}
	return nil
}

func read(reader *bufio.Reader, take func(Block) error) error {
	var block Block
	for number := 1; ; number++ {
		text, end := readLine(reader)
		if end != nil && !errors.Is(end, io.EOF) {
			return fmt.Errorf("%d: %w", number, end)
		}
		if len(bytes.TrimSpace(text)) > 0 {
			var next line
			if err := json.Unmarshal(text, &next); err != nil {
				return fmt.Errorf("%d: %w", number, err)
			}
			if next.Type != "" {
				block.Events = append(block.Events, abci.Event{Type: next.Type, Attributes: next.Attributes})
			} else if err := next.begin(&block, take); err != nil {
				return fmt.Errorf("%d: %w", number, err)
			}
		}
		if end != nil {
			return block.hand(number, take)
		}
	}
}

// begin hands over the block before and starts the next one.
func (l line) begin(block *Block, take func(Block) error) error {
	if l.Height <= block.Height {
		return fmt.Errorf("neither an event nor a block after height %d", block.Height)
	}
	if block.Height > 0 || len(block.Events) > 0 {
		if err := take(*block); err != nil {
			return err
		}
	}
	*block = Block{Height: l.Height, Time: l.Time}
	return nil
}

func (b Block) hand(number int, take func(Block) error) error {
	if b.Height == 0 && len(b.Events) == 0 {
		return nil
	}
	if err := take(b); err != nil {
		return fmt.Errorf("%d: %w", number, err)
	}
	return nil
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

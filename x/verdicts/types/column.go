package types

import (
	"bytes"
	"encoding/binary"
)

// A column is one byte per sample of a round. Most columns of a clean round repeat
// one value, so a packed column is, after a format byte, either the raw bytes or
// runs of (value, uvarint length), whichever is shorter.
const (
	columnRaw  = 0
	columnRuns = 1
)

// Cell is one entry of a verdict column: the category in the upper four bits and
// the confidence (0..15) in the lower four.
type Cell byte

// NewCell joins a category and a confidence; a confidence above 15 counts as 15.
func NewCell(category Category, confidence uint8) Cell {
	return Cell(byte(category)<<4 | min(confidence, 15))
}

// Category of the cell.
func (c Cell) Category() Category { return Category(c >> 4) }

// Confidence of the cell, 0..15.
func (c Cell) Confidence() uint8 { return uint8(c & 0x0f) }

// PackColumn encodes a column. Equal columns have equal encodings.
func PackColumn(column []byte) []byte {
	runs := []byte{columnRuns}
	for start := 0; start < len(column); {
		end := start + 1
		for end < len(column) && column[end] == column[start] {
			end++
		}
		runs = append(runs, column[start])
		runs = binary.AppendUvarint(runs, uint64(end-start))
		start = end
	}
	if len(runs) <= len(column) {
		return runs
	}
	return append([]byte{columnRaw}, column...)
}

// UnpackColumn decodes a column of exactly n cells and refuses every encoding
// that PackColumn would not have made.
func UnpackColumn(packed []byte, n int) ([]byte, error) {
	if len(packed) == 0 {
		return nil, ErrInvalidColumn.Wrap("empty")
	}
	if len(packed) > n+1 {
		return nil, ErrInvalidColumn.Wrapf("%d bytes for %d samples", len(packed), n)
	}
	column := make([]byte, 0, n)
	switch packed[0] {
	case columnRaw:
		column = append(column, packed[1:]...)
	case columnRuns:
		for rest := packed[1:]; len(rest) > 0; {
			length, size := binary.Uvarint(rest[1:])
			if size <= 0 || length > uint64(n-len(column)) {
				return nil, ErrInvalidColumn.Wrapf("bad run after %d of %d samples", len(column), n)
			}
			column = append(column, bytes.Repeat(rest[:1], int(length))...)
			rest = rest[1+size:]
		}
	default:
		return nil, ErrInvalidColumn.Wrapf("unknown format %d", packed[0])
	}
	if len(column) != n {
		return nil, ErrInvalidColumn.Wrapf("%d cells for %d samples", len(column), n)
	}
	if !bytes.Equal(PackColumn(column), packed) {
		return nil, ErrInvalidColumn.Wrap("not the shortest encoding")
	}
	return column, nil
}

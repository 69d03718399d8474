package similarity

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"slices"

	"github.com/virusmap/virusmap/supernode/engine/filetype"
)

const (
	// maxTailBytes behind the end of a format are left out of the digests, or a quarter of
	// what is before it. A larger tail is a payload.
	maxTailBytes = 16 << 10
	// minPaddingBytes of one value at the end are left out.
	minPaddingBytes = 4096
)

// typeOf is the type tag. Noise behind a short script hides what it is.
func typeOf(content []byte) string {
	tag := filetype.Of(content)
	if tag != filetype.Unknown {
		return tag
	}
	text := content[:endOfText(content[:min(len(content), filetype.HeadBytes)])]
	if tag := filetype.Of(text); isScript(tag) {
		return tag
	}
	return filetype.Unknown
}

// withoutTail cuts what can be put behind a file without changing what it does.
func withoutTail(content []byte, tag string) []byte {
	content = withoutPadding(content)
	end := formatEnd(content, tag)
	if tail := len(content) - end; tail > 0 && tail <= max(maxTailBytes, end/4) && !ofRuntime(content) {
		content = withoutPadding(content[:end])
	}
	return content
}

func withoutPadding(content []byte) []byte {
	if len(content) == 0 {
		return content
	}
	kept := len(content)
	for last := content[kept-1]; kept > 0 && content[kept-1] == last; {
		kept--
	}
	if len(content)-kept < minPaddingBytes {
		return content
	}
	return content[:kept]
}

// formatEnd is where content ends by its own headers, or its size.
func formatEnd(content []byte, tag string) int {
	end := uint64(len(content))
	switch {
	case tag == "peexe" || tag == "pedll":
		end = endOfPE(content)
	case tag == "elf":
		end = endOfELF(content)
	case tag == "pdf":
		if at := bytes.LastIndex(content, []byte("%%EOF")); at >= 0 {
			end = uint64(at) + 5
		}
	case isScript(tag):
		end = endOfText(content)
	}
	if end == 0 || end > uint64(len(content)) {
		return len(content)
	}
	return int(end)
}

// endOfPE is that of the last section in the file (PE format, 3 and 4), 0 when the headers
// are broken.
func endOfPE(content []byte) (end uint64) {
	const coffBytes, entryBytes = 24, 40
	le := binary.LittleEndian
	if len(content) < 0x40 {
		return 0
	}
	header := uint64(le.Uint32(content[0x3c:]))
	if header+coffBytes > uint64(len(content)) {
		return 0
	}
	count := uint64(le.Uint16(content[header+6:]))
	table := header + coffBytes + uint64(le.Uint16(content[header+20:]))
	if table+count*entryBytes > uint64(len(content)) {
		return 0
	}
	for entry := range slices.Chunk(content[table:table+count*entryBytes], entryBytes) {
		if size := uint64(le.Uint32(entry[16:])); size > 0 {
			end = max(end, uint64(le.Uint32(entry[20:]))+size)
		}
	}
	return end
}

// endOfELF is that of the last section, segment or section table, 0 when the headers are
// broken.
func endOfELF(content []byte) (end uint64) {
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return 0
	}
	order := file.ByteOrder
	if file.Class == elf.ELFCLASS64 {
		end = order.Uint64(content[40:]) + uint64(order.Uint16(content[58:]))*uint64(order.Uint16(content[60:]))
	} else {
		end = uint64(order.Uint32(content[32:])) + uint64(order.Uint16(content[46:]))*uint64(order.Uint16(content[48:]))
	}
	for _, section := range file.Sections {
		if section.Type != elf.SHT_NOBITS {
			end = max(end, section.Offset+section.FileSize)
		}
	}
	for _, segment := range file.Progs {
		end = max(end, segment.Off+segment.Filesz)
	}
	return end
}

// endOfText is behind the last whole line before noise, which has bytes that no text has:
// one in 32 at least, of the next 64 as of all that follow. Fewer are text that was
// tampered with.
func endOfText(content []byte) uint64 {
	if isWide(content) {
		return uint64(len(content))
	}
	left := controls(content)
	for at, c := range content {
		if !isControl(c) {
			continue
		}
		window := content[at:min(at+64, len(content))]
		if 32*left >= len(content)-at && 32*controls(window) >= len(window) {
			return uint64(bytes.LastIndexByte(content[:at], '\n') + 1)
		}
		left--
	}
	return uint64(len(content))
}

func controls(content []byte) (count int) {
	for _, c := range content {
		if isControl(c) {
			count++
		}
	}
	return count
}

func isControl(c byte) bool { return c < '\t' || '\r' < c && c < ' ' && c != 0x1b || c == 0x7f }

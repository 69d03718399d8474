package heuristics

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"io"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/engine/filetype"
)

const (
	// maxUnpackedBytes over a whole content, however deep.
	maxUnpackedBytes = 256 << 20
	// maxEntryBytes of one entry are unpacked to look inside.
	maxEntryBytes = 32 << 20
	maxEntries    = 20_000
	// maxDepth is where unpacking stops; archiveDepth holds from there on.
	maxDepth = 5
	// bombRatio and bombBytes: deflate reaches 1,032 on zeros, honest files stay far below.
	bombRatio = 1000
	bombBytes = 64 << 20
)

// budget bounds the work on one content.
type budget struct {
	bytes   int64
	entries int
}

func inspectZip(found *findings, content []byte, left *budget, depth int) {
	found.addIf(depth >= maxDepth, archiveDepth)
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || depth > maxDepth {
		return
	}
	found.addIf(overlaps(archive.File), archiveOverlap)
	var packedSize, size uint64
	for _, entry := range archive.File {
		packedSize += entry.CompressedSize64
		size += entry.UncompressedSize64
	}
	found.addIf(size >= bombBytes && size/max(packedSize, 1) >= bombRatio, archiveRatio)
	macros := false
	for _, entry := range archive.File {
		if left.entries--; left.entries < 0 || left.bytes <= 0 {
			return
		}
		found.addIf(hasDoubleExtension(entry.Name), archiveDisguise)
		macros = macros || strings.HasSuffix(strings.ToLower(entry.Name), "vbaproject.bin")
		inspectEntry(found, entry, left, depth)
	}
	found.addIf(macros, officeMacros)
}

// inspectEntry unpacks an entry only when its beginning promises a finding.
func inspectEntry(found *findings, entry *zip.File, left *budget, depth int) {
	reader, err := entry.Open()
	if err != nil {
		return
	}
	defer reader.Close()
	head, err := io.ReadAll(io.LimitReader(reader, 1024))
	left.bytes -= int64(len(head))
	if err != nil {
		return
	}
	found.addIf(isEICAR(head), archiveMalware)
	name := strings.ToLower(entry.Name)
	isMacros := strings.HasSuffix(name, "vbaproject.bin")
	if !isMacros && filetype.Of(head) != "zip" && !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return
	}
	limit := min(maxEntryBytes, left.bytes)
	rest, err := io.ReadAll(io.LimitReader(reader, limit))
	left.bytes -= int64(len(rest))
	if err != nil {
		return
	}
	if content := append(head, rest...); isMacros {
		inspectOLE(found, content)
	} else {
		inspectZip(found, content, left, depth+1)
	}
}

// overlaps finds entries whose compressed bytes are used twice, which no honest
// packer does: it is how a bomb gets beyond what deflate can do.
func overlaps(entries []*zip.File) bool {
	type extent struct{ start, end uint64 }
	var extents []extent
	for _, entry := range entries[:min(len(entries), maxEntries)] {
		start, err := entry.DataOffset()
		if err != nil || entry.CompressedSize64 == 0 {
			continue
		}
		extents = append(extents, extent{uint64(start), uint64(start) + entry.CompressedSize64})
	}
	slices.SortFunc(extents, func(a, b extent) int {
		switch {
		case a.start < b.start:
			return -1
		case a.start > b.start:
			return 1
		}
		return 0
	})
	for i := 1; i < len(extents); i++ {
		if extents[i].start < extents[i-1].end {
			return true
		}
	}
	return false
}

// inspectStream measures a single compressed stream within the budget.
func inspectStream(found *findings, content []byte, tag string) {
	reader := bzip2.NewReader(bytes.NewReader(content))
	limit := int64(maxUnpackedBytes / 4) // bzip2 unpacks slowly
	if tag == "gzip" {
		unpacked, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			return
		}
		reader, limit = unpacked, maxUnpackedBytes
	}
	head := make([]byte, 128)
	size, err := io.ReadFull(reader, head)
	found.addIf(isEICAR(head[:size]), archiveMalware)
	if err != nil {
		return
	}
	rest, _ := io.Copy(io.Discard, io.LimitReader(reader, limit)) // a broken end is no finding
	total := int64(size) + rest
	found.addIf(total >= bombBytes && total/int64(len(content)) >= bombRatio, archiveRatio)
}

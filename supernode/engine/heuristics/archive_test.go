package heuristics

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"
)

func zipOf(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	writer, err := archive.Create(name)
	require.NoError(t, err)
	_, err = writer.Write(content)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	return buffer.Bytes()
}

// overlappingZip lists one stored entry twice in its directory.
func overlappingZip(content []byte) []byte {
	var b bytes.Buffer
	write := func(fields ...any) {
		for _, field := range fields {
			_ = binary.Write(&b, binary.LittleEndian, field)
		}
	}
	sum, size := crc32.ChecksumIEEE(content), uint32(len(content))
	write(uint32(0x04034b50), uint16(20), uint16(0), uint16(0), uint32(0), sum, size, size, uint16(1), uint16(0), []byte("a"), content)
	start := uint32(b.Len())
	for range 2 {
		write(uint32(0x02014b50), uint16(20), uint16(20), uint16(0), uint16(0), uint32(0), sum, size, size,
			uint16(1), uint16(0), uint16(0), uint16(0), uint16(0), uint32(0), uint32(0), []byte("a"))
	}
	write(uint32(0x06054b50), uint16(0), uint16(0), uint16(2), uint16(2), uint32(b.Len())-start, start, uint16(0))
	return b.Bytes()
}

func TestArchives(t *testing.T) {
	nested := zipOf(t, "core.txt", []byte("core"))
	for range 2 {
		nested = zipOf(t, "inner.zip", nested)
	}
	deep := nested
	for range 10 {
		deep = zipOf(t, "inner.zip", deep)
	}
	zeros := make([]byte, bombBytes)
	test := []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
	tests := map[string]struct {
		content []byte
		want    []Rule
	}{
		"bomb":             {zipOf(t, "zeros", zeros), []Rule{archiveRatio}},
		"gzip bomb":        {gzipOf(t, zeros), []Rule{archiveRatio}},
		"overlap":          {overlappingZip([]byte("content")), []Rule{archiveOverlap}},
		"deep":             {deep, []Rule{archiveDepth}},
		"double extension": {zipOf(t, "a/invoice.pdf.exe", []byte("MZ")), []Rule{archiveDisguise}},
		"EICAR":            {zipOf(t, "eicar.com", test), []Rule{archiveMalware}},
		"EICAR in gzip":    {gzipOf(t, test), []Rule{archiveMalware}},
		"EICAR two deep":   {zipOf(t, "inner.zip", zipOf(t, "eicar.com", test)), []Rule{archiveMalware}},

		"nested":       {nested, nil},
		"small zeros":  {zipOf(t, "zeros", make([]byte, 1<<20)), nil},
		"broken":       {append([]byte("PK\x03\x04"), 1, 2, 3), nil},
		"cut off":      {zipOf(t, "a", []byte("text"))[:40], nil},
		"broken gzip":  {[]byte("\x1f\x8b\x08"), nil},
		"empty folder": {zipOf(t, "a/", nil), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var found findings
			if bytes.HasPrefix(test.content, []byte("PK")) {
				inspectZip(&found, test.content, &budget{bytes: maxUnpackedBytes, entries: maxEntries}, 1)
			} else {
				inspectStream(&found, test.content, "gzip")
			}
			require.Equal(t, findings(test.want), found)
		})
	}
}

func gzipOf(t *testing.T, content []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, err := writer.Write(content)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return buffer.Bytes()
}

package heuristics

import (
	"encoding/binary"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

const testfiles = "/usr/share/clamav-testfiles/"

func read(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err, "run scripts/setup.sh to install what the tests need")
	return content
}

// Debian's test program is harmless, but its packed forms look like what they are.
func TestPackedPrograms(t *testing.T) {
	for _, name := range []string{"clam-upx.exe", "clam-aspack.exe", "clam-petite.exe", "clam-mew.exe"} {
		verdict := Inspect(read(t, testfiles+name), name)
		require.Contains(t, []string{"suspicious", "malicious"}, verdict.Category, "%s: %+v", name, verdict)
	}
}

// elfHead is a minimal ELF64 program of one segment (System V ABI, chapters 4 and 5).
func elfHead(flags uint32, entry uint64, fileSize uint64) []byte {
	head := make([]byte, 120)
	copy(head, "\x7fELF\x02\x01\x01")
	le := binary.LittleEndian
	le.PutUint16(head[16:], 2)  // ET_EXEC
	le.PutUint16(head[18:], 62) // x86-64
	le.PutUint32(head[20:], 1)
	le.PutUint64(head[24:], entry)
	le.PutUint64(head[32:], 64) // program headers
	le.PutUint16(head[52:], 64)
	le.PutUint16(head[54:], 56)
	le.PutUint16(head[56:], 1)
	le.PutUint16(head[58:], 64)
	le.PutUint32(head[64:], 1) // PT_LOAD
	le.PutUint32(head[68:], flags)
	le.PutUint64(head[80:], 0x400000)
	le.PutUint64(head[96:], fileSize)
	le.PutUint64(head[104:], 0x1000)
	return head
}

func TestELF(t *testing.T) {
	const readExec, readWriteExec = 5, 7
	tests := map[string]struct {
		content []byte
		want    []Rule
	}{
		"no sections":   {elfHead(readExec, 0x400078, 120), []Rule{elfNoSections}},
		"writable code": {elfHead(readWriteExec, 0x400078, 120), []Rule{elfWritableCode, elfNoSections}},
		"entry":         {elfHead(readExec, 0x10, 120), []Rule{elfEntry, elfNoSections}},
		"truncated":     {elfHead(readExec, 0x400078, 5000), []Rule{elfTruncated, elfNoSections}},
		"malformed":     {[]byte("\x7fELF\x02\x01\x01"), []Rule{elfMalformed}},
		"clean":         {read(t, "/usr/bin/true"), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var found findings
			inspectELF(&found, test.content)
			require.Equal(t, findings(test.want), found)
		})
	}
}

func FuzzInspect(f *testing.F) {
	for _, name := range []string{"clam.exe", "clam-upx.exe", "clam.zip", "clam.pdf", "clam.ole.doc", "clam.exe.bz2", "clam.tar.gz"} {
		content := read(f, testfiles+name)
		f.Add(content, name)
		f.Add(content[:len(content)/2], name)
	}
	f.Add(elfHead(7, 0x400078, 120), "a.jpg")
	f.Add([]byte("%PDF-1.7 /J#53 /AA"), "")
	f.Add([]byte("<?php eval(base64_decode("), "x.php")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		verdict := Inspect(content, name)
		require.Contains(t, []string{"undetected", "suspicious", "malicious"}, verdict.Category)
		require.GreaterOrEqual(t, verdict.Confidence, 0)
		require.LessOrEqual(t, verdict.Confidence, 15)
		require.Equal(t, verdict.Category == "undetected", verdict.Label == "")
	})
}

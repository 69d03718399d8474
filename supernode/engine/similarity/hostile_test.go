package similarity

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHostileContent(t *testing.T) {
	programs := map[string][]byte{
		"PE": builtPE(), "ELF": builtELF(), "OLE": compoundFile("A", "B", "C"), "zip": zipOf(member{"a", pythonScript(900)}),
		"gzip": gzipOf(pythonScript(900), 6), "tar": tarOf(member{"a", pythonScript(900)}), "PDF": clamavFile(t, "clam.pdf"),
	}
	for name, content := range programs {
		for _, size := range []int{0, 1, 2, 3, 8, 63, 64, 65, 127, 128, 0x98, 512, 513, 1024, len(content) / 2, len(content) - 1} {
			_, err := Of(content[:min(size, len(content))])
			require.NoError(t, err, "%s cut at %d", name, size)
		}
		for at := range min(len(content), 1024) { // all counts and offsets at their largest
			broken := bytes.Clone(content)
			copy(broken[at:], "\xff\xff\xff\xff")
			_, ok := structureOf(broken, typeOf(broken), nil)
			_, _ = ok, withoutTail(broken, typeOf(broken))
		}
	}
	loop := compoundFile("A")
	binary.LittleEndian.PutUint32(loop[512+4:], 1) // the directory follows itself
	for name, content := range map[string][]byte{
		"a loop":             loop,
		"open comments":      []byte("text\n" + strings.Repeat("/*<!--<#", 1<<18)),
		"open quotes":        []byte("text\n" + strings.Repeat("''' \"\"\" `", 1<<18)),
		"backslash":          []byte("a = '\\"),
		"slashes":            append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("/"), 1<<21)...),
		"streams":            append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("stream/"), 1<<18)...),
		"lone control bytes": append([]byte("text\n"), bytes.Repeat(append(bytes.Repeat([]byte("x"), 64), 1), 1<<15)...),
	} {
		_, err := Of(content)
		require.NoError(t, err, name)
	}
	_, err := Of(make([]byte, MaxBytes+1))
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "1073741825 bytes, at most 1073741824")
}

// What is uniform is like all that is uniform, so it has no keys.
func TestUniformContentHasNoKeys(t *testing.T) {
	for name, content := range map[string][]byte{
		"nothing": nil, "zeros": make([]byte, 100_000), "one line": bytes.Repeat([]byte("ab\n"), 20_000), "short": []byte("hello world\n"),
	} {
		features, err := Of(content)
		require.NoError(t, err)
		require.Zero(t, features.Keys, name)
	}
}

func FuzzOf(f *testing.F) {
	for _, content := range [][]byte{
		builtPE()[:4096], builtELF()[:4096], compoundFile("A", "B"), zipOf(member{"a", []byte("b")}), gzipOf([]byte("a"), 6),
		tarOf(member{"a", []byte("b")}), []byte("%PDF-1.7 /Type /Page"), pythonScript(300), clamavFile(f, "clam.exe"), clamavFile(f, "clam.ole.doc"),
	} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		features, err := Of(content)
		require.NoError(t, err)
		again, err := Of(bytes.Clone(content))
		require.NoError(t, err)
		require.Equal(t, features, again)
		require.Equal(t, features.Unpacked == "", features.Keys[slotUnpacked] == key{})
		require.Equal(t, features.Structure == "", features.Keys[slotStructure] == key{})
		if features.TLSH == "" {
			require.Zero(t, [tlshBands]key(features.Keys[slotTLSH:slotSSDEEP]))
		}
		if features.SSDEEP == "" {
			require.Zero(t, [ssdeepPieces]key(features.Keys[slotSSDEEP:]))
		}
	})
}

// FuzzStructure hands any content to each parser, whatever its type.
func FuzzStructure(f *testing.F) {
	tags := []string{"peexe", "elf", "macho", "ole", "pdf", "text"}
	for i, content := range [][]byte{builtPE()[:4096], builtELF(), {0xcf, 0xfa, 0xed, 0xfe}, compoundFile("A", "B", "C", "D"), clamavFile(f, "clam.pdf"), pythonScript(3000)} {
		f.Add(content, uint8(i))
	}
	f.Fuzz(func(t *testing.T, content []byte, kind uint8) {
		tag := tags[int(kind)%len(tags)]
		structureOf(content, tag, nil)
		require.True(t, bytes.HasPrefix(content, withoutTail(content, tag)))
	})
}

func FuzzUnpack(f *testing.F) {
	tags := []string{"zip", "gzip", "bzip", "tar"}
	inner := zipOf(member{"a", []byte("b")}, member{"c", gzipOf([]byte("d"), 6)})
	for i, content := range [][]byte{zipOf(member{"x", inner}), gzipOf(inner, 6), clamavFile(f, "clam.exe.bz2"), tarOf(member{"x", inner})} {
		f.Add(content, uint8(i))
	}
	f.Fuzz(func(t *testing.T, content []byte, kind uint8) {
		tag := tags[int(kind)%len(tags)]
		if u := unpack(content, tag); u != nil {
			require.NotEmpty(t, u.leaves)
			require.LessOrEqual(t, u.bytes, maxUnpackedBytes)
			require.LessOrEqual(t, len(u.body(tag)), maxUnpackedBytes)
		}
	})
}

package details

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine/pefile/pefiletest"
)

func noise(size int) []byte {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	return data
}

func program(sections ...pefiletest.Section) []byte {
	content := pefiletest.Build(map[string][]string{"KERNEL32.dll": {"CreateFileA", "ExitProcess"}}, []string{"KERNEL32.dll"}, sections...)
	binary.LittleEndian.PutUint32(content[0x88:], 1_700_000_000)
	binary.LittleEndian.PutUint32(content[0x98+16:], 0x2010)
	return content
}

func TestProgram(t *testing.T) {
	content := program(pefiletest.Section{Name: ".text", Content: noise(4096)}, pefiletest.Section{Name: ".a\xff\x01b", Content: make([]byte, 512)})
	d := Of(content)
	require.NotEmpty(t, d.SSDEEP)
	require.Regexp(t, "^T1[0-9A-F]{70}$", d.TLSH)

	require.NotNil(t, d.PE)
	require.EqualValues(t, 34404, d.PE.MachineType)
	require.EqualValues(t, 1_700_000_000, d.PE.Timestamp)
	require.EqualValues(t, 0x2010, d.PE.EntryPoint)
	// MD5 of "kernel32.createfilea,kernel32.exitprocess", as pefile has it.
	require.Equal(t, "c2addceaa62f4c62fde701d519df4f89", d.PE.Imphash)
	require.Len(t, d.PE.Sections, 3)
	text := d.PE.Sections[1]
	require.Equal(t, ".text", text.Name)
	require.Equal(t, "rx", text.Flags)
	require.EqualValues(t, 4096, text.RawSize)
	require.InDelta(t, 7.95, text.Entropy, 0.05)
	require.Len(t, text.MD5, 32)
	require.Equal(t, ".ab", d.PE.Sections[2].Name)
	require.Equal(t, "bf619eac0cdf3f68d496ea9344137e8b", d.PE.Sections[2].MD5, "of 512 zeros")
	require.Zero(t, d.PE.Sections[2].Entropy)
}

// What Authenticode signs is the file without its checksum and the place of its signature.
func TestAuthentihash(t *testing.T) {
	content := program(pefiletest.Section{Name: ".text", Content: noise(1024)})
	const checksum, certificates = 0x98 + 64, 0x98 + 144
	signed := slices.Concat(content[:checksum], content[checksum+4:certificates], content[certificates+8:])
	sum := sha256.Sum256(signed)
	want := hex.EncodeToString(sum[:])
	require.Equal(t, want, Of(content).Authentihash)

	certified := append(slices.Clone(content), noise(64)...)
	binary.LittleEndian.PutUint32(certified[checksum:], 12345)
	binary.LittleEndian.PutUint32(certified[certificates:], uint32(len(content)))
	binary.LittleEndian.PutUint32(certified[certificates+4:], 64)
	require.Equal(t, want, Of(certified).Authentihash, "a signature changes nothing")
}

func TestWithoutDetails(t *testing.T) {
	require.Zero(t, Of(nil))
	require.Zero(t, Of(make([]byte, MaxBytes+1)))
	text := Of([]byte("plain text of few words\n"))
	require.NotEmpty(t, text.SSDEEP)
	require.Nil(t, text.PE)
	require.Empty(t, text.Authentihash)
	require.Nil(t, Of(append([]byte("MZ"), noise(500)...)).PE)
}

// Whatever the headers say, the work and the answer are bounded.
func TestHostilePrograms(t *testing.T) {
	whole := program(pefiletest.Section{Name: ".text", Content: noise(8192)})
	const sections = 0x98 + 240
	for at := range 0x400 {
		broken := slices.Clone(whole)
		copy(broken[at:], "\xff\xff\xff\xff")
		Of(broken)
		Of(broken[:at])
	}
	overlapping := slices.Clone(whole)
	for i := range 10 { // as many as there is room for, each nearly the whole file
		entry := overlapping[sections+40*i:]
		copy(entry[:8], "same")
		binary.LittleEndian.PutUint32(entry[8:], 0x1000)
		binary.LittleEndian.PutUint32(entry[12:], uint32(0x1000*(i+1)))
		binary.LittleEndian.PutUint32(entry[16:], uint32(len(whole)-0x400))
		binary.LittleEndian.PutUint32(entry[20:], 0x400)
	}
	binary.LittleEndian.PutUint16(overlapping[0x86:], 10)
	d := Of(overlapping)
	require.NotNil(t, d.PE)
	read := 0
	for _, s := range d.PE.Sections {
		if s.MD5 != "" {
			read++
		}
	}
	require.Equal(t, 1, read, "the bytes are read once")
}

func FuzzOf(f *testing.F) {
	f.Add(program(pefiletest.Section{Name: ".text", Content: noise(700)}))
	f.Add([]byte("text"))
	f.Fuzz(func(t *testing.T, content []byte) {
		encoded, err := json.Marshal(Of(content))
		require.NoError(t, err)
		require.Less(t, len(encoded), 32<<10, "fits into a worker's answer")
	})
}

package similarity

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/virusmap/virusmap/supernode/engine/pefile/pefiletest"
)

// What the tests fingerprint is built here, the same at each run.

func randomOf(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

func noise(random *rand.Rand, size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	return data
}

// machineCode is bytes with the uneven frequencies of a program.
func machineCode(random *rand.Rand, size int) []byte {
	data := make([]byte, 0, size+16)
	var words [48][]byte
	for i := range words {
		words[i] = noise(random, 1+random.IntN(6))
	}
	for len(data) < size {
		data = append(data, words[min(random.IntN(48), random.IntN(48))]...)
		if random.IntN(4) == 0 {
			data = append(data, noise(random, 1+random.IntN(4))...)
		}
	}
	return data[:size]
}

type member struct {
	name    string
	content []byte
}

func zipOf(members ...member) []byte { return zipBy(zip.Deflate, members...) }

func zipBy(method uint16, members ...member) []byte {
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for _, m := range members {
		writer, err := archive.CreateHeader(&zip.FileHeader{Name: m.name, Method: method})
		must(err)
		_, err = writer.Write(m.content)
		must(err)
	}
	must(archive.Close())
	return buffer.Bytes()
}

func tarOf(members ...member) []byte {
	var buffer bytes.Buffer
	archive := tar.NewWriter(&buffer)
	for _, m := range members {
		must(archive.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.content)), Mode: 0o600, Format: tar.FormatUSTAR}))
		_, err := archive.Write(m.content)
		must(err)
	}
	must(archive.Close())
	return buffer.Bytes()
}

func gzipOf(content []byte, level int) []byte {
	var buffer bytes.Buffer
	writer, err := gzip.NewWriterLevel(&buffer, level)
	must(err)
	_, err = writer.Write(content)
	must(err)
	must(writer.Close())
	return buffer.Bytes()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// pythonScript has functions with loops, calls and strings until it is of a size.
func pythonScript(size int) []byte { return script(randomOf(11), size, randomName) }

func randomName(random *rand.Rand) string {
	name := []byte("v_")
	for range 3 + random.IntN(8) {
		name = append(name, byte('a'+random.IntN(26)))
	}
	return string(name)
}

func script(random *rand.Rand, size int, name func(*rand.Rand) string) []byte {
	var b strings.Builder
	b.WriteString("#!/usr/bin/env python3\nimport os, socket\n")
	for b.Len() < size {
		a, c, d := name(random), name(random), name(random)
		fmt.Fprintf(&b, "def %s(%s, %s=%d):\n", a, c, d, random.IntN(9999))
		for range 2 + random.IntN(5) {
			switch random.IntN(4) {
			case 0:
				fmt.Fprintf(&b, "    %s = %s.%s('%s', %d)\n", name(random), c, name(random), name(random), random.IntN(999))
			case 1:
				fmt.Fprintf(&b, "    for %s in range(%d):\n        %s(%s)  # %s\n", name(random), random.IntN(99), name(random), c, name(random))
			case 2:
				fmt.Fprintf(&b, "    if %s > %d and not %s[%d]:\n        raise %s(\"%s\")\n", c, random.IntN(9), d, random.IntN(9), name(random), name(random))
			case 3:
				fmt.Fprintf(&b, "    with open(\"%s\") as %s:\n        %s += {%s: %s}\n", name(random), a, c, name(random), d)
			}
		}
		fmt.Fprintf(&b, "    return %s\n\n", c)
	}
	return []byte(b.String())
}

// section of a program.
type section struct {
	name    string
	content []byte
}

// elfOf is an ELF64 library of sections, with dynamic imports (System V ABI, 4 and 5).
func elfOf(imports, libraries []string, sections ...section) []byte {
	le := binary.LittleEndian
	symbols, names := make([]byte, 24), []byte{0}
	for _, name := range imports {
		symbol := make([]byte, 24)
		le.PutUint32(symbol, uint32(len(names)))
		symbol[4] = 0x12 // global function
		symbols, names = append(symbols, symbol...), append(append(names, name...), 0)
	}
	var dynamic []byte
	for _, name := range libraries {
		dynamic = le.AppendUint64(le.AppendUint64(dynamic, 1), uint64(len(names))) // DT_NEEDED
		names = append(append(names, name...), 0)
	}
	dynamic = append(dynamic, make([]byte, 16)...)
	type header struct {
		name          string
		kind          uint32
		link          uint32
		entry, offset uint64
		content       []byte
	}
	headers := []header{{}, {".dynstr", 3, 0, 0, 0, names}, {".dynsym", 11, 1, 24, 0, symbols}, {".dynamic", 6, 1, 16, 0, dynamic}}
	for _, s := range sections {
		headers = append(headers, header{s.name, 1, 0, 0, 0, s.content})
	}
	table := []byte{0}
	var starts []uint32
	for _, h := range headers {
		starts = append(starts, uint32(len(table)))
		table = append(append(table, h.name...), 0)
	}
	starts = append(starts, uint32(len(table)))
	headers, table = append(headers, header{".shstrtab", 3, 0, 0, 0, nil}), append(table, ".shstrtab\x00"...)
	headers[len(headers)-1].content = table

	file := make([]byte, 64)
	for i := range headers {
		for len(file)%16 != 0 {
			file = append(file, 0)
		}
		headers[i].offset = uint64(len(file))
		file = append(file, headers[i].content...)
	}
	tableAt := len(file)
	for i, h := range headers {
		entry := make([]byte, 64)
		le.PutUint32(entry, starts[i])
		le.PutUint32(entry[4:], h.kind)
		if i > 0 && i < len(headers)-1 {
			le.PutUint64(entry[8:], 2) // allocated
		}
		le.PutUint64(entry[24:], h.offset)
		le.PutUint64(entry[32:], uint64(len(h.content)))
		le.PutUint32(entry[40:], h.link)
		le.PutUint64(entry[56:], h.entry)
		file = append(file, entry...)
	}
	copy(file, "\x7fELF\x02\x01\x01")
	le.PutUint16(file[16:], 3)  // ET_DYN
	le.PutUint16(file[18:], 62) // x86-64
	le.PutUint32(file[20:], 1)
	le.PutUint64(file[40:], uint64(tableAt))
	le.PutUint16(file[52:], 64)
	le.PutUint16(file[58:], 64)
	le.PutUint16(file[60:], uint16(len(headers)))
	le.PutUint16(file[62:], uint16(len(headers)-1))
	return file
}

func peOf(imports map[string][]string, libraries []string, sections ...section) []byte {
	all := make([]pefiletest.Section, len(sections))
	for i, s := range sections {
		all[i] = pefiletest.Section{Name: s.name, Content: s.content}
	}
	return pefiletest.Build(imports, libraries, all...)
}

// Imports of the built programs.
func manyImports(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("function_%02d", i)
	}
	return names
}

// Package pefiletest builds Windows programs for tests. They cannot run.
package pefiletest

import "encoding/binary"

// Section of a program.
type Section struct {
	Name    string
	Content []byte
}

// Build makes a PE32+ program whose first section, .idata, holds its imports by library (PE
// format, 3 to 6).
func Build(imports map[string][]string, libraries []string, sections ...Section) []byte {
	const headers, base = 0x400, 0x1000
	le := binary.LittleEndian
	table := make([]byte, 20*(len(libraries)+1))
	for i, library := range libraries {
		le.PutUint32(table[20*i+12:], uint32(base+len(table)))
		table = append(append(table, library...), 0)
		var thunks []byte
		for _, name := range imports[library] {
			thunks = le.AppendUint64(thunks, uint64(base+len(table)))
			table = append(append(append(table, 0, 0), name...), 0)
		}
		thunks = append(thunks, make([]byte, 8)...)
		for len(table)%8 != 0 {
			table = append(table, 0)
		}
		le.PutUint32(table[20*i:], uint32(base+len(table)))
		table = append(table, thunks...)
		le.PutUint32(table[20*i+16:], uint32(base+len(table)))
		table = append(table, thunks...)
	}
	sections = append([]Section{{".idata", table}}, sections...)
	file := make([]byte, headers)
	copy(file, "MZ")
	le.PutUint32(file[0x3c:], 0x80)
	copy(file[0x80:], "PE\x00\x00")
	coff := file[0x84:]
	le.PutUint16(coff, 0x8664)
	le.PutUint16(coff[2:], uint16(len(sections)))
	le.PutUint16(coff[16:], 240)
	le.PutUint16(coff[18:], 0x22)
	optional := file[0x98:]
	le.PutUint16(optional, 0x20b)
	le.PutUint64(optional[24:], 0x140000000)
	le.PutUint32(optional[32:], 0x1000)
	le.PutUint32(optional[36:], 0x200)
	le.PutUint32(optional[60:], headers)
	le.PutUint16(optional[68:], 3)
	le.PutUint32(optional[108:], 16)
	le.PutUint32(optional[120:], base)
	le.PutUint32(optional[124:], uint32(len(table)))
	address := uint32(base)
	for i, s := range sections {
		entry := file[0x98+240+40*i:]
		copy(entry[:8], s.Name)
		size := (len(s.Content) + 0x1ff) &^ 0x1ff
		le.PutUint32(entry[8:], uint32(len(s.Content)))
		le.PutUint32(entry[12:], address)
		le.PutUint32(entry[16:], uint32(size))
		le.PutUint32(entry[20:], uint32(len(file)))
		le.PutUint32(entry[36:], 0x60000020)
		file = append(append(file, s.Content...), make([]byte, size-len(s.Content))...)
		address += uint32(size+0xfff) &^ 0xfff
	}
	le.PutUint32(optional[56:], address)
	return file
}

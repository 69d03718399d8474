package similarity

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

const (
	// minStreams is how many names of a compound file must be its author's.
	minStreams = 3
	// minMembers of a document or program archive.
	minMembers = 40
	// maxSectors of a compound file's directory are followed.
	maxSectors = 4096
)

// commonStreams are in every compound file of a program, or are what it calls the next
// module, form or embedded object.
var commonStreams = regexp.MustCompile(`^(Root Entry|WordDocument|[01]Table|Data|Workbook|Book|PowerPoint Document|Current User|Pictures|` +
	`[\x00-\x1f].*|ObjectPool|_?Macros|VBA|dir|_VBA_PROJECT(_CUR)?|PROJECT(wm|lk)?|__SRP_.*|ThisDocument|ThisWorkbook|NewMacros|` +
	`(Module|Class|Sheet|Form|UserForm|Tabelle|Feuil|Hoja|Chart|MBD|_)[0-9A-F]*|MsoDataStore|Item|Properties|EncryptedPackage|f|o|x|i[0-9]+)$`)

// structureOfOLE is of the names of storages, streams and so of macro modules.
func structureOfOLE(content []byte) (structure, bool) {
	s := structure{kind: "ole"}
	names := streamNames(content)
	own := slices.DeleteFunc(slices.Clone(names), commonStreams.MatchString)
	s.add(names...)
	return s, len(own) >= minStreams
}

// structureOfMembers is of the names in a document or program archive and of the macro
// modules in it.
func structureOfMembers(members *unpacked, tag string) (structure, bool) {
	s := structure{kind: "members"}
	if members == nil {
		return s, false
	}
	var modules []string
	for _, leaf := range members.leaves {
		if strings.HasSuffix(strings.ToLower(leaf.name), "vbaproject.bin") {
			modules = append(modules, streamNames(leaf.content)...)
		}
	}
	names := members.names()
	if isProgramArchive(tag) { // signed anew by everybody
		names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "META-INF/") })
	}
	own := slices.DeleteFunc(slices.Clone(modules), commonStreams.MatchString)
	s.group("members", sorted(names))
	s.group("modules", sorted(modules))
	return s, len(own) >= minStreams || len(names) >= minMembers
}

// streamNames reads the directory of a compound file (MS-CFB) as far as it goes, in
// ascending order.
func streamNames(content []byte) (names []string) {
	const headerBytes, entryBytes, endOfChain = 512, 128, 0xfffffffa
	if len(content) < headerBytes || !bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return nil
	}
	shift := binary.LittleEndian.Uint16(content[30:])
	if shift != 9 && shift != 12 {
		return nil
	}
	sector := func(number uint32) []byte {
		start := (uint64(number) + 1) << shift
		if number >= endOfChain || start+1<<shift > uint64(len(content)) {
			return nil
		}
		return content[start : start+1<<shift]
	}
	// next follows the allocation table, of which the header names the first 109 sectors:
	// enough for 6.8 MiB at least.
	next := func(number uint32) uint32 {
		perSector := uint32(1) << (shift - 2)
		if number/perSector >= 109 {
			return endOfChain
		}
		table := sector(binary.LittleEndian.Uint32(content[76+4*(number/perSector):]))
		if table == nil {
			return endOfChain
		}
		return binary.LittleEndian.Uint32(table[4*(number%perSector):])
	}
	number := binary.LittleEndian.Uint32(content[48:])
	for range maxSectors {
		data := sector(number)
		if data == nil {
			break
		}
		for ; len(data) >= entryBytes; data = data[entryBytes:] {
			if name := streamName(data[:entryBytes]); name != "" {
				names = append(names, name)
			}
		}
		number = next(number)
	}
	return sorted(names)
}

// streamName is that of a storage (kind 1), stream (2) or root (5); else it is empty.
func streamName(entry []byte) string {
	size, kind := binary.LittleEndian.Uint16(entry[64:]), entry[66]
	if size < 4 || size > 64 || kind != 1 && kind != 2 && kind != 5 {
		return ""
	}
	var units []uint16
	for i := 0; i < int(size)-2; i += 2 {
		units = append(units, binary.LittleEndian.Uint16(entry[i:]))
	}
	return string(utf16.Decode(units))
}

package details

import (
	"crypto/md5" //nolint:gosec // that is what the attribute has
	"encoding/hex"
	"math"
	"strings"
	"unicode"

	"github.com/saferwall/pe"

	"github.com/virusmap/virusmap/supernode/engine/filetype"
	"github.com/virusmap/virusmap/supernode/engine/pefile"
)

// maxSections is how many Windows loads; more are not listed.
const maxSections = 96

// PE is VirusTotal's pe_info, as far as headers and imports tell it.
type PE struct {
	// Imphash as pefile computes it; empty without imports.
	Imphash string `json:"imphash,omitempty"`
	// MachineType is the number in the header, 332 for x86 and 34404 for x86-64.
	MachineType uint16 `json:"machine_type"`
	// Timestamp of the header in unix seconds, as its maker set it.
	Timestamp uint32 `json:"timestamp"`
	// EntryPoint is an address relative to the image.
	EntryPoint uint32    `json:"entry_point"`
	Sections   []Section `json:"sections,omitempty"`
}

// Section of a program. MD5 and Entropy are of its bytes in the file, and absent where it has none.
type Section struct {
	Name           string `json:"name"`
	VirtualAddress uint32 `json:"virtual_address"`
	VirtualSize    uint32 `json:"virtual_size"`
	RawSize        uint32 `json:"raw_size"`
	// Flags are r, w and x for what the code may do with it.
	Flags string `json:"flags"`
	MD5   string `json:"md5,omitempty"`
	// Entropy in bits per byte, 0..8, to two decimals.
	Entropy float64 `json:"entropy,omitempty"`
}

// programOf is nil for headers that cannot be parsed.
func programOf(content []byte) (info *PE, authentihash string) {
	// A parser that a content breaks must not cost the digests.
	defer func() {
		if recover() != nil {
			info, authentihash = nil, ""
		}
	}()
	file, err := pefile.Parse(content)
	if err != nil {
		return nil, ""
	}
	info = &PE{
		MachineType: uint16(file.NtHeader.FileHeader.Machine), Timestamp: file.NtHeader.FileHeader.TimeDateStamp,
		EntryPoint: pefile.EntryPoint(file),
	}
	if len(file.Imports) > 0 {
		if hash, err := file.ImpHash(); err == nil {
			info.Imphash = hash
		}
	}
	budget := len(content) // sections may overlap, each of them the whole file
	for _, section := range file.Sections[:min(len(file.Sections), maxSections)] {
		info.Sections = append(info.Sections, sectionOf(section.Header, content, &budget))
	}
	return info, hex.EncodeToString(file.Authentihash())
}

// sectionOf reads at most budget bytes of data, which it takes from it.
func sectionOf(header pe.ImageSectionHeader, content []byte, budget *int) Section {
	s := Section{
		Name: printable(header.Name[:]), VirtualAddress: header.VirtualAddress, VirtualSize: header.VirtualSize,
		RawSize: header.SizeOfRawData,
	}
	for _, may := range []struct {
		bit  uint32
		name string
	}{{0x40000000, "r"}, {0x80000000, "w"}, {0x20000000, "x"}} { // PE format, 4.1
		if header.Characteristics&may.bit != 0 {
			s.Flags += may.name
		}
	}
	start, size := uint64(header.PointerToRawData), uint64(header.SizeOfRawData)
	if size == 0 || start+size > uint64(len(content)) || size > uint64(*budget) {
		return s
	}
	*budget -= int(size)
	data := content[start : start+size]
	sum := md5.Sum(data) //nolint:gosec // as above
	s.MD5, s.Entropy = hex.EncodeToString(sum[:]), math.Round(filetype.Entropy(data)*100)/100
	return s
}

// printable is the name up to its padding, without what cannot be shown.
func printable(name []byte) string {
	text, _, _ := strings.Cut(string(name), "\x00")
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

package heuristics

import (
	"strings"

	"github.com/saferwall/pe"

	"github.com/virusmap/virusmap/supernode/engine/filetype"
	"github.com/virusmap/virusmap/supernode/engine/pefile"
)

// Section characteristics (PE format, 4.1).
const (
	peExecutable = 0x20000000
	peWritable   = 0x80000000
)

const (
	// packedEntropy in bits per byte: machine code stays below, packed data reaches it.
	packedEntropy = 7.2
	// minEntropyBytes is the least amount of data whose entropy means something.
	minEntropyBytes = 1024
	// fewImports is what packers leave of the import table.
	fewImports = 6
)

// packerNames are section names of well-known packers and protectors.
var packerNames = []string{
	"upx0", "upx1", "upx2", ".aspack", ".adata", ".petite", "petite", ".mpress1", ".mpress2", ".nsp0", ".nsp1", "nsp0", "nsp1",
	".themida", ".winlice", ".vmp0", ".vmp1", ".vmp2", ".enigma1", ".enigma2", "pec1", "pec2", "pebundle", ".yp", ".y0da",
	"wwpack", ".wwpack", "fsg!", "mew", ".packed", ".upack", ".sforce3", "kkrunchy", ".perplex", ".ccg", "pelock",
}

func inspectPE(found *findings, content []byte) {
	if filetype.Of(content) == "mz" {
		// A DOS program, or one whose PE header was cut off.
		found.addIf(len(content) < 1024 || pePointerBeyondEnd(content), peTruncated)
		return
	}
	file, err := pefile.Parse(content)
	if err != nil {
		found.add(peMalformed)
	}
	if file == nil || len(file.Sections) == 0 {
		return
	}
	end := inspectPESections(found, file, content)
	inspectImports(found, file.Imports)
	overlay := content[min(end, uint64(len(content))):]
	found.addIf(len(overlay) > len(content)/2 && packed(overlay), peOverlay)
}

// inspectPESections returns where the last section ends in the file.
func inspectPESections(found *findings, file *pe.File, content []byte) uint64 {
	entry, entryFound, end := pefile.EntryPoint(file), false, uint64(0)
	for _, section := range file.Sections {
		header := section.Header
		start, size := uint64(header.PointerToRawData), uint64(header.SizeOfRawData)
		found.addIf(size > 0 && start+size > uint64(len(content)), peTruncated)
		end = max(end, start+size)

		name := strings.ToLower(strings.TrimRight(string(header.Name[:]), "\x00 "))
		for _, packer := range packerNames {
			found.addIf(name == packer, pePackerName)
		}
		if header.Characteristics&peExecutable == 0 {
			continue
		}
		first := uint64(header.VirtualAddress)
		if uint64(entry) >= first && uint64(entry) < first+max(uint64(header.VirtualSize), size) {
			entryFound = true
		}
		found.addIf(header.Characteristics&peWritable != 0, peWritableCode)
		found.addIf(size == 0 && header.VirtualSize > 0, peEmptyCode)
		found.addIf(packed(slice(content, start, size)), pePackedCode)
	}
	found.addIf(entry != 0 && !entryFound, peEntry)
	return end
}

func inspectImports(found *findings, imports []pe.Import) {
	names := map[string]bool{}
	for _, library := range imports {
		for _, function := range library.Functions {
			names[strings.TrimRight(function.Name, "AW")] = true
		}
	}
	found.addIf(len(names) > 0 && len(names) <= fewImports && names["LoadLibrary"] && names["GetProcAddress"], peResolver)
	allocates := names["VirtualAllocEx"] || names["NtMapViewOfSection"] || names["NtUnmapViewOfSection"]
	writes := names["WriteProcessMemory"] || names["NtWriteVirtualMemory"]
	runs := names["CreateRemoteThread"] || names["SetThreadContext"] || names["QueueUserAPC"] || names["NtCreateThreadEx"]
	found.addIf(allocates && writes && runs, peInjection)
}

func pePointerBeyondEnd(content []byte) bool {
	const pointer = 0x3c
	if len(content) < pointer+4 {
		return true
	}
	offset := uint64(content[pointer]) | uint64(content[pointer+1])<<8 | uint64(content[pointer+2])<<16 | uint64(content[pointer+3])<<24
	return offset+4 > uint64(len(content))
}

// packed is true for data that looks compressed or encrypted.
func packed(data []byte) bool {
	data = data[:min(len(data), 16<<20)]
	return len(data) >= minEntropyBytes && filetype.Entropy(data) >= packedEntropy
}

// slice cuts without ever leaving the content.
func slice(content []byte, start, size uint64) []byte {
	start = min(start, uint64(len(content)))
	return content[start:min(start+size, uint64(len(content)))]
}

package similarity

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"fmt"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/engine/pefile"
)

// minImports: less is what a packer leaves, or any small program of the same library.
const minImports = 12

// runtimes mark programs that carry a script or payload of their author in a program that
// is the same for all authors. Its structure says nothing.
var runtimes = [][]byte{
	[]byte("\xff Go buildinf:"),                  // Go
	[]byte("NullsoftInst"),                       // NSIS
	[]byte("Inno Setup"),                         // Inno Setup
	[]byte("AU3!EA0"),                            // AutoIt
	[]byte("MEI\x0c\x0b\x0a\x0b\x0e"),            // PyInstaller
	[]byte("!This installation was built with "), // InstallShield and others
}

func ofRuntime(content []byte) bool {
	head := content[:min(len(content), maxDigestBytes)]
	return slices.ContainsFunc(runtimes, func(mark []byte) bool { return bytes.Contains(head, mark) })
}

// structureOfPE joins pefile's imphash with the sections' names and characteristics.
func structureOfPE(content []byte) (structure, bool) {
	s := structure{kind: "pe"}
	file, err := pefile.Parse(content)
	if err != nil {
		return s, false
	}
	imports := 0
	for _, library := range file.Imports {
		imports += len(library.Functions)
	}
	hash, err := file.ImpHash()
	if err != nil || imports < minImports || ofRuntime(content) {
		return s, false
	}
	s.add(hash)
	for _, section := range file.Sections {
		s.add(strings.TrimRight(string(section.Header.Name[:]), "\x00"), fmt.Sprintf("%08x", section.Header.Characteristics))
	}
	return s, true
}

// structureOfELF is of what strip(1) leaves: the sections that are loaded, and the dynamic
// imports as telfhash takes them, with the libraries.
func structureOfELF(content []byte) (structure, bool) {
	s := structure{kind: "elf"}
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return s, false
	}
	imports, err := file.ImportedSymbols()
	if err != nil || len(imports) < minImports || ofRuntime(content) {
		return s, false
	}
	libraries, err := file.ImportedLibraries()
	if err != nil {
		return s, false
	}
	var names, sections []string
	for _, symbol := range imports {
		names = append(names, symbol.Name)
	}
	for _, section := range file.Sections {
		if section.Flags&elf.SHF_ALLOC != 0 && section.Type != elf.SHT_NOTE {
			sections = append(sections, section.Name)
		}
	}
	s.add(file.Type.String(), file.Machine.String())
	s.group("sections", sections)
	s.group("libraries", sorted(libraries))
	s.group("imports", sorted(names))
	return s, true
}

// structureOfMachO is that of the first program of a universal file.
func structureOfMachO(content []byte) (structure, bool) {
	s := structure{kind: "macho"}
	var file *macho.File
	if fat, err := macho.NewFatFile(bytes.NewReader(content)); err == nil {
		file = fat.Arches[0].File
	} else if file, err = macho.NewFile(bytes.NewReader(content)); err != nil {
		return s, false
	}
	imports, err := file.ImportedSymbols()
	if err != nil || len(imports) < minImports || ofRuntime(content) {
		return s, false
	}
	libraries, err := file.ImportedLibraries()
	if err != nil {
		return s, false
	}
	var sections []string
	for _, section := range file.Sections {
		sections = append(sections, section.Seg+" "+section.Name)
	}
	s.add(file.Type.String(), file.Cpu.String())
	s.group("sections", sections)
	s.group("libraries", sorted(libraries))
	s.group("imports", sorted(imports))
	return s, true
}

// sorted returns the texts once each in ascending order.
func sorted(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return slices.Compact(texts)
}

package heuristics

import (
	"bytes"
	"debug/elf"
)

func inspectELF(found *findings, content []byte) {
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		found.add(elfMalformed)
		inspectUPX(found, content)
		return
	}
	defer file.Close()
	if file.Type != elf.ET_EXEC && file.Type != elf.ET_DYN {
		return // relocatable objects and core dumps have no segments to judge
	}
	// Separate debug files keep the program headers of segments they do not hold.
	if section := file.Section(".text"); section != nil && section.Type == elf.SHT_NOBITS {
		return
	}
	entryFound, loads := false, 0
	for _, segment := range file.Progs {
		if segment.Type != elf.PT_LOAD {
			continue
		}
		loads++
		found.addIf(segment.Off+segment.Filesz < segment.Off || segment.Off+segment.Filesz > uint64(len(content)), elfTruncated)
		if segment.Flags&elf.PF_X == 0 {
			continue
		}
		if file.Entry >= segment.Vaddr && file.Entry-segment.Vaddr < segment.Memsz {
			entryFound = true
		}
		found.addIf(segment.Flags&elf.PF_W != 0, elfWritableCode)
		found.addIf(packed(slice(content, segment.Off, segment.Filesz)), elfPackedCode)
	}
	found.addIf(loads > 0 && file.Entry != 0 && !entryFound, elfEntry)
	found.addIf(loads > 0 && len(file.Sections) == 0, elfNoSections)
	inspectUPX(found, content)
}

// inspectUPX looks for the packer's header, which follows the program headers and
// is repeated at the end. UPX itself names its magic too, but elsewhere.
func inspectUPX(found *findings, content []byte) {
	const near = 512
	magic := []byte("UPX!")
	head, tail := content[:min(len(content), near)], content[max(0, len(content)-near):]
	found.addIf(bytes.Contains(head, magic) || bytes.Contains(tail, magic), elfUPX)
}

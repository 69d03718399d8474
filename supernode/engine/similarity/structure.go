package similarity

import "strconv"

// structure is the names and kinds that something is made of.
type structure struct {
	kind  string
	parts []string
}

func (s *structure) add(parts ...string) { s.parts = append(s.parts, parts...) }

// group adds a list so that its end cannot be mistaken.
func (s *structure) group(name string, parts []string) {
	s.add(name, strconv.Itoa(len(parts)))
	s.add(parts...)
}

func (s structure) digest() (string, key) {
	return show(digestOf(domainStructure, append([]string{s.kind}, s.parts...)...))
}

// structureOf reads the structure of content; members are what it holds if it is an
// archive. It is false for types without one, and for what has so little structure that
// strangers have the same.
func structureOf(content []byte, tag string, members *unpacked) (s structure, ok bool) {
	// A parser that a content breaks must not cost the other features.
	defer func() {
		if recover() != nil {
			s, ok = structure{}, false
		}
	}()
	switch tag {
	case "peexe", "pedll":
		return structureOfPE(content)
	case "elf":
		return structureOfELF(content)
	case "macho":
		return structureOfMachO(content)
	case "doc", "xls", "ppt", "ole":
		return structureOfOLE(content)
	case "docx", "xlsx", "pptx", "odt", "ods", "odp", "jar", "apk":
		return structureOfMembers(members, tag)
	case "pdf":
		return structureOfPDF(content)
	}
	if isScript(tag) {
		return structureOfScript(content, tag)
	}
	return structure{}, false
}

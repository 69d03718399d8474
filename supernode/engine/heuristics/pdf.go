package heuristics

import (
	"bytes"
	"strconv"
)

// maxNames of a PDF are read.
const maxNames = 1 << 20

// pdfFacts are counts of the names that matter. Malicious PDFs are malformed on
// purpose, so the scanner reads names anywhere and trusts no structure.
type pdfFacts struct {
	auto, script, launch, embedded int
	// hidden names were written with hexadecimal escapes though they need none.
	hidden int
}

func inspectPDF(found *findings, content []byte) {
	facts := scanPDF(content)
	found.addIf(facts.auto > 0 && facts.script > 0, pdfAutoScript)
	found.addIf(facts.launch > 0, pdfLaunch)
	found.addIf(facts.hidden > 0, pdfHexNames)
	found.addIf(facts.embedded > 0, pdfEmbedded)
}

// scanPDF walks over all names (PDF 32000-1, 7.3.5) outside of streams.
func scanPDF(content []byte) pdfFacts {
	var facts pdfFacts
	for range maxNames {
		start := bytes.IndexByte(content, '/')
		if start < 0 {
			break
		}
		if stream := bytes.Index(content[:start], []byte("stream")); stream >= 0 && !bytes.HasSuffix(content[:stream], []byte("end")) {
			end := bytes.Index(content[stream:], []byte("endstream"))
			if end < 0 {
				break // the rest is one stream
			}
			content = content[stream+end+len("endstream"):]
			continue
		}
		content = content[start+1:]
		size := bytes.IndexAny(content, " \t\r\n\f\x00/<>[](){}%")
		if size < 0 {
			size = len(content)
		}
		facts.count(content[:size])
		content = content[size:]
	}
	return facts
}

func (f *pdfFacts) count(raw []byte) {
	name, escaped := unescapeName(raw)
	known := true
	switch name {
	case "OpenAction", "AA":
		f.auto++
	case "JS", "JavaScript":
		f.script++
	case "Launch":
		f.launch++
	case "EmbeddedFile", "RichMedia":
		f.embedded++
	default:
		known = false
	}
	if known && escaped {
		f.hidden++
	}
}

func unescapeName(raw []byte) (string, bool) {
	if !bytes.ContainsRune(raw, '#') {
		return string(raw[:min(len(raw), 127)]), false
	}
	var name []byte
	for i := 0; i < len(raw) && len(name) < 127; i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if code, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				name = append(name, byte(code))
				i += 2
				continue
			}
		}
		name = append(name, raw[i])
	}
	return string(name), true
}

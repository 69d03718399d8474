// Package filetype names the type of content the way VirusTotal does in type_tag.
package filetype

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// HeadBytes is how much of the beginning decides the type.
const HeadBytes = 64 << 10

// URL is the tag of a sample that is a URL; it is told by the sample's kind, not its bytes.
const URL = "url"

// Unknown is the tag of content that nothing recognised.
const Unknown = "unknown"

// Facts are cheap static facts of a content.
type Facts struct {
	// TypeTag is VirusTotal's short name, such as "elf" or "peexe".
	TypeTag string `json:"type_tag"`
	// TypeDescription is the tag's long name.
	TypeDescription string `json:"type_description"`
	// MIME is the media type without parameters.
	MIME string `json:"mime"`
	// Entropy of all bytes in millibits per byte, 0..8000.
	Entropy uint32 `json:"entropy"`
}

// Describe returns the facts of a whole content.
func Describe(content []byte) Facts {
	head := content[:min(len(content), HeadBytes)]
	media, tag := detect(head)
	return Facts{
		TypeTag: tag, TypeDescription: descriptions[tag], MIME: media,
		Entropy: uint32(math.Round(Entropy(content) * 1000)),
	}
}

// DescriptionOf is the long name of a type tag; empty for one that is not known.
func DescriptionOf(tag string) string { return descriptions[tag] }

// Of returns the type tag of content by its first HeadBytes bytes.
func Of(head []byte) string {
	_, tag := detect(head[:min(len(head), HeadBytes)])
	return tag
}

func detect(head []byte) (media, tag string) {
	if len(head) == 0 {
		return "application/octet-stream", Unknown
	}
	found := mimetype.Detect(head)
	media, _, _ = strings.Cut(found.String(), ";")
	// The most special type may have no tag; what it is built on has.
	for ; found != nil; found = found.Parent() {
		name, _, _ := strings.Cut(found.String(), ";")
		if tag, ok := tags[name]; ok {
			return media, refine(tag, head)
		}
	}
	return media, Unknown
}

// refine tells apart what magic numbers alone cannot.
func refine(tag string, head []byte) string {
	switch tag {
	case "peexe":
		return portableExecutable(head)
	case "text":
		if isPowerShell(head) {
			return "powershell"
		}
	}
	return tag
}

// portableExecutable reads the PE header's characteristics (PE format, 3.3).
func portableExecutable(head []byte) string {
	const pointer, signature, characteristics, isLibrary = 0x3c, 4, 22, 0x2000
	if len(head) < pointer+4 {
		return "mz"
	}
	offset := uint64(binary.LittleEndian.Uint32(head[pointer:]))
	if offset+characteristics+2 > uint64(len(head)) || !bytes.Equal(head[offset:offset+signature], []byte("PE\x00\x00")) {
		return "mz"
	}
	if binary.LittleEndian.Uint16(head[offset+characteristics:])&isLibrary != 0 {
		return "pedll"
	}
	return "peexe"
}

// isPowerShell wants two words that only PowerShell has.
func isPowerShell(head []byte) bool {
	text := bytes.ToLower(head)
	found := 0
	for _, word := range []string{
		"invoke-expression", "new-object", "write-host", "write-output", "get-childitem", "set-executionpolicy",
		"invoke-webrequest", "$psscriptroot", "[cmdletbinding(", "downloadstring(", "foreach-object", "out-null", "-encodedcommand",
	} {
		if bytes.Contains(text, []byte(word)) {
			found++
		}
	}
	return found >= 2
}

// Entropy is Shannon's, in bits per byte, 0..8.
func Entropy(data []byte) float64 {
	if len(data) == 0 {
		return 0
	}
	var counts [256]int
	for _, b := range data {
		counts[b]++
	}
	var bits float64
	for _, count := range counts {
		if count > 0 {
			p := float64(count) / float64(len(data))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

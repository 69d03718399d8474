package heuristics

import (
	"path"
	"strings"
)

var (
	documentExtensions = extensions("pdf doc docx xls xlsx ppt pptx rtf txt odt jpg jpeg png gif bmp mp3 mp4 avi mov htm html csv zip")
	programExtensions  = extensions("exe scr com pif cpl bat cmd ps1 vbs vbe js jse wsf hta lnk msi dll jar")
	programTypes       = extensions("peexe pedll mz elf macho msi lnk")
)

func extensions(list string) map[string]bool {
	set := map[string]bool{}
	for _, extension := range strings.Fields(list) {
		set[extension] = true
	}
	return set
}

func inspectName(found *findings, name, tag string) {
	if name == "" {
		return
	}
	found.addIf(strings.ContainsAny(name, "\u202a\u202b\u202d\u202e\u2066\u2067"), nameBidi)
	found.addIf(hasDoubleExtension(name), nameDoubleExtension)
	found.addIf(programTypes[tag] && documentExtensions[extension(name)], nameDisguise)
}

// hasDoubleExtension is true for invoice.pdf.exe and "invoice.pdf      .exe".
func hasDoubleExtension(name string) bool {
	last := extension(name)
	if !programExtensions[last] {
		return false
	}
	before := strings.TrimRight(strings.TrimSuffix(strings.ToLower(name), "."+last), " _")
	inner := extension(before)
	// A JavaScript file such as logo.svg.js or data.txt.js is common in web projects.
	return documentExtensions[inner] && last != "js" && last != "jar"
}

func extension(name string) string {
	return strings.TrimPrefix(strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/"))), ".")
}

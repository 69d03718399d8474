package heuristics

import (
	"bytes"
	"regexp"
)

var (
	// macroStorage is the directory entry of a VBA project, in UTF-16.
	macroStorage = utf16("_VBA_PROJECT")
	// Compressed VBA (MS-OVBA 2.4.1) keeps runs of new text readable, so names that
	// occur once can be found without unpacking.
	autoStart   = regexp.MustCompile(`(?i)(auto_?open|document_?open|workbook_?open|auto_?exec|auto_?close|document_?close)`)
	programCall = regexp.MustCompile(`(?i)(wscript|shell\x00?\(|\bshell\b|createobject|powershell|urldownloadtofile|xmlhttp)`)
)

// inspectOLE looks into a compound file for macros that start by themselves.
func inspectOLE(found *findings, content []byte) {
	if !bytes.Contains(content, macroStorage) {
		return
	}
	found.add(officeMacros)
	found.addIf(autoStart.Match(content) && programCall.Match(content), officeAutoMacro)
}

func utf16(text string) []byte {
	var wide []byte
	for _, r := range []byte(text) {
		wide = append(wide, r, 0)
	}
	return wide
}

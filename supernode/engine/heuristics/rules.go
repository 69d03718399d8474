// Package heuristics judges content by documented rules over its structure and
// text, without signatures. README.md explains every rule. It parses hostile
// input and runs in workers only.
package heuristics

import (
	"fmt"
	"slices"
	"strings"
)

// Version of the rule table; it changes whenever a rule or weight does.
const Version = "1.0.0"

// Rule is one documented observation and what it weighs.
type Rule struct {
	ID     string
	Weight int
	// What is observed, as shown in a verdict's detail.
	What string
}

// Thresholds of a content's score, the sum of the weights of the rules that hit.
const (
	suspiciousScore = 40
	maliciousScore  = 80
)

// The rules. README.md has the same identifiers and weights, a test compares them.
var (
	eicar = Rule{"EICAR-Test-File", 100, "is the EICAR anti-malware test file"}

	nameDoubleExtension = Rule{"Name.DoubleExtension", 45, "an executable whose name ends like document.exe"}
	nameBidi            = Rule{"Name.Bidi", 45, "the name holds characters that reverse its direction"}
	nameDisguise        = Rule{"Name.Disguise", 45, "an executable that is named as a document or picture"}

	peTruncated    = Rule{"PE.Truncated", 20, "a section reaches beyond the end of the file"}
	peMalformed    = Rule{"PE.Malformed", 20, "PE headers that no parser accepts"}
	peWritableCode = Rule{"PE.WritableCode", 20, "a section is writable and executable"}
	peEntry        = Rule{"PE.Entry", 25, "the entry point is in no executable section"}
	pePackedCode   = Rule{"PE.PackedCode", 25, "executable section with the entropy of packed data"}
	pePackerName   = Rule{"PE.PackerName", 20, "a section is named as a packer names it"}
	peEmptyCode    = Rule{"PE.EmptyCode", 15, "executable section that is filled only at run time"}
	peResolver     = Rule{"PE.Resolver", 15, "imports hardly more than what resolves other imports"}
	peInjection    = Rule{"PE.Injection", 45, "imports the calls to run code in another process"}
	peOverlay      = Rule{"PE.Overlay", 15, "most of the file is packed data behind the last section"}

	elfTruncated    = Rule{"ELF.Truncated", 20, "a segment reaches beyond the end of the file"}
	elfMalformed    = Rule{"ELF.Malformed", 20, "ELF headers that no parser accepts"}
	elfWritableCode = Rule{"ELF.WritableCode", 30, "a segment is writable and executable"}
	elfEntry        = Rule{"ELF.Entry", 25, "the entry point is in no executable segment"}
	elfPackedCode   = Rule{"ELF.PackedCode", 30, "executable segment with the entropy of packed data"}
	elfNoSections   = Rule{"ELF.NoSections", 10, "the section table was removed"}
	elfUPX          = Rule{"ELF.UPX", 20, "packed with UPX"}

	scriptPipeToShell  = Rule{"Script.PipeToShell", 40, "downloads a script and runs it at once"}
	scriptReverseShell = Rule{"Script.ReverseShell", 80, "connects a shell to a network address"}
	scriptDecodeRun    = Rule{"Script.DecodeRun", 45, "runs code that it decodes at run time"}
	scriptEncodedBlob  = Rule{"Script.EncodedBlob", 15, "holds a long encoded block"}
	scriptHidden       = Rule{"Script.Hidden", 40, "starts PowerShell hidden and without its policy"}
	scriptWebShell     = Rule{"Script.WebShell", 80, "runs what a web request says"}
	scriptCharCodes    = Rule{"Script.CharCodes", 25, "builds its text from many character codes"}

	pdfAutoScript = Rule{"PDF.AutoScript", 40, "runs a script when it is opened"}
	pdfLaunch     = Rule{"PDF.Launch", 45, "starts a program"}
	pdfHexNames   = Rule{"PDF.HexNames", 40, "hides keywords by hexadecimal escapes"}
	pdfEmbedded   = Rule{"PDF.Embedded", 10, "carries another file"}

	archiveRatio    = Rule{"Archive.Ratio", 60, "unpacks to a thousand times its size or more"}
	archiveOverlap  = Rule{"Archive.Overlap", 80, "entries share the same compressed bytes"}
	archiveDepth    = Rule{"Archive.Depth", 40, "archives nested five or more deep"}
	archiveDisguise = Rule{"Archive.Disguise", 45, "holds an executable whose name ends like document.exe"}
	archiveMalware  = Rule{"Archive.EICAR", 100, "holds the EICAR anti-malware test file"}
	officeMacros    = Rule{"Office.Macros", 15, "holds macros"}
	officeAutoMacro = Rule{"Office.AutoMacro", 45, "holds macros that name an automatic start and a program call"}
)

// table is all rules in the order of README.md.
var table = []Rule{
	eicar, nameDoubleExtension, nameBidi, nameDisguise,
	peTruncated, peMalformed, peWritableCode, peEntry, pePackedCode, pePackerName, peEmptyCode, peResolver, peInjection, peOverlay,
	elfTruncated, elfMalformed, elfWritableCode, elfEntry, elfPackedCode, elfNoSections, elfUPX,
	scriptPipeToShell, scriptReverseShell, scriptDecodeRun, scriptEncodedBlob, scriptHidden, scriptWebShell, scriptCharCodes,
	pdfAutoScript, pdfLaunch, pdfHexNames, pdfEmbedded,
	archiveRatio, archiveOverlap, archiveDepth, archiveDisguise, archiveMalware, officeMacros, officeAutoMacro,
}

// findings are the rules that hit, each once.
type findings []Rule

func (f *findings) add(rule Rule) {
	if !slices.Contains(*f, rule) {
		*f = append(*f, rule)
	}
}

func (f *findings) addIf(hit bool, rule Rule) {
	if hit {
		f.add(rule)
	}
}

// Verdict is what the findings together say, in the words of engine's answers.
type Verdict struct {
	Category   string `json:"category"`
	Confidence int    `json:"confidence"`
	Label      string `json:"label,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

// judge adds the weights up. Confidence grows with the score over the threshold;
// that no rule hit says little.
func (f findings) judge() Verdict {
	score := 0
	strongest := Rule{}
	var details []string
	for _, rule := range f {
		score += rule.Weight
		if rule.Weight > strongest.Weight {
			strongest = rule
		}
		details = append(details, fmt.Sprintf("%s (%s, %d)", rule.What, rule.ID, rule.Weight))
	}
	verdict := Verdict{Category: "undetected", Confidence: 4, Detail: strings.Join(details, "; ")}
	switch {
	case score >= maliciousScore:
		verdict.Category, verdict.Confidence = "malicious", min(15, 8+(score-maliciousScore)/3)
	case score >= suspiciousScore:
		verdict.Category, verdict.Confidence = "suspicious", min(12, 5+(score-suspiciousScore)/5)
	default:
		return verdict
	}
	verdict.Label = "Heuristic." + strongest.ID
	if strongest == eicar || strongest == archiveMalware {
		verdict.Label = eicar.ID
	}
	return verdict
}

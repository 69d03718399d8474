package heuristics

import (
	"bytes"
	"regexp"
)

// maxScriptBytes of a text are looked at.
const maxScriptBytes = 8 << 20

// scriptRules match lower-cased text. A pattern is tried only where its literal
// occurs; Go's regular expressions take linear time on any text.
var scriptRules = []struct {
	rule    Rule
	literal string
	pattern *regexp.Regexp
}{
	{scriptPipeToShell, "http", regexp.MustCompile(`\b(curl|wget|fetch)\s[^\n|;]*https?://[^\n|;]+\|\s*(sudo\s+)?(ba|z|da|k)?sh\b`)},
	{scriptPipeToShell, "downloadstring", regexp.MustCompile(`\b(iex|invoke-expression)\b[^\n]*downloadstring|downloadstring[^\n]*\|\s*(iex|invoke-expression)\b`)},
	{scriptPipeToShell, "http", regexp.MustCompile(`\b(iwr|irm|invoke-webrequest|invoke-restmethod)\s[^\n]*http[^\n]*\|\s*(iex|invoke-expression)\b`)},
	{scriptReverseShell, "/dev/tcp/", regexp.MustCompile(`\b(ba)?sh\s+-i\s*>&?\s*/dev/tcp/[0-9a-z.$-]+/`)},
	{scriptReverseShell, "/bin/", regexp.MustCompile(`\b(nc|ncat|netcat)\s[^\n]*-e\s*/bin/(ba)?sh\b`)},
	{scriptReverseShell, "mkfifo", regexp.MustCompile(`\bmkfifo\s[^\n]+/bin/(ba)?sh\s+-i[^\n]*\|\s*(nc|ncat|netcat|openssl)\b`)},
	{scriptReverseShell, "dup2(", regexp.MustCompile(`socket\.socket\([^\n]*connect\([^\n]*dup2\([^\n]*/bin/(ba)?sh`)},
	{scriptDecodeRun, "(", regexp.MustCompile(`\b(eval|assert)\s*\(\s*@?\s*(gzinflate|gzuncompress|str_rot13|base64_decode|unescape|atob|string\.fromcharcode)\s*\(`)},
	{scriptDecodeRun, "exec", regexp.MustCompile(`\bexec\s*\(\s*(zlib\.decompress|base64\.b64decode|codecs\.decode|marshal\.loads|__import__\(\s*['"](base64|zlib|marshal)['"]\s*\))\s*[.(]`)},
	{scriptDecodeRun, "base64", regexp.MustCompile(`\bbase64\s+(-d|--decode|-di)\b[^\n]*\|\s*(sudo\s+)?(ba|z|da|k)?sh\b`)},
	{scriptDecodeRun, "frombase64string", regexp.MustCompile(`\b(iex|invoke-expression)\b[^\n]*frombase64string|frombase64string[^\n]*\|\s*(iex|invoke-expression)\b`)},
	{scriptHidden, "powershell", regexp.MustCompile(`powershell(\.exe)?["']?\s[^\n]*-(w|window|windowstyle)\s+(hidden|1)\b[^\n]*-(e|ec|enc|encodedcommand|ep|exec|executionpolicy)\b`)},
	{scriptHidden, "powershell", regexp.MustCompile(`powershell(\.exe)?["']?\s[^\n]*-(ep|exec|executionpolicy)\s+bypass[^\n]*-(w|window|windowstyle)\s+(hidden|1)\b`)},
	{scriptWebShell, "$_", regexp.MustCompile(`\b(eval|assert|system|passthru|shell_exec|exec|popen|proc_open)\s*\(\s*@?\$_(get|post|request|cookie)\s*\[`)},
	{scriptWebShell, "getruntime", regexp.MustCompile(`\bruntime\.getruntime\(\)\.exec\(\s*request\.getparameter\(`)},
	{scriptCharCodes, "chr", regexp.MustCompile(`(chr\(\s*\d{1,3}\s*\)\s*[.&+]\s*){24}`)},
	{scriptCharCodes, "fromcharcode", regexp.MustCompile(`fromcharcode\((\s*\d{1,3}\s*,){48}`)},
}

// decoders make a long encoded block worth a finding; alone it may be a picture.
var (
	encodedBlob = regexp.MustCompile(`[A-Za-z0-9+/]{1000}[A-Za-z0-9+/]{1000}`)
	decoders    = regexp.MustCompile(`\b(base64_decode|frombase64string|b64decode|atob|unescape)\s*\(`)
	runners     = regexp.MustCompile(`\b(eval|exec|system|invoke-expression|iex|createobject)\b`)
)

func inspectScript(found *findings, content []byte, tag string) {
	text := content[:min(len(content), maxScriptBytes)]
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		text = bytes.ReplaceAll(text, []byte{0}, nil)
	}
	lower := bytes.ToLower(text)
	for _, s := range scriptRules {
		found.addIf(bytes.Contains(lower, []byte(s.literal)) && s.pattern.Match(lower), s.rule)
	}
	found.addIf(tag != "html" && decoders.Match(lower) && runners.Match(lower) && encodedBlob.Match(text), scriptEncodedBlob)
}

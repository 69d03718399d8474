package engine

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func TestShippedEngines(t *testing.T) {
	engines := openEngines(t, shipped())
	tests := map[string]struct {
		content *Content
		want    map[string]Verdict // label and category; absent engines may say either
	}{
		"EICAR": {newContent(t, []byte(eicarText)), map[string]Verdict{
			"ClamAV":     {Category: malicious, Label: "Win.Test.EICAR_HDB-1"},
			"YARA":       {Category: malicious, Label: "EICAR-Test-File"},
			"Heuristics": {Category: malicious, Label: "EICAR-Test-File"},
			"Blocklist":  {Category: malicious, Label: "malware:EICAR-Test-File"},
		}},
		"EICAR in an archive": {newContent(t, zipOf(t, zip.Deflate, map[string][]byte{"a/eicar.com": []byte(eicarText)})), map[string]Verdict{
			"ClamAV":     {Category: malicious, Label: "Win.Test.EICAR_HDB-1"},
			"YARA":       {Category: undetected},
			"Heuristics": {Category: malicious, Label: "EICAR-Test-File"},
			"Blocklist":  {Category: undetected},
		}},
		"EICAR inside text": {newContent(t, []byte("quoted: "+eicarText)), map[string]Verdict{
			"ClamAV":     {Category: malicious, Label: "Win.Test.EICAR_LDB-1"},
			"YARA":       {Category: suspicious, Label: "EICAR-Embedded"},
			"Heuristics": {Category: undetected},
			"Blocklist":  {Category: undetected},
		}},
		"ClamAV's test program": {fileContent(t, testfiles+"clam.exe"), map[string]Verdict{
			"ClamAV":    {Category: malicious, Label: "Clamav.Test.File-6"},
			"YARA":      {Category: malicious, Label: "ClamAV-Test-File"},
			"Blocklist": {Category: malicious, Label: "malware:ClamAV-Test-File"},
		}},
		"packed with UPX": {fileContent(t, testfiles+"clam-upx.exe"), map[string]Verdict{
			"ClamAV":     {Category: malicious, Label: "Clamav.Test.File-6"},
			"YARA":       {Category: suspicious, Label: "Packed.UPX.PE"},
			"Heuristics": {Category: suspicious},
		}},
		"a clean program": {fileContent(t, "/usr/bin/true"), allUndetected},
		"an empty file":   {newContent(t, nil), allUndetected},
		"clean text":      {newContent(t, []byte("The quick brown fox.\n")), allUndetected},
		"a zip bomb": {newContent(t, zipOf(t, zip.Deflate, map[string][]byte{"zeros": make([]byte, 128<<20)})), map[string]Verdict{
			"YARA":       {Category: undetected},
			"Heuristics": {Category: suspicious, Label: "Heuristic.Archive.Ratio"},
			"Blocklist":  {Category: undetected},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for engine, want := range test.want {
				got := engines[engine].Scan(context.Background(), test.content)
				require.Equal(t, want.Category, got.Category, "%s: %+v", engine, got)
				if want.Label != "" {
					require.Equal(t, want.Label, got.Label, engine)
				}
			}
		})
	}
}

var allUndetected = map[string]Verdict{
	"ClamAV": {Category: undetected}, "YARA": {Category: undetected},
	"Heuristics": {Category: undetected}, "Blocklist": {Category: undetected},
}

// ClamAV has to see through the packers and archives of its own test files.
func TestClamAVFindsAllTestFiles(t *testing.T) {
	engines := openEngines(t, only("ClamAV"))
	files, err := filepath.Glob(testfiles + "clam*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		verdict := engines["ClamAV"].Scan(context.Background(), fileContent(t, file))
		require.Equal(t, malicious, verdict.Category, "%s: %+v", file, verdict)
		require.Equal(t, "Clamav.Test.File-6", verdict.Label, file)
	}
}

func TestTruncatedProgramIsJudged(t *testing.T) {
	engines := openEngines(t, shipped())
	whole, err := os.ReadFile(testfiles + "clam-upx.exe")
	require.NoError(t, err)
	for _, size := range []int{1, 2, 63, 64, 100, 300, len(whole) / 2, len(whole) - 1} {
		content := newContent(t, whole[:size])
		for _, name := range []string{"ClamAV", "YARA", "Heuristics", "Blocklist"} {
			verdict := engines[name].Scan(context.Background(), content)
			require.Contains(t, []any{undetected, suspicious, malicious}, verdict.Category, "%s at %d bytes: %+v", name, size, verdict)
		}
	}
}

func TestInfo(t *testing.T) {
	config := shipped()
	config.Engines[0].Options["official"] = t.TempDir() // as on a machine without freshclam
	for name, engine := range openEngines(t, config) {
		info, err := engine.Info(context.Background())
		require.NoError(t, err)
		require.Equal(t, name, info.Name)
		require.NotEmpty(t, info.Version)
		require.NotEmpty(t, info.Method)
		switch name {
		case "Heuristics", "URLRules":
			require.Empty(t, info.SignatureDigest)
		case "ClamAV":
			require.Equal(t, "project test signatures; official updates not reachable", info.Note)
			fallthrough
		default:
			require.Len(t, info.SignatureDigest, sha256.Size)
			require.False(t, info.SignatureTime.IsZero())
		case "YARA":
			require.Equal(t, "4.5.4", info.Version)
			require.Equal(t, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), info.SignatureTime)
		}
	}
}

func TestKindsOfSamples(t *testing.T) {
	engines := openEngines(t, shipped())
	takes := map[samplestypes.Kind][]string{
		samplestypes.KIND_FILE:  {"ClamAV", "YARA", "Heuristics", "Blocklist"},
		samplestypes.KIND_URL:   {"Blocklist", "URLRules", "Lookalike"},
		samplestypes.KIND_INTEL: {"Blocklist"},
	}
	for kind, names := range takes {
		content := newContent(t, []byte("https://example.com/"))
		content.Kind = kind
		for name, engine := range engines {
			want := unsupported
			if slices.Contains(names, name) {
				want = undetected
			}
			require.Equal(t, want, engine.Scan(context.Background(), content).Category, "%s of %s", name, kind)
		}
	}
}

// only leaves the named engines in the default configuration.
func only(names ...string) Config {
	config := shipped()
	var kept []EngineConfig
	for _, engine := range config.Engines {
		for _, name := range names {
			if engine.Name == name {
				kept = append(kept, engine)
			}
		}
	}
	config.Engines = kept
	return config
}

func zipOf(t testing.TB, method uint16, files map[string][]byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for name, content := range files {
		writer, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = io.Copy(writer, bytes.NewReader(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return buffer.Bytes()
}

package system

import (
	"crypto/rand"
	"debug/elf"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/testutil/fixtures"
)

// clamavTestFile is harmless; ClamAV's own test suite detects it.
const clamavTestFile = "/usr/share/clamav-testfiles/clam.exe"

func TestMainJob(t *testing.T) {
	w := sharedWorld(t)
	dir := t.TempDir()
	copied := func(path string) []byte {
		content, err := os.ReadFile(path)
		require.NoError(t, err, "run scripts/setup.sh")
		return content
	}
	files := map[string]struct {
		content  []byte
		outcome  string
		label    string // ClamAV's
		fileType string
	}{
		"eicar.com":  {fixtures.EICAR(), "malicious", "Win.Test.EICAR_HDB-1", "text"},
		"clam.exe":   {copied(clamavTestFile), "malicious", "Clamav.Test.File-6", "peexe"},
		"true.elf":   {copied("/usr/bin/true"), "clean", "", "elf"},
		"largest.sh": {[]byte("#!/bin/sh\nfind . -type f | sort | head\n"), "clean", "", "shell"},
		"hello.pdf":  {fixtures.PDF("Hello"), "clean", "", "pdf"},
		"notes.zip":  {zipOf(t, entry{"notes.txt", []byte("Nothing to see here.\n")}), "clean", "", "zip"},
	}
	_, err := elf.Open("/usr/bin/true")
	require.NoError(t, err)
	var paths []string
	for name, file := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, file.content, 0o644))
		paths = append(paths, path)
	}
	contributor := newAddress(t)

	p := w.virusmap(t, append([]string{"--output", "json", "submit", "--wait", "--contributor", contributor}, paths...)...)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	results := submissions(t, p.stdout)
	require.Len(t, results, len(files))
	for name, file := range files {
		result := results[name]
		require.Equal(t, hashOf(file.content), result.SHA256, name)
		require.Equal(t, "submitted", result.Status, name)
		require.Equal(t, file.outcome, result.Outcome, name)
		require.Less(t, result.Seconds, 30.0, name)
		t.Logf("%-10s %-9s %.1f s from submit to outcome", name, result.Outcome, result.Seconds)

		report := w.report(t, result.SHA256)
		require.Equal(t, file.fileType, report.TypeTag, name)
		require.Equal(t, name, report.MeaningfulName)
		require.EqualValues(t, len(file.content), report.Size)
		require.Len(t, report.LastAnalysisResult, allEngines, name)
		clamav := report.LastAnalysisResult["ClamAV"]
		if file.label == "" {
			require.Equal(t, "undetected", clamav.Category, name)
			require.Nil(t, clamav.Label, name)
		} else {
			require.Equal(t, "malicious", clamav.Category, name)
			require.NotNil(t, clamav.Label, name)
			require.Equal(t, file.label, *clamav.Label, name)
		}
		require.Equal(t, contributor, w.record(t.Context(), result.SHA256).Contributor, name)
	}
	w.requireOneAnswerPerRound(t)
}

func TestSubmittingAgain(t *testing.T) {
	w := sharedWorld(t)
	path := sample(t, "twice.txt", freshText("submitted twice"))
	require.Equal(t, "clean", w.submitAndWait(t, path).Outcome)
	before := w.initialRounds(t)
	again := w.submitAndWait(t, path)
	require.Equal(t, "known", again.Status)
	require.Equal(t, "clean", again.Outcome)
	w.requireProgress(t, 4)
	require.Equal(t, before, w.initialRounds(t), "no round for a known sample")
}

func newAddress(t *testing.T) string {
	t.Helper()
	address := make([]byte, 20)
	_, err := rand.Read(address)
	require.NoError(t, err)
	return sdk.AccAddress(address).String()
}

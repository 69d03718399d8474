package analysis

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine"
)

func TestMain(m *testing.M) {
	engine.RunIfWorker()
	os.Exit(m.Run())
}

func TestFileType(t *testing.T) {
	ownProgram, err := os.ReadFile("/proc/self/exe")
	require.NoError(t, err)
	tests := map[string]struct {
		head []byte
		tag  string
	}{
		"ELF":        {ownProgram, "elf"},
		"PE":         {testfile(t, "clam.exe"), "peexe"},
		"PDF":        {testfile(t, "clam.pdf"), "pdf"},
		"ZIP":        {testfile(t, "clam.zip"), "zip"},
		"7z":         {testfile(t, "clam.7z"), "7zip"},
		"gzip":       {testfile(t, "clam.tar.gz"), "gzip"},
		"RTF":        {testfile(t, "clam.exe.rtf"), "rtf"},
		"cabinet":    {testfile(t, "clam.cab"), "cab"},
		"help":       {testfile(t, "clam.chm"), "chm"},
		"shell":      {[]byte("#!/bin/sh\necho hello\n"), "shell"},
		"Python":     {[]byte("#!/usr/bin/env python3\nprint(1)\n"), "python"},
		"PowerShell": {[]byte("Write-Host hi\nGet-ChildItem | ForEach-Object { $_ }\n"), "powershell"},
		"HTML":       {[]byte("<!DOCTYPE html><html><body>hi</body></html>"), "html"},
		"JSON":       {[]byte(`{"a": 1}`), "json"},
		"text":       {[]byte("hello world\n"), "text"},
		"DOS":        {[]byte("MZ" + strings.Repeat("\x00", 100)), "mz"},
		"binary":     {bytes.Repeat([]byte{0x91, 0x00, 0x03}, 50), Unknown},
		"nothing":    {nil, Unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.tag, FileType(test.head)) })
	}
}

func testfile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("/usr/share/clamav-testfiles/" + name)
	require.NoError(t, err, "install Debian's clamav-testfiles by scripts/setup.sh")
	return content
}

func TestAnalyse(t *testing.T) {
	analyser, err := Open(nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, analyser.Close()) })

	analyse := func(text string) Facts {
		content, err := engine.NewContent(strings.NewReader(text), 1<<20)
		require.NoError(t, err)
		defer content.Close()
		facts, err := analyser.Analyse(context.Background(), content)
		require.NoError(t, err)
		return facts
	}
	require.Equal(t, Facts{
		TypeTag: "shell", TypeDescription: "Shell script", MIME: "text/x-shellscript", Entropy: 3735,
	}, analyse("#!/bin/sh\nexit 0\n"))
	require.Equal(t, Facts{
		TypeTag: Unknown, TypeDescription: "unknown", MIME: "application/octet-stream",
	}, analyse(""))
	require.EqualValues(t, 8000, analyse(everyByte()).Entropy)
}

func everyByte() string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return string(all)
}

func FuzzFileType(f *testing.F) {
	f.Add([]byte("MZ"))
	f.Add([]byte("\x7fELF"))
	f.Add([]byte("%PDF-1.7"))
	f.Add([]byte("#!/bin/sh"))
	f.Fuzz(func(t *testing.T, head []byte) { require.NotEmpty(t, FileType(head)) })
}

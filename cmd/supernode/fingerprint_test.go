package main

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/engine"
)

func TestMain(m *testing.M) {
	engine.RunIfWorker()
	os.Exit(m.Run())
}

func TestFingerprint(t *testing.T) {
	dir := t.TempDir()
	program, err := os.ReadFile("/usr/bin/true")
	require.NoError(t, err)
	plain, packed, short := filepath.Join(dir, "plain"), filepath.Join(dir, "packed.gz"), filepath.Join(dir, "short")
	require.NoError(t, os.WriteFile(plain, program, 0o600))
	require.NoError(t, os.WriteFile(short, []byte("hello\n"), 0o600))
	file, err := os.Create(packed)
	require.NoError(t, err)
	writer := gzip.NewWriter(file)
	_, err = writer.Write(program)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	require.NoError(t, file.Close())

	out, err := run(t, "fingerprint", "--output", "json", plain, packed, short)
	require.NoError(t, err)
	var prints []fingerprint
	require.NoError(t, json.Unmarshal([]byte(out), &prints))
	require.Len(t, prints, 3)
	require.Equal(t, packed, prints[1].File)
	require.Regexp(t, "^T1[0-9A-F]{70}$", prints[0].TLSH)
	require.Equal(t, prints[0].TLSH, prints[1].TLSH, "the digests of an archive are of what it holds")
	require.Len(t, prints[0].Keys, 10)
	require.Empty(t, prints[0].Keys[0], "it is no archive")
	require.NotEmpty(t, prints[1].Keys[0])
	require.Equal(t, prints[0].Keys[1:], prints[1].Keys[1:])
	require.Equal(t, make([]string, 10), prints[2].Keys, "it is too short to be like anything")

	text, err := run(t, "fingerprint", plain)
	require.NoError(t, err)
	require.Contains(t, text, "  tlsh       "+prints[0].TLSH)
	require.Contains(t, text, "  unpacked   -\n")
	require.Contains(t, text, "  key 0      -\n  key 1      "+prints[0].Keys[1])
}

func TestFingerprintRefusesWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge")
	require.NoError(t, os.WriteFile(huge, nil, 0o600))
	require.NoError(t, os.Truncate(huge, analysis.MaxFeatureBytes+1))
	for want, args := range map[string][]string{
		"huge: has 1073741825 bytes, at most 1073741824": {huge},
		"absent: no such file":                           {filepath.Join(dir, "absent")},
		"is a folder":                                    {dir},
		`"--output" flag: not text or json`:              {"--output", "yaml", huge},
		"requires at least 1 arg":                        {},
	} {
		_, err := run(t, append([]string{"fingerprint"}, args...)...)
		require.ErrorContains(t, err, want)
	}
}

package index

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDetailsAreOfTheFile(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	s := submissionOf("content")
	s.Name = "a.exe"
	record(t, x, s)
	found, err := x.HasDetails(ctx, s.SHA256)
	require.NoError(t, err)
	require.False(t, found)

	details := Details{SSDEEP: "3:a:b", TLSH: "T1AB", Authentihash: "cd", PE: json.RawMessage(`{"machine_type":332}`)}
	opened := File{SHA256: s.SHA256, SHA1: s.SHA1, MD5: s.MD5, Size: s.Size, TypeTag: "other", State: StateOnChain, Details: &details}
	require.NoError(t, x.AddKnown(ctx, opened))
	found, err = x.HasDetails(ctx, s.SHA256)
	require.NoError(t, err)
	require.True(t, found)
	for _, hash := range [][]byte{s.MD5[:], s.SHA1[:], s.SHA256[:]} {
		file, err := x.File(ctx, hash)
		require.NoError(t, err)
		require.Equal(t, &details, file.Details)
		require.Equal(t, []string{"a.exe"}, file.Names, "what is known stays")
		require.EqualValues(t, 1, file.TimesSubmitted)
	}

	newer := opened
	newer.Details = &Details{SSDEEP: "3:c:d"}
	require.NoError(t, x.AddKnown(ctx, newer))
	file, err := x.File(ctx, s.SHA256[:])
	require.NoError(t, err)
	require.Equal(t, &Details{SSDEEP: "3:c:d"}, file.Details)
}

// A file that others took in is found by its other hashes once it was opened.
func TestOpenedFileIsKnown(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	s := submissionOf("elsewhere")
	require.NoError(t, x.AddKnown(ctx, File{SHA256: s.SHA256, SHA1: s.SHA1, MD5: s.MD5, State: StateOnChain, Details: &Details{}}))
	file, err := x.File(ctx, s.MD5[:])
	require.NoError(t, err)
	require.Equal(t, s.SHA256, file.SHA256)
	require.Equal(t, &Details{}, file.Details, "it was opened, and has none")
}

func TestDetailsAreBounded(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	for want, details := range map[string]Details{
		"ssdeep of 257 bytes":        {SSDEEP: strings.Repeat("a", 257)},
		"tlsh of 2 bytes":            {TLSH: "a\x00"},
		"authentihash of 1 bytes":    {Authentihash: "\xff"},
		"pe of 1 bytes":              {PE: json.RawMessage("{")},
		"pe of 65538 bytes: want at": {PE: json.RawMessage(`"` + strings.Repeat("a", 1<<16) + `"`)},
	} {
		s := submissionOf(want)
		err := x.AddKnown(ctx, File{SHA256: s.SHA256, SHA1: s.SHA1, MD5: s.MD5, Details: &details})
		require.ErrorContains(t, err, want)
		_, err = x.File(ctx, s.SHA256[:])
		require.ErrorIs(t, err, ErrNotFound, "nothing is half-written")
	}
}

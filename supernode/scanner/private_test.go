package scanner

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// A private content is judged by every engine, within the bounds of all scans, and not told
// to anybody else.
func TestScanPrivate(t *testing.T) {
	finds := scripted{name: "finds", scan: func(context.Context, *engine.Content) engine.Verdict {
		return engine.Verdict{Category: verdictstypes.CATEGORY_MALICIOUS, Label: "Marker", Confidence: 15}
	}}
	wild := scripted{name: "wild", scan: func(context.Context, *engine.Content) engine.Verdict {
		return engine.Verdict{Category: verdictstypes.CATEGORY_UNDECRYPTABLE}
	}}
	var said bytes.Buffer
	cfg := DefaultConfig()
	cfg.Parallel, cfg.MemoryBytes = 1, 1<<20
	s := &Scanner{
		Deps: Deps{Engines: []engine.Engine{finds, wild}, Log: slog.New(slog.NewTextHandler(&said, nil))},
		cfg:  cfg, gates: newGates(cfg),
	}
	for range 3 { // what it took is given back
		findings, err := s.ScanPrivate(t.Context(), strings.NewReader("content"), 7)
		require.NoError(t, err)
		require.Len(t, findings, 2)
		require.Equal(t, "finds", findings[0].Info.Name)
		require.Equal(t, "Marker", findings[0].Verdict.Label)
		require.Equal(t, verdictstypes.CATEGORY_FAILURE, findings[1].Verdict.Category, "no engine may say that")
	}
	_, err := s.ScanPrivate(t.Context(), strings.NewReader("content"), 2<<20)
	require.ErrorContains(t, err, "memory_bytes")
	_, err = s.ScanPrivate(t.Context(), strings.NewReader("longer than told"), 7)
	require.ErrorIs(t, err, engine.ErrTooLarge)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.ScanPrivate(ended, strings.NewReader("content"), 7)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, said.String())
}

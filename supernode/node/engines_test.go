package node

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/engines"
	"github.com/virusmap/virusmap/supernode/engine"
)

func TestMain(m *testing.M) {
	engine.RunIfWorker()
	os.Exit(m.Run())
}

// What Init writes opens, after a way through the file.
func TestWrittenEnginesOpen(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, engines.Install(filepath.Join(home, enginesDir)))
	encoded, err := DefaultConfig(home).Encode()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(home, configFile), encoded, 0o600))
	loaded, err := Load(home)
	require.NoError(t, err)
	cfg := loaded.engines()
	require.Len(t, cfg.Engines, 6)
	cfg.Engines, cfg.Workers = cfg.Engines[2:], 1 // clamd takes long to start, and YARA's rules have tests of their own
	opened, err := engine.Open(t.Context(), cfg)
	require.NoError(t, err)
	for _, e := range opened {
		require.NoError(t, e.Close())
	}
}

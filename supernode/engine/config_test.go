package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigIsChecked(t *testing.T) {
	valid := EngineConfig{Name: "A", Kind: "heuristics"}
	tests := map[string]struct {
		config Config
		says   string
	}{
		"workers":         {Config{Workers: -1}, "workers: -1"},
		"empty name":      {Config{Engines: []EngineConfig{{Kind: "yara"}}}, "engines[0]"},
		"bad name":        {Config{Engines: []EngineConfig{{Name: "a b", Kind: "yara"}}}, "outside [A-Za-z0-9._-]"},
		"twice":           {Config{Engines: []EngineConfig{valid, valid}}, `engines[1]: name "A" is taken`},
		"unknown kind":    {Config{Engines: []EngineConfig{{Name: "A", Kind: "icap"}}}, `kind "icap"`},
		"long timeout":    {Config{Engines: []EngineConfig{{Name: "A", Kind: "yara", TimeoutSeconds: 86400}}}, "at most 3600"},
		"unknown samples": {Config{Engines: []EngineConfig{{Name: "A", Kind: "yara", Samples: []string{"mail"}}}}, `"mail"`},
		"too many":        {Config{Engines: make([]EngineConfig, 17)}, "at most 16"},
		"unknown option":  {Config{Engines: []EngineConfig{{Name: "A", Kind: "heuristics", Options: map[string]any{"level": 9}}}}, "level"},
		"no rules":        {Config{Engines: []EngineConfig{{Name: "A", Kind: "yara"}}}, "rules is missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Open(context.Background(), test.config)
			require.ErrorContains(t, err, test.says)
		})
	}
	require.NoError(t, DefaultConfig("/anywhere").Validate())
}

func TestSharedPoolOutlivesEngines(t *testing.T) {
	pool, err := NewPool(Config{Workers: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	config := only("Heuristics", "YARA")
	config.Pool = pool
	engines, err := Open(context.Background(), config)
	require.NoError(t, err)
	content := newContent(t, []byte(eicarText))
	for _, engine := range engines {
		require.Equal(t, malicious, engine.Scan(context.Background(), content).Category)
		require.NoError(t, engine.Close())
	}
	facts, err := Analyse(context.Background(), pool, content, defaultTimeoutSeconds*1e9)
	require.NoError(t, err)
	require.Equal(t, "text", facts.TypeTag)
}

package scanner

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

func TestConfigIsChecked(t *testing.T) {
	good := DefaultConfig()
	good.Operator = chaintest.NewAccount("operator").Address.String()
	require.NoError(t, good.Validate())
	for want, spoil := range map[string]func(*Config){
		"operator":            func(c *Config) { c.Operator = "" },
		"parallel: -1":        func(c *Config) { c.Parallel = -1 },
		"parallel: 1025":      func(c *Config) { c.Parallel = 1025 },
		"memory_bytes: 1":     func(c *Config) { c.MemoryBytes = 1 },
		"block_seconds: 0":    func(c *Config) { c.BlockSeconds = 0 },
		"block_seconds: 61":   func(c *Config) { c.BlockSeconds = 61 },
		"block_seconds: NaN":  func(c *Config) { c.BlockSeconds = math.NaN() },
		"block_seconds: +Inf": func(c *Config) { c.BlockSeconds = math.Inf(1) },
	} {
		cfg := good
		spoil(&cfg)
		require.ErrorContains(t, cfg.Validate(), want)
	}
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The chain is away, so nothing is rebuilt, and nothing is lost either.
func TestRebuildWithoutAChainFails(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	_, err := run(t, "init", "--home", home)
	require.NoError(t, err)
	_, err = run(t, "index", "rebuild", "--home", home, "--output", "yaml")
	require.ErrorContains(t, err, "yaml")

	path := filepath.Join(home, "config.toml")
	config, err := os.ReadFile(path)
	require.NoError(t, err)
	text := strings.Replace(string(config), "/ip4/127.0.0.1/tcp/4001", "/ip4/127.0.0.1/tcp/0", 1)
	text = strings.Replace(text, "127.0.0.1:9090", "127.0.0.1:1", 1)
	text = strings.Replace(text, "http://127.0.0.1:26657", "http://127.0.0.1:1", 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	out, err := run(t, "index", "rebuild", "--home", home, "--output", "json")
	require.ErrorContains(t, err, "connection refused")
	var state map[string]any
	require.NoError(t, json.NewDecoder(strings.NewReader(out)).Decode(&state))
	require.Equal(t, false, state["done"])
}

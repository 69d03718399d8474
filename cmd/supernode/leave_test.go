package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// The chain is away, so nothing is safe, and that is what the exit code and JSON say.
func TestLeaveThatIsNotSafeFails(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	_, err := run(t, "init", "--home", home)
	require.NoError(t, err)
	_, err = run(t, "leave", "--home", home, "--output", "yaml")
	require.ErrorContains(t, err, "yaml")

	path := filepath.Join(home, "config.toml")
	config, err := os.ReadFile(path)
	require.NoError(t, err)
	text := strings.Replace(string(config), "operator = ''", "operator = '"+sdk.AccAddress("operator").String()+"'", 1)
	text = strings.Replace(text, "/ip4/127.0.0.1/tcp/4001", "/ip4/127.0.0.1/tcp/0", 1)
	text = strings.Replace(text, "127.0.0.1:9090", "127.0.0.1:1", 1)
	text = strings.Replace(text, "http://127.0.0.1:26657", "http://127.0.0.1:1", 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	out, err := run(t, "leave", "--home", home, "--timeout", "200ms", "--output", "json")
	require.ErrorContains(t, err, "not handed over within 200ms")
	var state map[string]any
	require.NoError(t, json.NewDecoder(strings.NewReader(out)).Decode(&state))
	require.Equal(t, false, state["safe"])
}

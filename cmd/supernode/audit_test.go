package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/node"
)

func TestAudit(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	_, err := node.Init(context.Background(), home)
	require.NoError(t, err)
	x, err := index.Open(context.Background(), index.Config{Path: filepath.Join(home, "index.db")})
	require.NoError(t, err)
	defer x.Close() // as a running supernode has it open
	for _, actor := range []string{"key:first", "key:\x1b[2J"} {
		require.NoError(t, x.Audit(context.Background(), index.AuditEntry{
			Time: 1_900_000_000, Actor: actor, Action: "key_added", Result: "done",
		}))
	}
	out, err := run(t, "audit", "--home", home)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(out, "2030-03-17T17:46:40Z  key_added"))
	require.NotContains(t, out, "\x1b")

	out, err = run(t, "audit", "--home", home, "--actor", "key:first", "--output", "json")
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(out, "\n"))
	require.Contains(t, out, `"actor":"key:first"`)

	for want, args := range map[string][]string{
		"--output": {"--output", "yaml"}, "--limit": {"--limit", "0"}, "--action": {"--actor", "a", "--action", "b"},
	} {
		_, err := run(t, append([]string{"audit", "--home", home}, args...)...)
		require.ErrorContains(t, err, want)
	}
	_, err = run(t, "audit", "--home", t.TempDir())
	require.ErrorContains(t, err, "supernode init --home")
}

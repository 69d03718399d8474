package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/node"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	return out.String(), err
}

func TestInitAndShow(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	out, err := run(t, "init", "--home", home)
	require.NoError(t, err)
	require.Contains(t, out, "API key")
	require.Contains(t, out, "Write them down")
	_, err = run(t, "init", "--home", home)
	require.ErrorContains(t, err, "exists already")

	out, err = run(t, "key", "show", "--home", home, "--output", "json")
	require.NoError(t, err)
	var identity node.Identity
	require.NoError(t, json.Unmarshal([]byte(out), &identity))
	require.True(t, strings.HasPrefix(identity.Recipient, "age1pq1"))
	text, err := run(t, "key", "show", "--home", home)
	require.NoError(t, err)
	require.Contains(t, text, identity.PeerID)
	_, err = run(t, "key", "show", "--home", home, "--output", "yaml")
	require.ErrorContains(t, err, "yaml")

	out, err = run(t, "config", "show", "--home", home)
	require.NoError(t, err)
	require.Contains(t, out, "[gateway]")

	_, err = run(t, "start", "--home", home)
	require.ErrorContains(t, err, "scanner: operator is empty")
}

func TestCommandsWithoutAHomeTellWhatToDo(t *testing.T) {
	for _, args := range [][]string{{"start"}, {"leave"}, {"config", "show"}, {"key", "show"}} {
		_, err := run(t, append(args, "--home", t.TempDir())...)
		require.ErrorContains(t, err, "supernode init --home", args)
	}
}

func TestVersion(t *testing.T) {
	out, err := run(t, "version")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(out, "supernode "))
}

func TestEveryCommandHasAnExample(t *testing.T) {
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short+cmd.Long+cmd.Example, cmd.CommandPath())
		if cmd.Runnable() && !cmd.Hidden {
			require.Contains(t, cmd.Example, "supernode ", cmd.CommandPath())
		}
		for _, child := range cmd.Commands() {
			check(child)
		}
	}
	check(newRoot())
}

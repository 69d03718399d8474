package system

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
	"github.com/virusmap/virusmap/testutil/network"
)

// printed is what a program left behind.
type printed struct {
	code           int
	stdout, stderr string
}

// run runs a program to its end, whatever its exit code.
func run(t *testing.T, cmd *exec.Cmd) printed {
	t.Helper()
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return printed{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (w *world) virusmap(t *testing.T, args ...string) printed {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return run(t, w.person.Command(ctx, args...))
}

// at makes the command line use another supernode than the first.
func at(supernode *network.Supernode, args ...string) []string {
	return append([]string{"--host", supernode.URL, "--api-key", supernode.APIKey}, args...)
}

// submission is a line of `virusmap submit --output json`.
type submission struct {
	Path    string  `json:"path"`
	SHA256  string  `json:"sha256"`
	Status  string  `json:"status"`
	Outcome string  `json:"outcome"`
	Seconds float64 `json:"seconds"`
	Error   string  `json:"error"`
}

// submissions reads the lines by the name of the file.
func submissions(t *testing.T, stdout string) map[string]submission {
	t.Helper()
	all := map[string]submission{}
	for line := range strings.Lines(stdout) {
		var one submission
		require.NoError(t, json.Unmarshal([]byte(line), &one), line)
		all[filepath.Base(one.Path)] = one
	}
	return all
}

// submit hands in one file and returns at the receipt.
func (w *world) submit(t *testing.T, path string, args ...string) submission {
	t.Helper()
	p := w.virusmap(t, append(args, "--output", "json", "submit", path)...)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	return submissions(t, p.stdout)[filepath.Base(path)]
}

// submitAndWait hands in one file and returns with its outcome.
func (w *world) submitAndWait(t *testing.T, path string, args ...string) submission {
	t.Helper()
	p := w.virusmap(t, append(args, "--output", "json", "submit", "--wait", "--wait-timeout", "90s", path)...)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	return submissions(t, p.stdout)[filepath.Base(path)]
}

// report asks the gateway what was said of a sample.
func (w *world) report(t *testing.T, sha256 string) api.FileAttributes {
	t.Helper()
	p := w.virusmap(t, "--output", "json", "report", sha256)
	require.Zero(t, p.code, p.stderr)
	var envelope struct {
		Data api.File `json:"data"`
	}
	require.NoError(t, json.Unmarshal([]byte(p.stdout), &envelope))
	return envelope.Data.Attributes
}

// sample writes a file to submit.
func sample(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return path
}

// freshText is text that nobody has submitted before.
func freshText(lead string) []byte { return []byte(lead + " " + rand.Text() + "\n") }

func hashOf(content []byte) string {
	hash := sha256.Sum256(content)
	return hex.EncodeToString(hash[:])
}

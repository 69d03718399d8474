package command

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

func TestSubmit(t *testing.T) {
	g := newGateway(t)
	dir := t.TempDir()
	fresh, known := write(t, dir, "fresh.bin", "fresh"), write(t, dir, "known.bin", "known")
	g.known[sha256Of([]byte("known"))] = final
	code, stdout, stderr := g.run("submit", "--jobs", "1", fresh, known)
	require.Zero(t, code, stderr)
	require.Equal(t, fmt.Sprintf("%s  %s  submitted\n%s  %s  known\n",
		fresh, sha256Of([]byte("fresh")), known, sha256Of([]byte("known"))), stdout)
	require.Empty(t, stderr, "no progress bar without a terminal")
	require.Equal(t, []upload{{name: "fresh.bin", content: []byte("fresh"), path: "/api/v3/files"}}, g.uploads)
}

// Somebody submitted something else under the hash; that does not keep the file out.
func TestSubmitAfterABadSubmission(t *testing.T) {
	g := newGateway(t)
	path := write(t, t.TempDir(), "a.bin", "abc")
	g.known[sha256Of([]byte("abc"))] = strings.Replace(final, "malicious", "invalid", 1)
	code, stdout, stderr := g.run("submit", path)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "submitted")
	require.Len(t, g.uploads, 1)
}

func TestSubmitJSON(t *testing.T) {
	g := newGateway(t)
	path := write(t, t.TempDir(), "a.bin", "abc")
	code, stdout, _ := g.run("--output", "json", "submit", path, "/does/not/exist")
	require.Equal(t, 1, code)
	got := strings.Split(strings.TrimSpace(stdout), "\n")
	slices.Sort(got)
	require.Equal(t, []string{
		`{"path":"/does/not/exist","size":0,"status":"failed","error":"stat /does/not/exist: no such file or directory"}`,
		fmt.Sprintf(`{"path":"%s","sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","size":3,"status":"submitted","analysis_id":"analysis=="}`, path),
	}, got)
}

func TestSubmitContributor(t *testing.T) {
	g := newGateway(t)
	home, contributor := t.TempDir(), account(t)
	path := write(t, t.TempDir(), "a.bin", "abc")
	code, _, stderr := g.run("submit", "--contributor", contributor, path)
	require.Zero(t, code, stderr)
	require.Equal(t, contributor, g.uploads[0].contributor)

	code, _, stderr = g.run("submit", "--contributor", "cosmos1abc", path)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "contributor")

	// The one of the settings is credited without a flag, and the outcome says where to look.
	code, _, stderr = g.run("--home", home, "config", "set", "contributor", contributor)
	require.Zero(t, code, stderr)
	g.steps = []string{final}
	code, stdout, stderr := g.run("--home", home, "submit", "--wait", write(t, t.TempDir(), "b.bin", "abd"))
	require.Zero(t, code, stderr)
	require.Equal(t, contributor, g.uploads[1].contributor)
	require.True(t, strings.HasSuffix(stdout, "What it earns: virusmap rewards "+contributor+"\n"), stdout)
	g.steps = []string{final}
	_, stdout, _ = g.run("--home", home, "--output", "json", "submit", "--wait", write(t, t.TempDir(), "c.bin", "abe"))
	require.Len(t, lines(t, stdout), 1, "JSON is results alone")
}

func TestDirectoriesNeedRecursive(t *testing.T) {
	g := newGateway(t)
	dir := t.TempDir()
	code, _, stderr := g.run("submit", dir)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "add --recursive")
}

// Loops, special files, links out of the tree and odd names neither hang nor hide.
func TestSubmitTree(t *testing.T) {
	g := newGateway(t)
	dir := t.TempDir()
	outside := write(t, t.TempDir(), "outside.txt", "outside the tree")
	write(t, dir, "a/b/deep.bin", "deep")
	write(t, dir, "name\xff\xfe.bin", "not UTF-8")
	write(t, dir, strings.Repeat("n", 255), "long name")
	write(t, dir, "two\nlines\x1b[2J", "control characters")
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "a", "loop")))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "link")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644))
	listener, err := net.Listen("unix", filepath.Join(dir, "socket"))
	require.NoError(t, err)
	defer listener.Close()

	code, stdout, stderr := g.run("submit", "-r", dir)
	require.Zero(t, code, stdout+stderr)
	require.Len(t, g.uploads, 4)
	require.Equal(t, 8, strings.Count(stdout, "\n"))
	for _, skipped := range []string{"loop  skipped: symbolic link", "link  skipped: symbolic link", "pipe  skipped: named pipe", "socket  skipped: socket"} {
		require.Contains(t, stdout, skipped)
	}
	require.NotContains(t, stdout, "\x1b")
	require.NotContains(t, stdout, "\xff")
	var names []string
	for _, upload := range g.uploads {
		require.NotContains(t, upload.name, dir)
		require.NotContains(t, string(upload.content), "outside")
		names = append(names, upload.name)
	}
	require.Contains(t, names, "deep.bin")
	require.Contains(t, names, "name_.bin")
	require.Contains(t, names, "two_lines_[2J")
	require.Contains(t, names, strings.Repeat("n", 255))

	// A link given as an argument is meant.
	code, stdout, _ = g.run("submit", "-r", filepath.Join(dir, "a", "loop"))
	require.Zero(t, code)
	require.Contains(t, stdout, "known")
}

func TestEachFailureIsReportedAndTheRestGoesOn(t *testing.T) {
	g := newGateway(t)
	dir := t.TempDir()
	good, empty := write(t, dir, "good", "good"), write(t, dir, "empty", "")
	pipe := filepath.Join(dir, "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o644))
	code, stdout, _ := g.run("submit", good, empty, pipe, "/proc/self/mem", filepath.Join(dir, "missing"))
	require.Equal(t, 1, code)
	for _, line := range []string{"good  ", "empty  e3b0", "the file is empty", "pipe is a named pipe, not a file", "input/output error", "no such file"} {
		require.Contains(t, stdout, line)
	}
	require.Len(t, g.uploads, 1)
}

func TestLargeFilesGoToTheUploadURL(t *testing.T) {
	g := newGateway(t)
	path := write(t, t.TempDir(), "large", "")
	require.NoError(t, os.Truncate(path, 32<<20+1))
	code, _, stderr := g.run("submit", path)
	require.Zero(t, code, stderr)
	require.Len(t, g.uploads, 1)
	require.Equal(t, "/large/upload", g.uploads[0].path)
	require.Len(t, g.uploads[0].content, 32<<20+1)
}

func TestSubmitWaits(t *testing.T) {
	running := `{"chain_id":"virusmap-test-1","round":7,"height":8,"round_status":"commit","seats":2}`
	for name, test := range map[string]struct {
		steps    []string
		patience string
		code     int
		says     string
	}{
		"outcome": {[]string{`{"chain_id":"virusmap-test-1"}`, running, final}, "1m", 0, "submitted, malicious (3 of 4 engines) after "},
		"refused": {[]string{"refused: deposit of 10000uvmt is missing"}, "1m", 1, "the chain refused the file: deposit"},
		"no end":  {nil, "1s", 1, "no outcome within 1s (queued)"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			g.steps = test.steps
			code, stdout, _ := g.run("submit", "--wait", "--wait-timeout", test.patience, write(t, t.TempDir(), "a", "abc"))
			require.Contains(t, stdout, test.says)
			require.Equal(t, test.code, code)
		})
	}
	g := newGateway(t)
	g.known[sha256Of([]byte("abc"))] = running
	g.steps = []string{running, running, final}
	code, stdout, _ := g.run("submit", "--wait", write(t, t.TempDir(), "a", "abc"))
	require.Zero(t, code)
	require.Contains(t, stdout, "known, malicious (3 of 4 engines)\n")
}

func TestBusyServersAreAskedAgain(t *testing.T) {
	g := newGateway(t)
	var refusals atomic.Int32
	g.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || refusals.Add(1) > 2 {
			return false
		}
		w.Header().Set("Retry-After", "0")
		answer(w, http.StatusServiceUnavailable, `{"error":{"code":"TransientError","message":"busy"}}`)
		return true
	}
	content := bytes.Repeat([]byte("0123456789"), 1<<20)
	code, stdout, _ := g.run("submit", write(t, t.TempDir(), "a", string(content)))
	require.Zero(t, code, stdout)
	require.Equal(t, content, g.uploads[0].content)
	require.Equal(t, int32(3), refusals.Load())
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	path := write(t, t.TempDir(), "a", "abc")
	for name, test := range map[string]struct {
		status     int
		body, says string
	}{
		"too large": {http.StatusRequestEntityTooLarge, `{"error":{"code":"BadRequestError","message":"file: larger than the limit of 5 bytes"}}`, "larger than the limit of 5 bytes"},
		"quota":     {http.StatusTooManyRequests, `{"error":{"code":"QuotaExceededError","message":"Quota exceeded"}}`, "Quota exceeded"},
		"web page":  {http.StatusForbidden, "<html>", "is the host right?"},
		"no id":     {http.StatusOK, `{"data":{}}`, "names no analysis"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			g.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost {
					answer(w, test.status, test.body)
				}
				return r.Method == http.MethodPost
			}
			code, stdout, _ := g.run("submit", path)
			require.Equal(t, 1, code)
			require.Contains(t, stdout, test.says)
		})
	}
}

func TestFileThatChangesIsAFailure(t *testing.T) {
	g := newGateway(t)
	path := write(t, t.TempDir(), "a", "abc")
	g.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet { // between hashing and sending
			require.NoError(t, os.WriteFile(path, []byte("abd"), 0o600))
		}
		return false
	}
	code, stdout, _ := g.run("submit", path)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "changed while it was read")
}

func TestInterruptEndsASubmission(t *testing.T) {
	g := newGateway(t)
	ctx, cancel := context.WithCancel(t.Context())
	g.intercept = func(http.ResponseWriter, *http.Request) bool {
		cancel()
		return false
	}
	path := write(t, t.TempDir(), "a", "abc")
	code, _, stderr := run(t, ctx, "--host", g.URL, "--api-key", testKey, "submit", "--wait", path)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "interrupted")
}

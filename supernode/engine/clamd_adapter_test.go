package engine

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine/clamd"
)

// daemonOf is the clamd behind an engine.
func daemonOf(engine Engine) *clamd.Daemon {
	return engine.(*supervised).adapter.(*sharing).adapter.(*clamdAdapter).daemon
}

// processOf finds the daemon by its configuration file, and nothing else.
func processOf(t *testing.T, daemon *clamd.Daemon) int {
	t.Helper()
	argument := "--config-file=" + filepath.Join(filepath.Dir(daemon.Client.Address), "clamd.conf")
	var pid int
	require.Eventually(t, func() bool {
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range lines {
			line, _ := os.ReadFile(path)
			if strings.Contains(string(line), argument) {
				pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
				return true
			}
		}
		return false
	}, 10*time.Second, 20*time.Millisecond)
	return pid
}

func TestClamdIsKilledWhileItScans(t *testing.T) {
	engine := openEngines(t, only("ClamAV"))["ClamAV"]
	eicar := newContent(t, []byte(eicarText))
	require.Equal(t, malicious, engine.Scan(context.Background(), eicar).Category)

	var scans sync.WaitGroup
	for range 4 {
		scans.Go(func() {
			for range 50 {
				verdict := engine.Scan(context.Background(), eicar)
				if verdict.Category != malicious && verdict.Category != failed {
					t.Errorf("%+v", verdict)
				}
			}
		})
	}
	first := processOf(t, daemonOf(engine))
	require.NoError(t, syscall.Kill(first, syscall.SIGKILL))
	scans.Wait()

	verdict := engine.Scan(context.Background(), eicar)
	require.Equal(t, malicious, verdict.Category, "%+v", verdict)
	require.NotEqual(t, first, processOf(t, daemonOf(engine)))
}

func TestClamdLeavesNothingBehind(t *testing.T) {
	config := only("ClamAV")
	engines, err := Open(context.Background(), config)
	require.NoError(t, err)
	daemon := daemonOf(engines[0])
	require.NoError(t, engines[0].Close())
	require.NoDirExists(t, filepath.Dir(daemon.Client.Address))
	require.Error(t, daemon.Client.Ping(context.Background()))
}

func TestClamdTooLarge(t *testing.T) {
	config := only("ClamAV")
	config.Engines[0].Options["max_file_megabytes"] = 1
	engine := openEngines(t, config)["ClamAV"]
	random := make([]byte, 3<<20)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(source.Uint32())
	}
	verdict := engine.Scan(context.Background(), newContent(t, random))
	require.Equal(t, unsupported, verdict.Category, "%+v", verdict)
	require.Contains(t, verdict.Detail, "Heuristics.Limits.Exceeded")
}

func TestClamdAbsent(t *testing.T) {
	engine := openEngines(t, Config{Engines: []EngineConfig{{Name: "Remote", Kind: "clamd", Options: map[string]any{
		"address": "unix:" + filepath.Join(t.TempDir(), "absent.sock"), "reconnect_seconds": 1,
	}}}})["Remote"]
	verdict := engine.Scan(context.Background(), newContent(t, []byte("x")))
	require.Equal(t, failed, verdict.Category)
	require.Contains(t, verdict.Detail, "clamd is not reachable")
	_, err := engine.Info(context.Background())
	require.ErrorContains(t, err, "Remote: clamd is not reachable")
}

func TestClamdDoesNotStart(t *testing.T) {
	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "broken.hdb"), []byte("nonsense\n"), 0o644))
	tests := map[string]struct {
		options map[string]any
		says    string
	}{
		"broken signatures": {map[string]any{"signatures": broken}, "clamd does not start"},
		"no signatures":     {map[string]any{"signatures": t.TempDir()}, "no database file"},
		"not installed":     {map[string]any{"signatures": broken, "program": "/no/such/clamd"}, "not installed"},
		"a bad address":     {map[string]any{"address": "http://example.com"}, "neither unix:/path nor tcp:host:port"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.options["official"] = t.TempDir()
			_, err := Open(context.Background(), Config{Engines: []EngineConfig{{Name: "ClamAV", Kind: "clamd", Options: test.options}}})
			require.ErrorContains(t, err, test.says)
		})
	}
}

func TestClamdVerdicts(t *testing.T) {
	adapter := &clamdAdapter{}
	require.Equal(t, suspicious, adapter.verdict(clamd.Result{Name: "PUA.Win.Packer"}).Category)
	require.Equal(t, suspicious, adapter.verdict(clamd.Result{Name: "Heuristics.OLE2.ContainsMacros"}).Category)
	require.Equal(t, unsupported, adapter.verdict(clamd.Result{Name: "Heuristics.Limits.Exceeded.MaxFileSize"}).Category)
	require.Equal(t, unsupported, adapter.verdict(clamd.Result{TooLarge: true}).Category)
	require.Equal(t, malicious, adapter.verdict(clamd.Result{Name: "Win.Trojan.X-1"}).Category)
	require.Equal(t, undetected, adapter.verdict(clamd.Result{}).Category)
}

func TestContent(t *testing.T) {
	_, err := NewContent(bytes.NewReader(make([]byte, 11)), 10)
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "10 bytes")

	content := newContent(t, []byte(eicarText))
	require.EqualValues(t, 68, content.Size)
	_, err = content.File.WriteAt([]byte("x"), 0)
	require.Error(t, err, "sealed")
	require.Error(t, content.File.Truncate(1), "sealed")
}

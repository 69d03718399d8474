// Package system tests whole networks: real vmtd, supernode and virusmap processes on
// free ports of 127.0.0.1, with nothing replaced. VIRUSMAP_BIN names a folder with the
// three programs; without it they are built first.
package system

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// programs is the folder of the programs, networks the one of everything they write.
var programs, networks string

// reapVariable makes this binary wait for the end of the tests instead of running them.
const reapVariable = "VIRUSMAP_SYSTEM_REAP"

func TestMain(m *testing.M) {
	if dir := os.Getenv(reapVariable); dir != "" {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when the tests end, however they do
		reap(dir)
		os.Exit(0)
	}
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "system tests:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	if networks, err = os.MkdirTemp("", "virusmap-system-"); err != nil {
		return 0, err
	}
	// Workers run as nobody when the tests run as root, and read engines from here.
	if err := os.Chmod(networks, 0o755); err != nil {
		return 0, err
	}
	finish, err := startReaper(networks)
	if err != nil {
		return 0, err
	}
	defer finish()
	if programs, err = buildPrograms(filepath.Join(networks, "bin")); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

func buildPrograms(dir string) (string, error) {
	if built := os.Getenv("VIRUSMAP_BIN"); built != "" {
		return filepath.Abs(built)
	}
	out, err := exec.Command("go", "build", "-o", dir+"/",
		"../../cmd/vmtd", "../../cmd/supernode", "../../cmd/virusmap").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return dir, nil
}

// startReaper has a second process end everything when this one is gone, also when it
// is killed or runs into the time limit of go test.
func startReaper(dir string) (finish func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	reaper := exec.Command(self)
	reaper.Env = append(os.Environ(), reapVariable+"="+dir)
	reaper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	alive, err := reaper.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := reaper.Start(); err != nil {
		return nil, err
	}
	return func() {
		_ = alive.Close()
		_ = reaper.Wait()
	}, nil
}

// reap kills every process that was started with a path in dir, and removes dir.
func reap(dir string) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		cmdline, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		if err == nil && bytes.Contains(cmdline, []byte(dir)) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	_ = os.RemoveAll(dir)
}

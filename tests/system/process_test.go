package system

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/network"
)

// processes returns the ids of the running processes that fit.
func processes(t *testing.T, fits func(dir string) bool) []int {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	var found []int
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err == nil && fits(dir) {
			found = append(found, pid)
		}
	}
	return found
}

// childrenOf returns the children of a process that run a program.
func childrenOf(t *testing.T, parent int, program string) []int {
	t.Helper()
	return processes(t, func(dir string) bool {
		stat, err := os.ReadFile(filepath.Join(dir, "stat")) // pid (program) state parent ...
		_, rest, found := strings.Cut(string(stat), "("+program+") ")
		fields := strings.Fields(rest)
		return err == nil && found && len(fields) > 1 && fields[1] == strconv.Itoa(parent)
	})
}

// mentioning returns the processes with a text in their command lines.
func mentioning(t *testing.T, text string) []int {
	t.Helper()
	return processes(t, func(dir string) bool {
		cmdline, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		return err == nil && bytes.Contains(cmdline, []byte(text))
	})
}

// peakMemory is the most memory a process ever had, in bytes.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	require.True(t, found)
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(t, err)
	return kilobytes << 10
}

// crash ends a supernode with SIGKILL and sees that nothing of it stays behind.
func crash(t *testing.T, supernode *network.Supernode) {
	t.Helper()
	supernode.Kill()
	until(t, "the end of the supernode's children", func(context.Context) bool {
		return len(mentioning(t, supernode.Home)) == 0
	})
}

// restart starts a supernode again and waits until it is ready.
func restart(t *testing.T, supernode *network.Supernode) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, supernode.Start())
	require.NoError(t, supernode.WaitReady(ctx))
}

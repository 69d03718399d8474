package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// rememberFile lists the processes that were left running.
const rememberFile = "processes.json"

// Remember writes down the running processes, so that StopAll can end them later.
func (n *Network) Remember() error {
	running := map[int]string{}
	for _, supernode := range n.Supernodes {
		running[supernode.PID()] = supernode.Home
	}
	for _, validator := range n.Validators {
		running[validator.PID()] = validator.Home
	}
	data, err := json.Marshal(running)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(n.Dir, rememberFile), data, 0o644)
}

// StopAll ends the remembered processes of a folder. A process that has another
// command line by now is somebody else's and is left alone.
func StopAll(dir string) error {
	path := filepath.Join(dir, rememberFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var running map[int]string
	if err := json.Unmarshal(data, &running); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for pid, home := range running {
		if !isOurs(pid, home) {
			continue
		}
		_ = syscall.Kill(pid, syscall.SIGTERM) // it may end on its own meanwhile
		for deadline := time.Now().Add(stopTimeout); isOurs(pid, home); time.Sleep(pollInterval) {
			if time.Now().After(deadline) {
				_ = syscall.Kill(-pid, syscall.SIGKILL)
			}
		}
	}
	return os.Remove(path)
}

func isOurs(pid int, home string) bool {
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && strings.Contains(string(cmdline), home)
}

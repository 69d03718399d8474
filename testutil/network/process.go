package network

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// stopTimeout is how long a process may take to end by itself.
const stopTimeout = 15 * time.Second

// Process is a program that is started, killed and started again, with one log.
type Process struct {
	Path string
	Args []string
	Log  string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts the program in a process group of its own, so that it outlives a
// terminal's Ctrl-C and can be killed with all its children.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	p.cmd = exec.Command(p.Path, p.Args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Path, err)
	}
	p.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait() // how it ended stands in its log
		close(done)
	}(p.cmd, p.done)
	return nil
}

// PID of the running program; 0 when it was never started.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// Running tells whether the program has not ended.
func (p *Process) Running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Kill ends the program alone with SIGKILL, as a crash does, and waits until it is gone.
func (p *Process) Kill() { p.end(func(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) }, 0) }

// Stop asks the program to end, and ends its whole group when it does not.
func (p *Process) Stop() {
	p.end(func(pid int) error { return syscall.Kill(pid, syscall.SIGTERM) }, stopTimeout)
}

func (p *Process) end(signal func(pid int) error, patience time.Duration) {
	if !p.Running() {
		return
	}
	pid := p.PID()
	_ = signal(pid) // a process that is gone already is what we want
	if patience > 0 {
		select {
		case <-p.done:
		case <-time.After(patience):
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		}
	}
	<-p.done
}

// run executes a program to its end and returns what it printed; what it wrote to
// standard error becomes part of the error.
func run(ctx context.Context, path string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return out, fmt.Errorf("%s %v: %w: %s", path, args, err, exit.Stderr)
	}
	return out, err
}

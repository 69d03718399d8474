package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// MaxOutputBytes bounds what a command may print.
const MaxOutputBytes = 16 << 10

// CommandArgs are the arguments of the operation "command" (profile Command): run
// Argv with the content on stdin and as /proc/self/fd/3.
type CommandArgs struct {
	Argv []string `json:"argv"`
}

// CommandResult is what a command that exited with 0 printed.
type CommandResult struct {
	Output []byte `json:"output"`
}

var errOutput = fmt.Errorf("command printed more than %d bytes", MaxOutputBytes)

// runCommand starts a command from the locked thread, so that it inherits the
// thread's restrictions, and leaves nothing of it behind.
func runCommand(task *Task) (any, error) {
	var args CommandArgs
	if err := task.Decode(&args); err != nil {
		return nil, fmt.Errorf("arguments: %w", err)
	}
	if len(args.Argv) == 0 || task.content < 0 {
		return nil, errors.New("wants argv and content")
	}
	stdin, err := duplicate(task.content)
	if err != nil {
		return nil, err
	}
	defer stdin.Close()

	ctx, cancel := context.WithDeadlineCause(context.Background(), task.Deadline, ErrTimeout)
	defer cancel()
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	stdout := &bounded{limit: MaxOutputBytes, full: func() { abort(errOutput) }}
	stderr := &bounded{limit: maxErrorBytes / 2}

	command := exec.CommandContext(ctx, args.Argv[0], args.Argv[1:]...)
	command.Stdin, command.Stdout, command.Stderr = stdin, stdout, stderr
	command.ExtraFiles = []*os.File{stdin}
	command.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"}
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return killCommand(command.Process.Pid) }
	command.WaitDelay = 200 * time.Millisecond

	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s as user %d: %w", args.Argv[0], task.thread.isolation.UID, err)
	}
	err = command.Wait()
	_ = killCommand(command.Process.Pid) // what it left in the background
	reap()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", args.Argv[0], err, bytes.TrimSpace(stderr.kept))
	}
	return CommandResult{Output: stdout.kept}, nil
}

// killCommand ends a command's process group, and with a process namespace of
// our own everything else that it started.
func killCommand(pid int) error {
	err := unix.Kill(-pid, unix.SIGKILL)
	if os.Getpid() == 1 {
		err = errors.Join(err, unix.Kill(-1, unix.SIGKILL))
	}
	if errors.Is(err, unix.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// reap collects orphans, which a process namespace hands to its first process. There all of
// them were killed, and it waits until they are gone: the next command must not see them.
func reap() {
	options := unix.WNOHANG
	if os.Getpid() == 1 {
		options = 0
	}
	for {
		pid, err := unix.Wait4(-1, nil, options, nil)
		if err != nil && !errors.Is(err, unix.EINTR) || err == nil && pid == 0 {
			return
		}
	}
}

func duplicate(fd int) (*os.File, error) {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("duplicate content: %w", err)
	}
	return os.NewFile(uintptr(own), "sample"), nil
}

// bounded keeps the first bytes written to it and tells once when there were more.
type bounded struct {
	kept  []byte
	limit int
	full  func()
}

func (b *bounded) Write(p []byte) (int, error) {
	room := b.limit - len(b.kept)
	b.kept = append(b.kept, p[:min(room, len(p))]...)
	if len(p) > room && b.full != nil {
		b.full()
		b.full = nil
	}
	return len(p), nil
}

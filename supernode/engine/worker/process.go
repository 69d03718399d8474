package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// startTimeout bounds the start of a worker; a big binary on a loaded machine is slow.
const startTimeout = 30 * time.Second

// process is the parent's view of one worker.
type process struct {
	command *exec.Cmd
	socket  *net.UnixConn
	stderr  *tail
	exited  chan struct{}
	// done are the preparations this worker has.
	done map[string]*preparation
}

// namespaces take away the network and the sight of other processes.
const namespaces = unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC

// start runs a worker and waits until it is locked in. Where the kernel forbids
// namespaces the worker runs without: the system call filter holds anyway.
func start(spec Spec) (*process, error) {
	worker, err := spawn(spec, true)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOSPC) {
		worker, err = spawn(spec, false)
	}
	if err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	answer, err := worker.exchange(context.Background(), Call{Op: "isolation", Timeout: startTimeout})
	if err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	if err := answer.decode(&Isolation{}); err != nil {
		worker.kill()
		return nil, fmt.Errorf("start worker: %w", err)
	}
	return worker, nil
}

func spawn(spec Spec, isolate bool) (*process, error) {
	encoded, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	own, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()

	worker := &process{socket: own, stderr: &tail{}, exited: make(chan struct{}), done: map[string]*preparation{}}
	worker.command = exec.Command("/proc/self/exe", "worker", string(encoded))
	worker.command.ExtraFiles = []*os.File{theirs}
	worker.command.Stderr = worker.stderr
	worker.command.Dir = "/"
	// A worker knows nothing of the node's environment, where secrets may be.
	worker.command.Env = []string{"GOMAXPROCS=2", "LANG=C.UTF-8"}
	worker.command.WaitDelay = time.Second
	worker.command.SysProcAttr = attributes(spec.Profile, isolate)
	if err := worker.command.Start(); err != nil {
		own.Close()
		return nil, err
	}
	go func() {
		_ = worker.command.Wait() // the state is in command.ProcessState
		close(worker.exited)
	}()
	return worker, nil
}

func attributes(profile Profile, isolate bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if !isolate {
		return attributes
	}
	attributes.Cloneflags = namespaces
	if profile == Command {
		attributes.Cloneflags |= unix.CLONE_NEWNS
	}
	if uid, gid := os.Geteuid(), os.Getegid(); uid != 0 {
		attributes.Cloneflags |= unix.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
	}
	return attributes
}

func socketPair() (*net.UnixConn, *os.File, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socket pair: %w", err)
	}
	own, theirs := os.NewFile(uintptr(pair[0]), "worker"), os.NewFile(uintptr(pair[1]), "worker")
	defer own.Close() // FileConn makes a copy
	conn, err := net.FileConn(own)
	if err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return conn.(*net.UnixConn), theirs, nil
}

// exchange sends a request and waits for its reply. After an error the worker is
// dead: a late one is killed, a confused one too.
func (w *process) exchange(ctx context.Context, call Call) (answer reply, err error) {
	defer func() {
		if err != nil {
			w.kill()
		}
	}()
	deadline := time.Now().Add(call.Timeout)
	if end, ok := ctx.Deadline(); ok && end.Before(deadline) {
		deadline = end
	}
	// The worker gets a tenth less, so that one that notices can answer in time.
	call.Timeout = time.Until(deadline) / 10 * 9
	packet, content, err := call.packet()
	if err != nil {
		return reply{}, err
	}
	var rights []byte
	if content != nil {
		defer content.Close()
		rights = unix.UnixRights(int(content.Fd()))
	}
	if err := w.socket.SetDeadline(deadline); err != nil {
		return reply{}, err
	}
	defer context.AfterFunc(ctx, func() { _ = w.socket.SetDeadline(time.Unix(1, 0)) })()

	if _, _, err := w.socket.WriteMsgUnix(packet, rights, nil); err != nil {
		return reply{}, w.failure(ctx, err)
	}
	buffer := make([]byte, maxPacketBytes+1)
	size, _, flags, _, err := w.socket.ReadMsgUnix(buffer, nil)
	if err != nil || size == 0 {
		return reply{}, w.failure(ctx, err)
	}
	if flags&unix.MSG_TRUNC != 0 || size > maxPacketBytes {
		return reply{}, fmt.Errorf("worker's reply is larger than %d bytes", maxPacketBytes)
	}
	return decodeReply(buffer[:size])
}

// failure tells a late worker from a dead one and from a caller who left.
func (w *process) failure(ctx context.Context, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
			return cause
		}
		return ErrTimeout
	}
	select { // the socket closes a moment before the process is collected
	case <-w.exited:
	case <-time.After(time.Second):
		return &CrashError{State: fmt.Sprintf("closed its socket: %v", err)}
	}
	return &CrashError{State: w.command.ProcessState.String(), Stderr: w.stderr.String()}
}

// kill ends the worker and all it started, and waits until it is gone.
func (w *process) kill() {
	w.socket.Close()
	_ = syscall.Kill(-w.command.Process.Pid, syscall.SIGKILL) // gone already is fine
	_ = w.command.Process.Kill()
	<-w.exited
}

// tailBytes is how much of a worker's last words are kept.
const tailBytes = 1024

// tail keeps the beginning of the last words: a Go crash names its reason first.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p[:min(len(p), tailBytes-len(t.text))]...)
	return len(p), nil
}

// String is the first line that was written.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, _, _ := strings.Cut(strings.TrimSpace(string(t.text)), "\n")
	return line
}

package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// ErrTimeout is what a Handler returns, and Call reports, when time ran out.
var ErrTimeout = errors.New("no answer before the deadline")

// Task is one request inside the worker.
type Task struct {
	// Args as the parent gave them.
	Args json.RawMessage
	// Content is the mapped, read-only content; nil when it is empty or absent. It
	// must not be kept after the handler returned.
	Content []byte
	// Deadline by which the handler should have answered.
	Deadline time.Time

	content int // descriptor, -1 when absent
	thread  *thread
}

// Socket is the connection that came with the request, to be closed by the handler.
// Deadlines work on it.
func (t *Task) Socket() (*os.File, error) {
	if t.content < 0 {
		return nil, errors.New("request has no socket")
	}
	own, err := unix.FcntlInt(uintptr(t.content), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("duplicate socket: %w", err)
	}
	flags, err := unix.FcntlInt(uintptr(own), unix.F_GETFL, 0)
	if err == nil {
		_, err = unix.FcntlInt(uintptr(own), unix.F_SETFL, flags|unix.O_NONBLOCK)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare socket: %w", err), unix.Close(own))
	}
	return os.NewFile(uintptr(own), "socket"), nil
}

// Decode reads the arguments strictly.
func (t *Task) Decode(into any) error { return decodeStrict(t.Args, into) }

// Handler does one operation inside the worker; its result is encoded as JSON.
// It may crash or hang: that costs one request.
type Handler func(*Task) (any, error)

// thread is the locked thread of a worker; commands are started from it so that
// they inherit its restrictions.
type thread struct {
	isolation Isolation
}

// socket is the descriptor of the request socket inside a worker.
const socket = 3

// watchdogGrace is how long after a request's end an abandoned worker lives.
const watchdogGrace = 2 * time.Second

// Main is a worker process: it locks itself in and answers requests until the
// parent closes the socket. args are those after the word "worker"; the result
// is the exit code. Only Pool starts it.
func Main(args []string, handlers map[string]Handler) int {
	runtime.LockOSThread()
	if err := serve(args, handlers); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		return 1
	}
	return 0
}

func serve(args []string, handlers map[string]Handler) error {
	if len(args) != 1 {
		return errors.New("started by the scanner only: wants one argument, its specification")
	}
	var spec Spec
	if err := decodeStrict([]byte(args[0]), &spec); err != nil {
		return fmt.Errorf("specification: %w", err)
	}
	if spec.Profile != Parse && spec.Profile != Command {
		return fmt.Errorf("profile %q is neither %q nor %q", spec.Profile, Parse, Command)
	}
	unix.CloseOnExec(socket)
	isolation, err := restrict(spec)
	if err != nil {
		return err
	}
	own := &thread{isolation: isolation}
	packet := make([]byte, maxPacketBytes)
	for {
		size, content, err := receive(packet)
		if err != nil || size == 0 {
			return err
		}
		answer := encodeReply(handle(own, packet[:size], content, handlers))
		if _, err := unix.Write(socket, answer); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

// receive returns a packet's size, 0 at the end, and its descriptor or -1.
func receive(packet []byte) (int, int, error) {
	control := make([]byte, unix.CmsgSpace(4))
	for {
		size, controlSize, _, _, err := unix.Recvmsg(socket, packet, control, unix.MSG_CMSG_CLOEXEC)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || controlSize == 0 {
			return size, -1, err
		}
		messages, err := unix.ParseSocketControlMessage(control[:controlSize])
		if err != nil || len(messages) != 1 {
			return 0, -1, errors.Join(errors.New("malformed descriptor message"), err)
		}
		descriptors, err := unix.ParseUnixRights(&messages[0])
		if err != nil || len(descriptors) != 1 {
			return 0, -1, errors.Join(errors.New("want one descriptor"), err)
		}
		return size, descriptors[0], nil
	}
}

func handle(own *thread, packet []byte, content int, handlers map[string]Handler) (any, error) {
	if content >= 0 {
		defer unix.Close(content)
	}
	call, err := decodeRequest(packet)
	if err != nil {
		return nil, err
	}
	handler, ok := handlers[call.Op]
	if !ok {
		handler, ok = builtin[call.Op]
	}
	if !ok {
		return nil, fmt.Errorf("unknown operation %q", call.Op)
	}
	timeout := time.Duration(call.TimeoutMillis) * time.Millisecond
	// The parent kills a late worker; the watchdog is for when the parent died.
	watchdog := time.AfterFunc(timeout+watchdogGrace, func() { unix.Exit(124) })
	defer watchdog.Stop()

	mapped, err := mapContent(content)
	if err != nil {
		return nil, err
	}
	if mapped != nil {
		defer unix.Munmap(mapped)
	}
	return recovered(handler, &Task{
		Args: call.Args, Content: mapped, Deadline: time.Now().Add(timeout), content: content, thread: own,
	})
}

// recovered turns a parser's panic into an error: the process is still sound.
func recovered(handler Handler, task *Task) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, fmt.Errorf("parser panicked: %v", p)
		}
	}()
	return handler(task)
}

func mapContent(fd int) ([]byte, error) {
	if fd < 0 {
		return nil, nil
	}
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return nil, fmt.Errorf("stat content: %w", err)
	}
	if stat.Size == 0 {
		return nil, nil
	}
	mapped, err := unix.Mmap(fd, 0, int(stat.Size), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("map content: %w", err)
	}
	return mapped, nil
}

// maxErrorBytes bounds a handler's error text.
const maxErrorBytes = 2048

func encodeReply(result any, err error) []byte {
	if err == nil {
		var data json.RawMessage
		if data, err = json.Marshal(result); err == nil {
			var packet []byte
			if packet, err = encode(reply{Result: data}); err == nil {
				return packet
			}
		}
	}
	text := err.Error()
	failed := reply{Error: text[:min(len(text), maxErrorBytes)], Timeout: errors.Is(err, ErrTimeout)}
	packet, _ := json.Marshal(failed) // strings and booleans always encode
	return packet
}

// builtin are the operations every worker knows.
var builtin = map[string]Handler{
	"isolation": func(task *Task) (any, error) { return task.thread.isolation, nil },
	"command":   runCommand,
}

// Package worker runs hostile input through parsers and commands in child
// processes that can do nothing but compute, and survives all of them.
//
// A worker is this very binary started again with the arguments
// "worker <specification>". Parent and worker speak in packets over an inherited
// socket pair; content travels as the descriptor of a sealed memory file. A
// worker that crashes, hangs or eats memory costs the request it was working on:
// the pool kills it and starts another one.
package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/memfd"
)

// Config of a pool.
type Config struct {
	Spec Spec
	// Workers is the number of processes; 0 means one per CPU.
	Workers int
}

// Pool hands requests to worker processes.
type Pool struct {
	spec Spec
	// slots holds one entry per worker: idle, or nil where none runs yet.
	slots  chan *process
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	prepared map[string]*preparation
}

// preparation is an operation that every worker does before its first request.
type preparation struct {
	call Call
}

// Call is one request.
type Call struct {
	Op string
	// Args are encoded as JSON, at most about 64 KB.
	Args any
	// Content is a sealed memory file, or nil.
	Content *os.File
	// Socket is a connection that the worker may speak over instead of having a content:
	// the only network it has. It stays the caller's.
	Socket *os.File
	// Timeout from the moment a worker is free; at least a millisecond.
	Timeout time.Duration
}

// CrashError tells that the worker died during a request.
type CrashError struct {
	// State is how the process ended.
	State string
	// Stderr is the end of what it printed.
	Stderr string
}

func (e *CrashError) Error() string {
	if e.Stderr == "" {
		return "died: " + e.State
	}
	return fmt.Sprintf("died: %s: %s", e.State, e.Stderr)
}

// ErrClosed is returned by calls on a closed pool.
var ErrClosed = errors.New("worker pool is closed")

// NewPool starts one worker, to fail early, and the others when they are needed.
func NewPool(config Config) (*Pool, error) {
	if config.Workers < 0 {
		return nil, fmt.Errorf("workers: %d, want 0 or more", config.Workers)
	}
	if config.Workers == 0 {
		config.Workers = runtime.NumCPU()
	}
	if config.Spec.MemoryBytes == 0 {
		config.Spec.MemoryBytes = DefaultMemoryBytes
	}
	first, err := start(config.Spec)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	pool := &Pool{
		spec: config.Spec, slots: make(chan *process, config.Workers), ctx: ctx, cancel: cancel,
		prepared: map[string]*preparation{},
	}
	pool.slots <- first
	for range config.Workers - 1 {
		pool.slots <- nil
	}
	return pool, nil
}

// Prepare has every worker do an operation before its next request, and again
// when Prepare is called anew for the same key. It tries the operation in one
// worker at once and returns its result or error. The content belongs to the pool now; a
// replaced one closes itself when the last call that uses it is done.
func (p *Pool) Prepare(ctx context.Context, key string, call Call, result any) error {
	if err := p.Do(ctx, call, result); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepared[key] = &preparation{call: call}
	return nil
}

// Do sends a request to a free worker and decodes the answer strictly into
// result (nil to ignore it). Errors: ErrTimeout, *CrashError, ErrClosed, the
// context's error when it ended first, or the operation's own error.
func (p *Pool) Do(ctx context.Context, call Call, result any) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.ctx, func() { cancel(ErrClosed) })()

	var worker *process
	select {
	case worker = <-p.slots:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { p.slots <- worker }()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	worker, err := p.ready(ctx, worker)
	if err != nil {
		return err
	}
	answer, err := worker.exchange(ctx, call)
	if err != nil {
		worker = nil
		return err
	}
	return answer.decode(result)
}

// ready starts a worker where none runs and brings it up to date.
func (p *Pool) ready(ctx context.Context, worker *process) (*process, error) {
	if worker == nil {
		var err error
		if worker, err = start(p.spec); err != nil {
			return nil, err
		}
	}
	for key, preparation := range p.preparations() {
		if worker.done[key] == preparation {
			continue
		}
		answer, err := worker.exchange(ctx, preparation.call)
		if err != nil {
			return nil, err
		}
		if err := answer.decode(nil); err != nil {
			worker.kill()
			return nil, err
		}
		worker.done[key] = preparation
	}
	return worker, nil
}

func (p *Pool) preparations() map[string]*preparation {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.prepared)
}

// Isolation tells how the workers are locked in.
func (p *Pool) Isolation(ctx context.Context) (Isolation, error) {
	var isolation Isolation
	err := p.Do(ctx, Call{Op: "isolation", Timeout: startTimeout}, &isolation)
	return isolation, err
}

// Close ends all workers; running requests return ErrClosed.
func (p *Pool) Close() error {
	if p.ctx.Err() != nil {
		return nil
	}
	p.cancel()
	for range cap(p.slots) {
		if worker := <-p.slots; worker != nil {
			worker.kill()
		}
	}
	return nil // late calls find no slot and leave by the cancelled context
}

// decode reads what a worker answered.
func (r reply) decode(result any) error {
	switch {
	case r.Timeout:
		return ErrTimeout
	case r.Error != "":
		return errors.New(r.Error)
	case result == nil:
		return nil
	}
	if err := decodeStrict(r.Result, result); err != nil {
		return fmt.Errorf("worker's result: %w", err)
	}
	return nil
}

func (c Call) packet() ([]byte, *os.File, error) {
	if c.Timeout < time.Millisecond {
		return nil, nil, ErrTimeout
	}
	args, err := json.Marshal(c.Args)
	if err != nil {
		return nil, nil, fmt.Errorf("arguments: %w", err)
	}
	packet, err := encode(request{Op: c.Op, Args: args, TimeoutMillis: c.Timeout.Milliseconds()})
	switch {
	case err == nil && c.Socket != nil:
		socket, err := duplicate(int(c.Socket.Fd()))
		return packet, socket, err
	case err != nil || c.Content == nil:
		return packet, nil, err
	}
	content, err := memfd.Reopen(c.Content)
	return packet, content, err
}

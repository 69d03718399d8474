package blocklist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/signatures"
)

const (
	// MaxLists bounds an engine's lists.
	MaxLists = 256
	// maxFileBytes bounds one list.
	maxFileBytes = 1 << 30
	// pollInterval is how often files are looked at. A change counts when nothing has
	// changed any more for one interval, as it may still be written.
	pollInterval = 200 * time.Millisecond
)

// State is a set and the identity of the files that it was made of.
type State struct {
	Set   *Set
	Files signatures.Set
}

// Lists are files that are looked up in and followed. Make them with Open.
type Lists struct {
	lists   []List
	paths   []string
	log     *slog.Logger
	digest  signatures.Digester
	current atomic.Pointer[State]

	stop context.CancelFunc
	done chan struct{}
}

// Open reads all lists and follows their files until Close. A list that cannot be read now
// is an error; a later change that cannot be read is logged and changes nothing.
func Open(lists []List, log *slog.Logger) (*Lists, error) {
	if len(lists) == 0 || len(lists) > MaxLists {
		return nil, fmt.Errorf("lists: %d, want 1..%d", len(lists), MaxLists)
	}
	l := &Lists{lists: lists, log: log, done: make(chan struct{})}
	for i, list := range lists {
		if err := list.Validate(); err != nil {
			return nil, fmt.Errorf("lists[%d]: %w", i, err)
		}
		l.paths = append(l.paths, list.Path)
	}
	seen := l.look()
	if err := l.load(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go l.follow(ctx, seen)
	return l, nil
}

// Current is what is looked up in right now.
func (l *Lists) Current() *State { return l.current.Load() }

// Close ends following.
func (l *Lists) Close() error {
	l.stop()
	<-l.done
	return nil
}

// follow loads the files again when they have changed and then stayed as they are.
func (l *Lists) follow(ctx context.Context, loaded string) {
	defer close(l.done)
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for before := loaded; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := l.look()
		if settled := now == before; settled && now != loaded {
			loaded = now // also when it cannot be read: the next change is waited for
			if err := l.load(); err != nil {
				l.log.Error("a changed blocklist cannot be used; the one before stays", "error", err)
			} else {
				l.log.Info("blocklists are up to date", "entries", l.Current().Set.Len())
			}
		}
		before = now
	}
}

// look describes the files' sizes and times.
func (l *Lists) look() string {
	var state strings.Builder
	for _, path := range l.paths {
		if info, err := os.Stat(path); err != nil {
			fmt.Fprintf(&state, "%q %v\n", path, err)
		} else {
			fmt.Fprintf(&state, "%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
	}
	return state.String()
}

// errChanging means that the files changed while they were read.
var errChanging = errors.New("files changed while they were read")

// load replaces the current state when every file can be read.
func (l *Lists) load() error {
	for _, path := range l.paths {
		if err := checkFile(path); err != nil {
			return err
		}
	}
	before, err := l.digest.Of(l.paths)
	if err != nil {
		return err
	}
	var b builder
	for _, list := range l.lists {
		if err := readFile(&b, list); err != nil {
			return fmt.Errorf("list %s: %s: %w", list.Name, list.Path, err)
		}
	}
	after, err := l.digest.Of(l.paths)
	if err != nil {
		return err
	}
	if before.Digest != after.Digest {
		return errChanging
	}
	l.current.Store(&State{Set: b.finish(), Files: after})
	return nil
}

// checkFile refuses what reading would not end of.
func checkFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	if info.Size() > maxFileBytes {
		return fmt.Errorf("%s has %d bytes, at most %d", path, info.Size(), maxFileBytes)
	}
	return nil
}

func readFile(b *builder, list List) error {
	file, err := os.Open(list.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	return readList(b, list, io.LimitReader(file, maxFileBytes))
}

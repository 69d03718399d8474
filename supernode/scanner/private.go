package scanner

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/virusmap/virusmap/supernode/engine"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Finding is what one engine says of a private file.
type Finding struct {
	Info    engine.Info
	Verdict engine.Verdict
}

// private scans wait for those of all rounds: what is attested has a deadline.
var private = urgency{retrospective: true, round: 0}

// ScanPrivate lets every engine judge a content of size bytes. Nothing of it is attested,
// kept, counted by its hash, or logged.
func (s *Scanner) ScanPrivate(ctx context.Context, from io.Reader, size int64) ([]Finding, error) {
	if size > s.cfg.MemoryBytes {
		return nil, fmt.Errorf("scanner: its %d bytes are more than memory_bytes, %d", size, s.cfg.MemoryBytes)
	}
	if err := s.gates.slots.acquire(ctx, private, 1); err != nil {
		return nil, err
	}
	defer s.gates.slots.release(1)
	if err := s.gates.memory.acquire(ctx, private, size); err != nil {
		return nil, err
	}
	defer s.gates.memory.release(size)
	content, err := engine.NewContent(from, size)
	if err != nil {
		return nil, fmt.Errorf("scanner: %w", err)
	}
	defer func() { _ = content.Close() }() // frees memory
	findings := make([]Finding, len(s.Engines))
	for i, e := range s.Engines {
		if findings[i].Info, err = e.Info(ctx); err != nil {
			return nil, fmt.Errorf("scanner: engine %d: %w", i, err)
		}
	}
	var running sync.WaitGroup
	for i, e := range s.Engines {
		running.Go(func() { findings[i].Verdict = judgePrivately(ctx, e, content) })
	}
	running.Wait()
	return findings, ctx.Err()
}

func judgePrivately(ctx context.Context, e engine.Engine, content *engine.Content) engine.Verdict {
	verdict := e.Scan(ctx, content)
	if verdict.Category < verdictstypes.CATEGORY_HARMLESS || verdict.Category > verdictstypes.CATEGORY_FAILURE {
		return engine.Verdict{Category: verdictstypes.CATEGORY_FAILURE}
	}
	return verdict
}

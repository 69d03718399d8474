package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/worker"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// adapter is what a kind of engine has to bring; the rest of the contract is
// supervised's. scan returns worker.ErrTimeout or the context's error when time
// ran out, and a *worker.CrashError when the content broke it.
type adapter interface {
	info(ctx context.Context) (Info, error)
	scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error)
	close() error
}

// supervised keeps the promises of Engine over an adapter.
type supervised struct {
	adapter
	name    string
	kinds   []samplestypes.Kind
	timeout time.Duration
}

// attempts an engine gets: the second tells bad luck from bad content.
const attempts = 2

func (s *supervised) Info(ctx context.Context) (Info, error) {
	info, err := s.info(ctx)
	if err != nil {
		return Info{}, fmt.Errorf("%s: %w", s.name, err)
	}
	info.Name = s.name
	info.Version = shorten(info.Version, verdictstypes.MaxVersionBytes)
	return info, nil
}

func (s *supervised) Close() error { return s.close() }

func (s *supervised) Scan(ctx context.Context, content *Content) Verdict {
	if !slices.Contains(s.kinds, content.Kind) {
		return Verdict{
			Category: verdictstypes.CATEGORY_TYPE_UNSUPPORTED,
			Detail:   fmt.Sprintf("does not take samples of %s", content.Kind),
		}
	}
	var err error
	late := 0
	for range attempts {
		if ctx.Err() != nil {
			break
		}
		var verdict Verdict
		if verdict, err = s.attempt(ctx, content); err == nil {
			return tidy(verdict)
		}
		var crash *worker.CrashError
		switch {
		case isTimeout(err):
			late++
		case errors.As(err, &crash):
		default:
			return failure(err)
		}
	}
	switch {
	case late == attempts && ctx.Err() == nil:
		return timedOut(verdictstypes.CATEGORY_CONFIRMED_TIMEOUT, s.timeout)
	case late > 0 || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return timedOut(verdictstypes.CATEGORY_TIMEOUT, s.timeout)
	case err == nil:
		return failure(context.Cause(ctx))
	}
	return failure(err)
}

// attempt contains a panic of the adapter: no engine may end the node.
func (s *supervised) attempt(ctx context.Context, content *Content) (verdict Verdict, err error) {
	defer func() {
		if p := recover(); p != nil {
			verdict, err = Verdict{}, fmt.Errorf("adapter panicked: %v", p)
		}
	}()
	return s.scan(ctx, content, s.timeout)
}

func isTimeout(err error) bool {
	return errors.Is(err, worker.ErrTimeout) || errors.Is(err, context.DeadlineExceeded)
}

func timedOut(category verdictstypes.Category, timeout time.Duration) Verdict {
	return Verdict{Category: category, Detail: fmt.Sprintf("no answer within %s", timeout)}
}

func failure(err error) Verdict {
	return tidy(Verdict{Category: verdictstypes.CATEGORY_FAILURE, Detail: err.Error()})
}

package vault

import (
	"context"
	"fmt"
	"io"
)

// source reads from an untrusted stream: it stops at a cancelled context,
// enforces a size limit and remembers the first failure. Remembering matters
// because readers built on io.ReadFull take an io.ErrUnexpectedEOF (what an
// aborted upload gives) for a clean end.
type source struct {
	ctx   context.Context
	r     io.Reader
	limit int64
	size  int64
	err   error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if err := s.ctx.Err(); err != nil {
		s.err = context.Cause(s.ctx)
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.size += int64(n)
	if s.size > s.limit {
		s.err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, s.limit)
		return 0, s.err
	}
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

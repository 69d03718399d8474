package engine

import (
	"bytes"
	"context"
	"os"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/memfd"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	"github.com/virusmap/virusmap/supernode/engine/yararules"
)

// The rules of strangers may be as hostile as samples. Give them a pool of their own, so
// that no engine waits for a worker that they keep busy, or break.

const (
	// compileTime is what the compilation of one text may take. Within
	// yararules.MaxCompiledBytes it takes a fifth of that.
	compileTime = time.Second
	// compileAllTime is what the compilation of a whole set may take.
	compileAllTime = 5 * time.Second
)

// TryRule matches the rules of one text by themselves against a content, nil for an empty
// one, with so many seconds for the scan. Errors are those of worker.Pool.Do.
func TryRule(ctx context.Context, pool *worker.Pool, text string, content *Content, seconds int) (tried yararules.Tried, err error) {
	err = pool.Do(ctx, worker.Call{
		Op: opYaraTry, Args: yararules.TryArgs{Rule: text, Seconds: seconds},
		Content: content.file(), Timeout: scanTime(seconds) + compileTime,
	}, &tried)
	return tried, err
}

// LoadRules compiles rules that were tried, by name, into one set in every worker of a
// pool. A set of the same name is replaced.
func LoadRules(ctx context.Context, pool *worker.Pool, set string, rules yararules.Bundle) error {
	encoded, err := rules.Encode()
	if err != nil {
		return err
	}
	content, _, err := memfd.Create(bytes.NewReader(encoded), int64(len(encoded)))
	if err != nil {
		return err
	}
	return pool.Prepare(ctx, "rules/"+set, worker.Call{
		Op: opYaraLoad, Args: yararules.Args{Set: set}, Content: content, Timeout: compileAllTime,
	}, nil)
}

// MatchRules returns the names of the rules of a loaded set that match a content.
func MatchRules(ctx context.Context, pool *worker.Pool, set string, content *Content, seconds int) (names []string, err error) {
	err = pool.Do(ctx, worker.Call{
		Op: opYaraMatch, Args: yararules.MatchArgs{Set: set, Seconds: seconds},
		Content: content.file(), Timeout: scanTime(seconds),
	}, &names)
	return names, err
}

// scanTime lets libyara notice by itself that its time is over, which spares the worker.
func scanTime(seconds int) time.Duration { return time.Duration(seconds)*time.Second + time.Second }

func (c *Content) file() *os.File {
	if c == nil {
		return nil
	}
	return c.File
}

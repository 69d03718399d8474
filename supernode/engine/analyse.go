package engine

import (
	"context"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/details"
	"github.com/virusmap/virusmap/supernode/engine/filetype"
	"github.com/virusmap/virusmap/supernode/engine/similarity"
	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// Analyse has a worker find out static facts of a content, for package analysis.
func Analyse(ctx context.Context, pool *worker.Pool, content *Content, timeout time.Duration) (filetype.Facts, error) {
	var facts filetype.Facts
	err := pool.Do(ctx, worker.Call{Op: opAnalyse, Content: content.File, Timeout: timeout}, &facts)
	return facts, err
}

// Fingerprint has a worker compute the features that changed copies of a content share.
func Fingerprint(ctx context.Context, pool *worker.Pool, content *Content, timeout time.Duration) (similarity.Features, error) {
	var features similarity.Features
	err := pool.Do(ctx, worker.Call{Op: opFingerprint, Content: content.File, Timeout: timeout}, &features)
	return features, err
}

// Details has a worker find what a report says of a content beside verdicts.
func Details(ctx context.Context, pool *worker.Pool, content *Content, timeout time.Duration) (details.Details, error) {
	var found details.Details
	if content.Size > details.MaxBytes {
		return found, nil
	}
	err := pool.Do(ctx, worker.Call{Op: opDetails, Content: content.File, Timeout: timeout}, &found)
	return found, err
}

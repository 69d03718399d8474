package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/heuristics"
	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// heuristicsAdapter runs the built-in rules of package heuristics in a worker.
type heuristicsAdapter struct {
	pool *worker.Pool
}

func openHeuristics(_ context.Context, config EngineConfig, pools *pools) (adapter, error) {
	if err := config.decode(&struct{}{}); err != nil {
		return nil, err
	}
	pool, err := pools.parsers()
	if err != nil {
		return nil, err
	}
	return &heuristicsAdapter{pool: pool}, nil
}

func (a *heuristicsAdapter) info(context.Context) (Info, error) {
	return Info{
		Version: heuristics.Version, Method: "heuristics",
		Note: "built-in documented rules over structure and text; no signatures",
	}, nil
}

func (a *heuristicsAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	return ask(ctx, a.pool, worker.Call{
		Op: opHeuristics, Args: heuristics.Args{Name: shorten(content.Name, 255)}, Content: content.File, Timeout: timeout,
	})
}

func (a *heuristicsAdapter) close() error { return nil }

// ask gets a verdict out of a worker.
func ask(ctx context.Context, pool *worker.Pool, call worker.Call) (Verdict, error) {
	var raw json.RawMessage
	if err := pool.Do(ctx, call, &raw); err != nil {
		return Verdict{}, err
	}
	return decodeAnswer(raw)
}

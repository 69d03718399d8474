package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// kinds of adapters; a test adds its own.
var kinds = map[string]func(context.Context, EngineConfig, *pools) (adapter, error){
	"clamd":      openClamd,
	"yara":       openYara,
	"heuristics": openHeuristics,
	"exec":       openExec,
	"blocklist":  openBlocklist,
	"urlrules":   openURLRules,
	"lookalike":  openLookalike,
	"fetch":      openFetch,
}

// NewPool starts the isolated workers for parsers, to be shared by way of Config.Pool.
func NewPool(config Config) (*worker.Pool, error) {
	return worker.NewPool(worker.Config{
		Spec:    worker.Spec{Profile: worker.Parse, MemoryBytes: config.MemoryBytes},
		Workers: config.Workers,
	})
}

// Open starts the engines of a config, in its order. When one cannot start, none does.
func Open(ctx context.Context, config Config) (_ []Engine, err error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	shared := &pools{config: config, users: len(config.Engines)}
	var engines []Engine
	defer func() {
		if err != nil {
			for _, engine := range engines {
				err = errors.Join(err, engine.Close())
			}
			err = errors.Join(err, shared.closeNow())
		}
	}()
	for _, one := range config.Engines {
		samples, err := one.samples()
		if err != nil {
			return nil, err
		}
		adapter, err := kinds[one.Kind](ctx, one, shared)
		if err != nil {
			return nil, fmt.Errorf("engine %s: %w", one.Name, err)
		}
		engines = append(engines, &supervised{
			adapter: &sharing{adapter: adapter, pools: shared},
			name:    one.Name, kinds: samples, timeout: one.timeout(),
		})
	}
	return engines, nil
}

// pools makes the parser pool when an engine first needs it, and closes it after
// the last engine, unless it came from outside.
type pools struct {
	config Config

	mu    sync.Mutex
	own   *worker.Pool
	users int
}

// parsers is the pool for the built-in parsers.
func (p *pools) parsers() (*worker.Pool, error) {
	if p.config.Pool != nil {
		return p.config.Pool, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	if p.own == nil {
		p.own, err = NewPool(p.config)
	}
	return p.own, err
}

// commands is a pool of its own for one command and the paths it may read.
func (p *pools) commands(read []string) (*worker.Pool, error) {
	return worker.NewPool(worker.Config{
		Spec:    worker.Spec{Profile: worker.Command, MemoryBytes: p.config.MemoryBytes, Read: read},
		Workers: p.config.Workers,
	})
}

func (p *pools) release() error {
	p.mu.Lock()
	p.users--
	last := p.users == 0
	p.mu.Unlock()
	if !last {
		return nil
	}
	return p.closeNow()
}

func (p *pools) closeNow() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.own == nil {
		return nil
	}
	return p.own.Close()
}

// sharing releases the pools once when its engine closes.
type sharing struct {
	adapter
	pools *pools
	once  sync.Once
}

func (s *sharing) close() (err error) {
	s.once.Do(func() { err = errors.Join(s.adapter.close(), s.pools.release()) })
	return err
}

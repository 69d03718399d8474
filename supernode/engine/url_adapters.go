package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/memfd"
	"github.com/virusmap/virusmap/supernode/engine/signatures"
	"github.com/virusmap/virusmap/supernode/engine/urlrules"
	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// LookalikeOptions of an engine of kind "lookalike".
type LookalikeOptions struct {
	// Brands is the file of names that others are made to look like. A changed one is taken
	// up the next time the engine is asked for its Info; one that cannot be read is an error
	// then, and the one before stays in use.
	Brands string `mapstructure:"brands"`
}

// urlRulesAdapter runs the lexical rules of package urlrules in a worker.
type urlRulesAdapter struct{ pool *worker.Pool }

func openURLRules(_ context.Context, config EngineConfig, pools *pools) (adapter, error) {
	if err := config.decode(&struct{}{}); err != nil {
		return nil, err
	}
	pool, err := pools.parsers()
	return &urlRulesAdapter{pool}, err
}

func (a *urlRulesAdapter) info(context.Context) (Info, error) {
	return Info{Version: urlrules.Version, Method: "lexical rules", Note: "documented rules over how a URL is built"}, nil
}

func (a *urlRulesAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	if _, err := readURL(content); err != nil {
		return notAURL(err), nil
	}
	return ask(ctx, a.pool, worker.Call{Op: opURLRules, Content: content.File, Timeout: timeout})
}

func (a *urlRulesAdapter) close() error { return nil }

// lookalikeAdapter compares names with those of a brand list, in a worker.
type lookalikeAdapter struct {
	brands *brandList
}

func openLookalike(ctx context.Context, config EngineConfig, pools *pools) (adapter, error) {
	var options LookalikeOptions
	if err := config.decode(&options); err != nil {
		return nil, err
	}
	brands, err := openBrands(ctx, config.Name, options.Brands, pools)
	if err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	return &lookalikeAdapter{brands}, nil
}

func (a *lookalikeAdapter) info(ctx context.Context) (Info, error) {
	loaded, set, err := a.brands.update(ctx)
	if err != nil {
		return Info{}, err
	}
	return Info{
		Version: urlrules.Version, Method: "name comparison", Note: fmt.Sprintf("%d brands", loaded.Brands),
		SignatureDigest: bytes.Clone(set.Digest[:]), SignatureTime: set.Time,
	}, nil
}

func (a *lookalikeAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	if _, err := readURL(content); err != nil {
		return notAURL(err), nil
	}
	return ask(ctx, a.brands.pool, worker.Call{
		Op: opLookalike, Args: urlrules.Args{Set: a.brands.set}, Content: content.File, Timeout: timeout,
	})
}

func (a *lookalikeAdapter) close() error { return nil }

// brandList is a file of brands that every parser worker has loaded under a name.
type brandList struct {
	set, path string
	pool      *worker.Pool
	digest    signatures.Digester

	mu     sync.Mutex
	loaded urlrules.Loaded
	file   signatures.Set
}

func openBrands(ctx context.Context, set, path string, pools *pools) (*brandList, error) {
	if path == "" {
		return nil, errors.New("brands is missing")
	}
	pool, err := pools.parsers()
	if err != nil {
		return nil, err
	}
	b := &brandList{set: set, path: path, pool: pool}
	_, _, err = b.update(ctx)
	return b, err
}

// update has all workers load the file when it has changed.
func (b *brandList) update(ctx context.Context) (urlrules.Loaded, signatures.Set, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	info, err := os.Stat(b.path)
	if err != nil {
		return b.loaded, b.file, err
	}
	if !info.Mode().IsRegular() || info.Size() > urlrules.MaxBrandListBytes {
		return b.loaded, b.file, fmt.Errorf("brands: %s: %d bytes or no regular file; at most %d", b.path, info.Size(), urlrules.MaxBrandListBytes)
	}
	file, err := b.digest.Of([]string{b.path})
	if err != nil || file.Digest == b.file.Digest {
		return b.loaded, b.file, err
	}
	text, err := os.ReadFile(b.path)
	if err != nil {
		return b.loaded, b.file, err
	}
	content, _, err := memfd.Create(strings.NewReader(string(text)), urlrules.MaxBrandListBytes)
	if err != nil {
		return b.loaded, b.file, err
	}
	err = b.pool.Prepare(ctx, "brands/"+b.set, worker.Call{
		Op: opBrandsLoad, Args: urlrules.Args{Set: b.set}, Content: content, Timeout: defaultTimeoutSeconds * time.Second,
	}, &b.loaded)
	if err == nil {
		b.file = file
	}
	return b.loaded, b.file, err
}

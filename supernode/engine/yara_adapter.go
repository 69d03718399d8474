package engine

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/memfd"
	"github.com/virusmap/virusmap/supernode/engine/signatures"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	"github.com/virusmap/virusmap/supernode/engine/yararules"
)

// YaraOptions of an engine of kind "yara".
type YaraOptions struct {
	// Rules is the folder of *.yar and *.yara files. Changed files are taken up the
	// next time the engine is asked for its Info; rules that do not compile are an
	// error then, and the rules before stay in use.
	Rules string `mapstructure:"rules"`
}

// loadTimeout bounds the compilation of a rule set; 5,000 rules take about a second.
const loadTimeout = 2 * time.Minute

type yaraAdapter struct {
	set    string
	folder string
	pool   *worker.Pool
	digest signatures.Digester

	mu     sync.Mutex
	loaded yararules.Loaded
	rules  signatures.Set
}

func openYara(ctx context.Context, config EngineConfig, pools *pools) (adapter, error) {
	var options YaraOptions
	if err := config.decode(&options); err != nil {
		return nil, err
	}
	if options.Rules == "" {
		return nil, fmt.Errorf("options: rules is missing")
	}
	pool, err := pools.parsers()
	if err != nil {
		return nil, err
	}
	adapter := &yaraAdapter{
		set: config.Name, folder: options.Rules, pool: pool,
		digest: signatures.Digester{Match: yararules.IsRuleFile},
	}
	_, err = adapter.info(ctx)
	return adapter, err
}

func (a *yaraAdapter) info(ctx context.Context) (Info, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rules, err := a.digest.Of([]string{a.folder})
	if err != nil {
		return Info{}, err
	}
	if rules.Digest != a.rules.Digest {
		if err := a.load(ctx); err != nil {
			return Info{}, err
		}
		a.rules = rules
	}
	info := Info{
		Version: yararules.Version, Method: "rules", Note: fmt.Sprintf("%d rules", a.loaded.Rules),
		SignatureDigest: bytes.Clone(a.rules.Digest[:]), SignatureTime: a.rules.Time,
	}
	if date, err := time.Parse(time.DateOnly, a.loaded.Date); err == nil {
		info.SignatureTime = date
	}
	return info, nil
}

// load compiles the rules in one worker and has all others do the same.
func (a *yaraAdapter) load(ctx context.Context) error {
	bundle, err := yararules.ReadBundle(a.folder)
	if err != nil {
		return err
	}
	encoded, err := bundle.Encode()
	if err != nil {
		return err
	}
	content, _, err := memfd.Create(bytes.NewReader(encoded), int64(len(encoded)))
	if err != nil {
		return err
	}
	return a.pool.Prepare(ctx, "yara/"+a.set, worker.Call{
		Op: opYaraLoad, Args: yararules.Args{Set: a.set}, Content: content, Timeout: loadTimeout,
	}, &a.loaded)
}

func (a *yaraAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	return ask(ctx, a.pool, worker.Call{
		Op: opYaraScan, Args: yararules.Args{Set: a.set}, Content: content.File, Timeout: timeout,
	})
}

func (a *yaraAdapter) close() error { return nil }

// Package feeds keeps what the chain's feeds hold, minute by minute, and packs it the way
// VirusTotal's feeds are packed. The chain records of each package how many entries it has
// and the Merkle root over them; a package that does not have them is not given out.
package feeds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/index"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

var (
	// ErrTooEarly is of a package that will be there later.
	ErrTooEarly = errors.New("the package is not available yet")
	// ErrNoPackage is of a minute in which nothing was judged, or that is too old.
	ErrNoPackage = errors.New("there is no such package")
	// ErrIncomplete is of a package of which this node does not have all entries.
	ErrIncomplete = errors.New("this supernode does not have the whole package")
	// ErrBusy is returned when too many packages are being made.
	ErrBusy = errors.New("too many packages are being made")
)

// Config is the [gateway.feeds] section of a supernode's configuration.
type Config struct {
	DelayMinutes  int   `toml:"delay_minutes" comment:"age of the newest package that is given out"`
	RetentionDays int   `toml:"retention_days" comment:"how long packages are kept"`
	CacheBytes    int64 `toml:"cache_bytes" comment:"disk space of finished packages, which are made anew when they are asked for again"`
	Builds        int   `toml:"builds" comment:"packages that are made at one time"`
	OwnKeys       bool  `toml:"own_keys" comment:"give feeds to the keys in api_keys too, and not only to accounts that paid for them"`
}

// DefaultConfig has the delay and the retention of VirusTotal's feeds.
func DefaultConfig() Config {
	return Config{DelayMinutes: 60, RetentionDays: 7, CacheBytes: 4 << 30, Builds: 2}
}

// Validate names the first field that is out of its range.
func (c Config) Validate() error {
	for _, f := range []struct {
		name            string
		value, min, max int64
	}{
		{"delay_minutes", int64(c.DelayMinutes), 0, 24 * 60},
		{"retention_days", int64(c.RetentionDays), 1, 365},
		{"cache_bytes", c.CacheBytes, 0, 1 << 50},
		{"builds", int64(c.Builds), 1, 64},
	} {
		if f.value < f.min || f.value > f.max {
			return fmt.Errorf("feeds: %s: %d is not in %d..%d", f.name, f.value, f.min, f.max)
		}
	}
	return nil
}

// Chain is what is asked of chain.Client.
type Chain interface {
	Market() markettypes.QueryClient
	Status(ctx context.Context) (chain.Status, error)
	Follow(ctx context.Context, from int64, handle func(context.Context, chain.Block) error) error
}

// Deps are the parts that feeds work with. Now and Log may be left out.
type Deps struct {
	Chain Chain
	Index *index.Index
	// Dir holds finished packages, and nothing else.
	Dir string
	Now func() time.Time
	Log *slog.Logger
}

// Feeds follows the chain's feeds and packs them. Its methods may be called from many
// goroutines.
type Feeds struct {
	cfg   Config
	deps  Deps
	log   *slog.Logger
	cache *cache
	// minutes and hours hold one for each package that may be made now. An hour waits for
	// its minutes and no minute for an hour.
	minutes, hours chan struct{}
	// head is the minute of the last block that was followed.
	head atomic.Int64
}

// New opens the cache. Run follows the chain.
func New(ctx context.Context, cfg Config, deps Deps) (*Feeds, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	f := &Feeds{
		cfg: cfg, deps: deps, log: deps.Log.With("role", "feeds"),
		minutes: make(chan struct{}, cfg.Builds), hours: make(chan struct{}, 1),
	}
	progress, err := deps.Index.FeedProgress(ctx)
	if err != nil {
		return nil, fmt.Errorf("feeds: %w", err)
	}
	f.head.Store(progress.Minute)
	if f.cache, err = openCache(deps.Dir, cfg.CacheBytes); err != nil {
		return nil, fmt.Errorf("feeds: %w", err)
	}
	return f, nil
}

// Minute of a time, in unix seconds divided by 60.
func Minute(t time.Time) int64 { return t.Unix() / markettypes.SecondsPerMinute }

// Time at which a minute begins.
func Time(minute int64) time.Time {
	return time.Unix(minute*markettypes.SecondsPerMinute, 0).UTC()
}

// oldest is the first minute that is kept.
func (f *Feeds) oldest() int64 {
	return Minute(f.deps.Now().AddDate(0, 0, -f.cfg.RetentionDays))
}

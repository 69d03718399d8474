package scanner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/cosmos/gogoproto/proto"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Config is the [scanner] section of a supernode's configuration.
type Config struct {
	// Operator is the account under which the supernode is registered.
	Operator string `toml:"operator" comment:"vmt1... address of the registered supernode; the key of [chain] must be its sidecar"`
	// Dir holds the journal.
	Dir string `toml:"-"`
	// Parallel is how many samples are scanned at one time; 0 means one per CPU.
	Parallel int `toml:"parallel" comment:"samples scanned at one time, 0 for one per CPU"`
	// MemoryBytes bounds the plaintexts that are held in memory at one time.
	MemoryBytes int64 `toml:"memory_bytes" comment:"bound of the plaintexts held in memory at one time; the largest sample must fit"`
	// BlockSeconds is the chain's usual block time, from which deadlines are reckoned.
	BlockSeconds float64 `toml:"block_seconds" comment:"usual block time of the chain"`
}

// DefaultConfig is what a new supernode starts with; it has no operator yet.
func DefaultConfig() Config {
	return Config{MemoryBytes: 2 << 30, BlockSeconds: 1}
}

// Validate names the first field that is out of its range.
func (c Config) Validate() error {
	if _, err := sdk.AccAddressFromBech32(c.Operator); err != nil {
		return fmt.Errorf("operator %q: %w", c.Operator, err)
	}
	switch {
	case c.Parallel < 0 || c.Parallel > 1024:
		return fmt.Errorf("parallel: %d is not in 0..1024", c.Parallel)
	case c.MemoryBytes < 1<<20:
		return fmt.Errorf("memory_bytes: %d is less than 1 MiB", c.MemoryBytes)
	case c.BlockSeconds <= 0 || c.BlockSeconds > 60:
		return fmt.Errorf("block_seconds: %g is not in 0..60", c.BlockSeconds)
	}
	return nil
}

// Chain is what the scanner asks of the chain client.
type Chain interface {
	ChainID() string
	Address() sdk.AccAddress
	Samples() samplestypes.QueryClient
	Verdicts() verdictstypes.QueryClient
	Supernodes() supernodetypes.QueryClient
	Status(ctx context.Context) (chain.Status, error)
	Broadcast(ctx context.Context, tx chain.Tx) (*sdk.TxResponse, error)
	Follow(ctx context.Context, from int64, handle func(context.Context, chain.Block) error) error
}

// Deps are the parts that the scanner works with.
type Deps struct {
	Chain    Chain
	Vault    *vault.Vault
	Engines  []engine.Engine
	Analyser *analysis.Analyser
	// Identity is the operator's own, to which vault keys are sealed.
	Identity *age.HybridIdentity
	Metrics  prometheus.Registerer
	Log      *slog.Logger
}

// Scanner attests for one operator.
type Scanner struct {
	Deps
	cfg      Config
	operator sdk.AccAddress
	journal  *journal
	metrics  *metrics
	keys     *keyRing
	memory   *semaphore.Weighted
	slots    *semaphore.Weighted
	progress progress
	names    []string // of the engines, in their order
	methods  []string

	mu     sync.Mutex
	rounds map[uint64]chan struct{} // a signal per round that is being worked on
	work   sync.WaitGroup
}

// New opens the journal. Run does the work.
func New(ctx context.Context, cfg Config, deps Deps) (*Scanner, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("scanner: %w", err)
	}
	if cfg.Parallel == 0 {
		cfg.Parallel = runtime.NumCPU()
	}
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	journal, err := openJournal(ctx, filepath.Join(cfg.Dir, "journal.db"))
	if err != nil {
		return nil, fmt.Errorf("scanner: %w", err)
	}
	s := &Scanner{
		Deps: deps, cfg: cfg, operator: sdk.MustAccAddressFromBech32(cfg.Operator), journal: journal,
		metrics: newMetrics(deps.Metrics),
		memory:  semaphore.NewWeighted(cfg.MemoryBytes),
		slots:   semaphore.NewWeighted(int64(cfg.Parallel)),
		rounds:  make(map[uint64]chan struct{}),
	}
	s.keys = newKeyRing(deps.Chain, s.operator, deps.Identity)
	return s, nil
}

// Close closes the journal; Run must have returned.
func (s *Scanner) Close() error { return s.journal.close() }

// Run works until ctx ends. It waits for the node whenever the node is away.
func (s *Scanner) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer s.work.Wait()
	defer cancel()
	if err := s.registerEngines(ctx); err != nil {
		return err
	}
	from, err := s.journal.height(ctx)
	if err != nil {
		return err
	}
	if from > 0 {
		from++
	}
	s.resume(ctx)
	for {
		err := s.Chain.Follow(ctx, from, s.handle)
		if !errors.Is(err, chain.ErrPruned) {
			return err
		}
		// What happened in blocks that are gone is seen in the state.
		s.Log.Warn("the node has pruned blocks that were not followed yet", "from", from, "error", err)
		from = 0
		s.resume(ctx)
	}
}

// resume takes up every round that is open now, and the vault key.
func (s *Scanner) resume(ctx context.Context) {
	s.retry(ctx, "open rounds", func(ctx context.Context) error {
		open, err := s.Chain.Verdicts().OpenRounds(ctx, &verdictstypes.QueryOpenRoundsRequest{})
		if err != nil {
			return err
		}
		for _, round := range open.Rounds {
			s.signal(ctx, round.Number)
		}
		return nil
	})
	s.keys.look()
}

// handle acts on the events of a block and then journals its height, so that a
// block is handled again when the process dies in between.
func (s *Scanner) handle(ctx context.Context, block chain.Block) error {
	err := block.Each(func(event proto.Message) error {
		switch event := event.(type) {
		case *verdictstypes.EventRoundOpened:
			s.signal(ctx, event.Round)
		case *verdictstypes.EventRevealOpened:
			s.signal(ctx, event.Round)
		case *verdictstypes.EventRoundFinal:
			s.signal(ctx, event.Round)
		case *verdictstypes.EventRoundVoid:
			s.signal(ctx, event.Round)
		case *supernodetypes.EventSeated:
			s.keys.look()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if s.keys.due(block.Height) {
		s.publishVaultKey(ctx, block.Height)
	}
	return s.journal.setHeight(ctx, block.Height)
}

// signal makes the worker of a round look at the round's state.
func (s *Scanner) signal(ctx context.Context, round uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	signals, working := s.rounds[round]
	if !working {
		signals = make(chan struct{}, 1)
		s.rounds[round] = signals
		s.work.Add(1)
		go s.workOn(ctx, round, signals)
	}
	select {
	case signals <- struct{}{}:
	default: // a signal is waiting already
	}
}

// workOn advances a round at each signal until it is finished.
func (s *Scanner) workOn(ctx context.Context, round uint64, signals <-chan struct{}) {
	defer s.work.Done()
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		finished := false
		s.retry(ctx, fmt.Sprintf("round %d", round), func(ctx context.Context) (err error) {
			finished, err = s.advance(ctx, round)
			return err
		})
		if finished {
			s.mu.Lock()
			delete(s.rounds, round)
			s.mu.Unlock()
			return
		}
	}
}

// retry repeats what fails for a while: the node may be away, or busy.
func (s *Scanner) retry(ctx context.Context, what string, fn func(ctx context.Context) error) {
	const attempts = 20
	for attempt := 1; ctx.Err() == nil; attempt++ {
		err := fn(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		if attempt == attempts {
			s.Log.Error("given up", "what", what, "error", err)
			s.metrics.failures.Inc()
			return
		}
		s.Log.Warn("trying again", "what", what, "attempt", attempt, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(attempt) * 500 * time.Millisecond):
		}
	}
}

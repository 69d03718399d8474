package scanner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"filippo.io/age"
	"github.com/cosmos/gogoproto/proto"
	"github.com/prometheus/client_golang/prometheus"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/vault"
	"github.com/virusmap/virusmap/supernode/wanted"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
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
	case !(c.BlockSeconds > 0 && c.BlockSeconds <= 60): // NaN too
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
	Bounties() bountytypes.QueryClient
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
	// Peers is asked for vault keys that the chain has not sealed to the operator; nil asks nobody.
	Peers Peers
	// Opened is told of every sample that was opened and judged, which stays open until it
	// returns; nil tells nobody.
	Opened  func(*engine.Content)
	Metrics prometheus.Registerer
	Log     *slog.Logger
}

// Peers gives vault keys. Of each epoch it is told the recipient that the chain has
// published, and gives no key but its secret half.
type Peers interface {
	VaultKeys(ctx context.Context, want map[uint64]string) map[uint64]*age.HybridIdentity
}

// Scanner attests for one operator.
type Scanner struct {
	Deps
	cfg      Config
	operator sdk.AccAddress
	journal  *journal
	metrics  *metrics
	keys     *keyRing
	gates    gates
	hunter   *wanted.Hunter
	names    []string // of the engines, in their order
	methods  []string
	// registered tells that the chain knows every engine.
	registered atomic.Bool
	// epochs holds a signal when a new epoch may lack its vault key, collect when this
	// supernode may lack vault keys.
	epochs, collect chan struct{}

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
	journal, err := openJournal(ctx, filepath.Join(cfg.Dir, journalFile), deps.Chain.ChainID())
	if err != nil {
		return nil, fmt.Errorf("scanner: %w", err)
	}
	operator := sdk.MustAccAddressFromBech32(cfg.Operator)
	return &Scanner{
		Deps: deps, cfg: cfg, operator: operator, journal: journal,
		metrics: newMetrics(deps.Metrics),
		keys:    newKeyRing(operator, deps),
		gates:   newGates(cfg),
		hunter:  wanted.New(deps.Chain, hunters(cfg), deps.Log),
		epochs:  make(chan struct{}, 1),
		collect: make(chan struct{}, 1),
		rounds:  make(map[uint64]chan struct{}),
	}, nil
}

// Close closes the journal; Run must have returned.
func (s *Scanner) Close() error {
	s.keys.reports.Wait()
	return errors.Join(s.hunter.Close(), s.journal.close())
}

// Run works until ctx ends. It waits for the node whenever the node is away.
func (s *Scanner) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer s.work.Wait()
	defer cancel()
	if err := s.nameEngines(ctx); err != nil {
		return err
	}
	// None may hold up the rounds: they wait for paid transactions and for peers.
	s.work.Go(func() { s.registerEngines(ctx) })
	s.work.Go(func() { s.publishVaultKeys(ctx) })
	s.work.Go(func() { s.collectVaultKeys(ctx) })

	handled, err := s.journal.height(ctx)
	if err != nil {
		return err
	}
	from := s.resume(ctx)
	if handled > 0 {
		from = handled + 1
	}
	for {
		err := s.Chain.Follow(ctx, from, s.handle)
		if !errors.Is(err, chain.ErrPruned) {
			return err
		}
		// What happened in blocks that are gone is seen in the state.
		s.Log.Warn("the node has pruned blocks that were not followed yet", "error", err)
		from = s.resume(ctx)
	}
}

// resume takes up every round that is open, that was answered, or that is being worked
// on, and the vault key. It returns a height from which on to follow so that nothing
// that happens meanwhile is missed.
func (s *Scanner) resume(ctx context.Context) (from int64) {
	s.retry(ctx, "open rounds", func(ctx context.Context) error {
		head, err := s.Chain.Status(ctx)
		if err != nil {
			return err
		}
		open, err := s.Chain.Verdicts().OpenRounds(ctx, &verdictstypes.QueryOpenRoundsRequest{})
		if err != nil {
			return err
		}
		answered, err := s.journal.answered(ctx)
		if err != nil {
			return err
		}
		for _, round := range open.Rounds {
			answered = append(answered, round.Number)
		}
		for _, round := range append(answered, s.workedOn()...) {
			s.signal(ctx, round)
		}
		// The state may be one block behind the newest block, so that one is followed too.
		from = max(head.Height, 1)
		return nil
	})
	s.look()
	return from
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
			s.look()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.journal.setHeight(ctx, block.Height)
}

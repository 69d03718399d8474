package custody

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxJobs bounds the finished rounds that wait to be looked at; with more, a pass over all
// samples is as good.
const maxJobs = 256

// meetAgain is how long the neighbours of an epoch count as met.
const meetAgain = time.Minute

// Custody keeps samples for one operator.
type Custody struct {
	Deps
	cfg      Config
	operator sdk.AccAddress
	metrics  *metrics
	paces    paces

	passes     chan struct{} // a signal when all samples must be looked at
	challenges chan struct{} // a signal when there may be challenges
	jobs       chan job

	mu    sync.Mutex
	met   neighbours
	metIn uint64    // epoch
	metAt time.Time // zero at first
	work  sync.WaitGroup
}

// job is a look at some samples: the members of a round, or one by its hash.
type job struct {
	round  uint64
	sha256 []byte
}

// New checks the configuration. Run does the work.
func New(cfg Config, deps Deps) (*Custody, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("custody: %w", err)
	}
	operator, err := sdk.AccAddressFromBech32(cfg.Operator)
	if err != nil {
		return nil, fmt.Errorf("custody: operator %q: %w", cfg.Operator, err)
	}
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	return &Custody{
		Deps: deps, cfg: cfg, operator: operator, metrics: newMetrics(deps.Metrics), paces: defaultPaces(),
		passes: make(chan struct{}, 1), challenges: make(chan struct{}, 1), jobs: make(chan job, maxJobs),
	}, nil
}

// Run works until ctx ends. It waits for the node whenever the node is away.
func (c *Custody) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer c.work.Wait()
	defer cancel()
	c.work.Go(func() { c.keep(ctx) })
	c.work.Go(func() { c.settleJobs(ctx) })
	c.work.Go(func() { c.answerChallenges(ctx) })
	for {
		// What happened before is seen in the state, which may be one block behind.
		var head chain.Status
		c.retry(ctx, "status", func(ctx context.Context) (err error) {
			head, err = c.Chain.Status(ctx)
			return err
		})
		signal(c.passes)
		signal(c.challenges)
		if err := c.Chain.Follow(ctx, max(head.Height, 1), c.handle); !errors.Is(err, chain.ErrPruned) {
			return err
		}
	}
}

func (c *Custody) handle(_ context.Context, block chain.Block) error {
	return block.Each(func(event proto.Message) error {
		switch event := event.(type) {
		case *supernodetypes.EventSeated, *supernodetypes.EventJailed:
			signal(c.passes) // who is jailed holds nothing any more
		case *verdictstypes.EventRoundFinal:
			c.enqueue(job{round: event.Round})
		case *samplestypes.EventBlocked:
			c.enqueue(job{sha256: event.Sha256})
		case *samplestypes.EventChallenged:
			if event.Operator == c.operator.String() {
				signal(c.challenges)
			}
		}
		return nil
	})
}

// signal leaves a signal that waits until it is seen.
func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

func (c *Custody) enqueue(j job) {
	select {
	case c.jobs <- j:
	default:
		signal(c.passes)
	}
}

// keep makes a pass at each signal, and again and again while something is missing.
func (c *Custody) keep(ctx context.Context) {
	var again <-chan time.Time
	pause := c.paces.shortest
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.passes:
			pause = c.paces.shortest
		case <-again:
			pause = min(2*pause, c.paces.longest)
		}
		found, err := c.pass(ctx)
		again = nil
		if ctx.Err() == nil && (err != nil || found.missing > 0) {
			c.Log.Warn("custody is not complete and tries again", "missing", found.missing, "in", pause, "error", err)
			again = time.After(pause)
		}
	}
}

// settleJobs looks at what has just been judged or taken down.
func (c *Custody) settleJobs(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-c.jobs:
			found, err := c.settleJob(ctx, j)
			if ctx.Err() == nil && (err != nil || found.missing > 0) {
				c.Log.Debug("a pass will get what is missing", "round", j.round, "missing", found.missing, "error", err)
				signal(c.passes)
			}
		}
	}
}

func (c *Custody) settleJob(ctx context.Context, j job) (total tally, err error) {
	t, n, err := c.prepare(ctx)
	if err != nil {
		return tally{}, err
	}
	hashes := j.sha256
	if j.round > 0 {
		members, err := c.Chain.Verdicts().Members(ctx, &verdictstypes.QueryMembersRequest{Round: j.round})
		if err != nil {
			return tally{}, err
		}
		hashes = members.Hashes
	}
	var entries []samplestypes.SampleEntry
	for ; len(hashes) >= 32; hashes = hashes[32:] {
		hash := hashes[:32]
		if j.round > 0 && !samplestypes.Holds(hash, c.operator, t.attesters, t.replication) {
			continue
		}
		response, err := c.Chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(hash)})
		if status.Code(err) == codes.NotFound {
			continue
		}
		if err != nil {
			return total, err
		}
		if entries = append(entries, response.Entry); len(entries) < pageSize && len(hashes) > 32 {
			continue
		}
		found, err := c.settle(ctx, t, n, entries)
		if err != nil {
			return total, err
		}
		total.add(found)
		entries = nil
	}
	found, err := c.settle(ctx, t, n, entries)
	total.add(found)
	return total, err
}

// prepare reads the terms and meets the neighbours, those of the same epoch not each time.
func (c *Custody) prepare(ctx context.Context) (terms, neighbours, error) {
	t, err := readTerms(ctx, c.Chain, c.cfg.GraceEpochs)
	if err != nil {
		return terms{}, neighbours{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.metIn == t.epoch && time.Since(c.metAt) < meetAgain {
		return t, c.met, nil
	}
	n, err := meet(ctx, c.Chain, c.Vault, t, c.operator, c.Log)
	if err != nil {
		return terms{}, neighbours{}, err
	}
	c.met, c.metIn, c.metAt = n, t.epoch, time.Now()
	return t, n, nil
}

// retry repeats fn until it succeeds or ctx ends.
func (c *Custody) retry(ctx context.Context, what string, fn func(context.Context) error) {
	for ctx.Err() == nil {
		err := fn(ctx)
		if err == nil {
			return
		}
		c.Log.Warn("trying again", "what", what, "error", err)
		sleep(ctx, c.paces.challenge)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Package indexertest is the application itself behind the interfaces of chain.Client: it
// answers queries from the last committed state and hands over the blocks that a test made.
package indexertest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/baseapp"

	"github.com/virusmap/virusmap/supernode/chain"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	sampleskeeper "github.com/virusmap/virusmap/x/samples/keeper"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// pollInterval is how often Follow looks for a new block.
const pollInterval = 2 * time.Millisecond

// Chain is written by a test, between Lock and Unlock, and read by who follows it.
type Chain struct {
	sync.Mutex
	app      *chaintest.Chain
	blocks   []chain.Block
	earliest int64
}

// Over follows a chain that has no block yet.
func Over(app *chaintest.Chain) *Chain { return &Chain{app: app, earliest: 1} }

// Add hands over the block that was made last.
func (c *Chain) Add(response *abci.ResponseFinalizeBlock) {
	c.blocks = append(c.blocks, chain.BlockOf(c.app.Height, c.app.Time, response))
}

// Prune drops the blocks below a height.
func (c *Chain) Prune(earliest int64) {
	c.Lock()
	defer c.Unlock()
	c.earliest = earliest
}

// Samples queries x/samples.
func (c *Chain) Samples() samplestypes.QueryClient {
	return samplestypes.NewQueryClient(c.at(func(helper *baseapp.QueryServiceTestHelper) {
		samplestypes.RegisterQueryServer(helper, sampleskeeper.NewQueryServer(c.app.App.SamplesKeeper))
	}))
}

// Verdicts queries x/verdicts.
func (c *Chain) Verdicts() verdictstypes.QueryClient {
	return verdictstypes.NewQueryClient(c.at(func(helper *baseapp.QueryServiceTestHelper) {
		verdictstypes.RegisterQueryServer(helper, verdictskeeper.NewQueryServer(c.app.App.VerdictsKeeper))
	}))
}

// at is a connection to the state as it is now.
func (c *Chain) at(register func(*baseapp.QueryServiceTestHelper)) *baseapp.QueryServiceTestHelper {
	c.Lock()
	defer c.Unlock()
	helper := baseapp.NewQueryServerTestHelper(c.app.Context(), c.app.App.Registry)
	register(helper)
	return helper
}

// Status tells which blocks there are.
func (c *Chain) Status(context.Context) (chain.Status, error) {
	c.Lock()
	defer c.Unlock()
	return chain.Status{ChainID: chaintest.ChainID, Height: c.app.Height, EarliestHeight: c.earliest}, nil
}

// Follow is as that of chain.Client.
func (c *Chain) Follow(ctx context.Context, from int64, handle func(context.Context, chain.Block) error) error {
	for height := from; ; {
		block, err := c.block(height)
		switch {
		case err != nil:
			return err
		case block == nil:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pollInterval):
			}
			continue
		}
		if err := handle(ctx, *block); err != nil {
			return err
		}
		height++
	}
}

func (c *Chain) block(height int64) (*chain.Block, error) {
	c.Lock()
	defer c.Unlock()
	switch {
	case height < c.earliest:
		return nil, fmt.Errorf("%w: height %d", chain.ErrPruned, height)
	case height > int64(len(c.blocks)):
		return nil, nil
	}
	return &c.blocks[height-1], nil
}

// Simulation is a simulated network whose blocks are handed over.
type Simulation struct {
	*Chain
	*chaintest.Simulation
}

// Simulate starts a simulation of a seed.
func Simulate(t testing.TB, seed int64) *Simulation {
	simulation := chaintest.Simulate(chaintest.NewSimulatedGenesis(t).Start(t, nil, nil), seed)
	s := &Simulation{Over(simulation.Chain), simulation}
	s.Add(simulation.Block()) // the modules have no state before
	return s
}

// Step makes the next block.
func (s *Simulation) Step() {
	s.Lock()
	defer s.Unlock()
	_, response := s.Simulation.Step()
	s.Add(response)
}

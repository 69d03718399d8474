// Package indexertest is the application itself behind the interfaces of chain.Client: it
// answers queries from the last committed state and hands over the blocks that a test made.
package indexertest

import (
	"context"
	"sync"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/baseapp"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/blocktest"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	sampleskeeper "github.com/virusmap/virusmap/x/samples/keeper"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Chain is written by a test, between Lock and Unlock, and read by who follows it.
type Chain struct {
	sync.Mutex
	blocktest.Blocks
	app *chaintest.Chain
}

// Over follows a chain that has no block yet.
func Over(app *chaintest.Chain) *Chain { return &Chain{app: app} }

// Add hands over the block that was made last.
func (c *Chain) Add(response *abci.ResponseFinalizeBlock) {
	c.Blocks.Add(chain.BlockOf(c.app.Height, c.app.Time, response))
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
	return chain.Status{ChainID: chaintest.ChainID, Height: c.app.Height, EarliestHeight: c.Earliest()}, nil
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

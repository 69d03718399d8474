package app_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// scale is how many seeds and blocks a simulation runs: few in short mode, and what
// SIMULATION_SEEDS and SIMULATION_BLOCKS say when they are set.
func scale(t *testing.T) (seeds, blocks int) {
	t.Helper()
	seeds, blocks = 4, 150
	if testing.Short() {
		seeds, blocks = 3, 100
	}
	for name, value := range map[string]*int{"SIMULATION_SEEDS": &seeds, "SIMULATION_BLOCKS": &blocks} {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.Atoi(text)
			require.NoError(t, err, name)
			*value = n
		}
	}
	return seeds, blocks
}

// Random blocks of all messages, with the invariants checked after each; each run
// ends with an export that another chain takes over unchanged, and which the
// parallel executor must repeat hash by hash.
func TestSimulation(t *testing.T) {
	seeds, blocks := scale(t)
	succeeded, failed, seen := make(map[string]int), make(map[string]int), make(map[string]int)
	statuses := make(map[verdictstypes.RoundStatus]int)
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			genesis := chaintest.NewSimulatedGenesis(t)
			simulation := chaintest.Simulate(genesis.Start(t, nil, nil), int64(seed))
			parallel := genesis.Start(t, nil, chaintest.Options{
				server.FlagBlockExecutor: serverconfig.BlockExecutorBlockSTM, server.FlagBlockSTMWorkers: 4,
			})
			parallel.HashSeed = simulation.HashSeed
			simulation.Blocks(1)
			parallel.Blocks(1)
			for range blocks {
				block, want := simulation.Step()
				got := parallel.BlockAfter(block.Interval, block.Txs...)
				for i, result := range want.TxResults {
					require.Equal(t, result.Code, got.TxResults[i].Code, "block %d, transaction %d: %s / %s",
						simulation.Height, i, result.Log, got.TxResults[i].Log)
					require.Equal(t, result.GasUsed, got.TxResults[i].GasUsed, "block %d, transaction %d: %s / %s",
						simulation.Height, i, result.Log, got.TxResults[i].Log)
				}
				require.Equal(t, want.AppHash, got.AppHash, "block %d", simulation.Height)
			}
			simulation.Chain.RequireRoundTrip()
			for name, n := range simulation.Succeeded {
				succeeded[name] += n
			}
			for name, n := range simulation.Failed {
				failed[name] += n
			}
			for name, n := range simulation.Seen {
				seen[name] += n
			}
			require.NoError(t, simulation.App.VerdictsKeeper.Rounds.Walk(simulation.Context(), nil,
				func(_ uint64, round verdictstypes.Round) (bool, error) {
					statuses[round.Status]++
					return false, nil
				}))
		})
	}
	// A simulation that does nothing proves nothing.
	t.Logf("succeeded %v, failed %v, rounds %v, market %v", succeeded, failed, statuses, seen)
	for _, name := range chaintest.Operations() {
		if name != "garbage" {
			require.NotZero(t, succeeded[name], "%s never succeeded", name)
		}
		require.NotZero(t, failed[name], "%s never failed", name)
	}
	require.NotZero(t, statuses[verdictstypes.ROUND_STATUS_FINAL])
	for _, name := range chaintest.MarketEvents() {
		require.NotZero(t, seen[name], "%s never happened", name)
	}
}

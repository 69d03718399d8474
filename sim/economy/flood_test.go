package economy

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	// floodPerBlock is 100,000 submissions an hour.
	floodPerBlock = 28
	floodBlocks   = 60
)

// TestFlood is E-34: 100,000 submissions an hour, with all that the chain does about them,
// stay far below what a block may hold, and cost the flooder.
func TestFlood(t *testing.T) {
	var players []*arena.Player
	for i := range 5 {
		players = append(players, careful(fmt.Sprintf("honest_%d", i), int64(110+i), 0.95))
	}
	a := arena.New(t, 15, chaintest.Config{}, players...)
	flooder := a.Accounts[0]
	start := a.Balance(flooder.Address).Amount
	limits := app.DefaultConsensusParams().Block
	var gas, bytes float64
	for block := range floodBlocks {
		var submissions []samplestypes.Submission
		for i := range floodPerBlock {
			submissions = append(submissions, a.Sample(fmt.Appendf(nil, "flood %d/%d", block, i), arena.Truth{}))
		}
		tx := a.SignTx(flooder, chaintest.Tx{Msgs: []sdkMsg{flooder.Submit(submissions...)}, Gas: 10_000_000})
		response := a.Step(tx)
		require.Zero(t, response.TxResults[0].Code, response.TxResults[0].Log)
		used := int64(0)
		for _, result := range response.TxResults {
			used += result.GasUsed
		}
		gas = max(gas, float64(used)/float64(limits.MaxGas))
		bytes = max(bytes, float64(len(tx))/float64(limits.MaxBytes))
	}
	for range 100 {
		a.Step()
	}
	require.NoError(t, a.App.CheckInvariants(a.Context()))
	arena.Bound(t, "flood_gas_of_fullest_block", gas, 0, 0.5)
	arena.Bound(t, "flood_submission_bytes_of_block", bytes, 0, 0.5)
	spent := vmt(start.Sub(a.Balance(flooder.Address).Amount).Int64())
	arena.Bound(t, "flood_cost_per_100000_samples_vmt", spent/(floodPerBlock*floodBlocks)*100_000, 0.001, arena.Unbounded)
}

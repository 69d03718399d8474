package trust

import (
	"fmt"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// match is an arena in which one account submits samples, half of them malicious.
type match struct {
	*arena.Arena
	// perBlock is how many samples are submitted in each block.
	perBlock, submitted int
}

func newMatch(t *testing.T, seed int64, perBlock int, players ...*arena.Player) *match {
	t.Helper()
	return &match{Arena: arena.New(t, seed, chaintest.Config{}, players...), perBlock: perBlock}
}

// run plays blocks until n initial rounds have been opened, and then until every stage
// of them is settled.
func (m *match) run(n int) {
	m.T.Helper()
	for m.Opened() < n {
		m.step(m.perBlock)
	}
	for range 90 {
		m.step(0)
	}
	require.NoError(m.T, m.App.CheckInvariants(m.Context()))
}

// step is one block with that many new samples.
func (m *match) step(submit int) *abci.ResponseFinalizeBlock {
	m.T.Helper()
	if submit == 0 {
		return m.Step()
	}
	submissions := make([]samplestypes.Submission, submit)
	for i := range submissions {
		m.submitted++
		submissions[i] = m.Sample(fmt.Appendf(nil, "sample %d", m.submitted), arena.Truth{Malicious: m.Rand.Intn(2) == 0})
	}
	return m.Step(m.Sign(m.Accounts[0], m.Accounts[0].Submit(submissions...)))
}

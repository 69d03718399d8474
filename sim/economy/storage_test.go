package economy

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	storageEpochs = 12
	keptSamples   = 40
)

// TestStorageFraud is E-26: an operator that dropped half of its chunks, and one that
// keeps nothing, are paid less for storage than an honest one, by at least as much as the
// disk they save.
func TestStorageFraud(t *testing.T) {
	players := []*arena.Player{
		silent("honest_0"), silent("honest_1"), silent("honest_2"), silent("keeps_half"), silent("keeps_nothing"),
	}
	players[3].Dropped = func(c samplestypes.Challenge) bool {
		hash := sha256.Sum256(fmt.Appendf(nil, "%x %d", c.Sha256, c.Chunk))
		return hash[0] < 128
	}
	players[4].Dropped = func(samplestypes.Challenge) bool { return true }
	cfg := chaintest.Config{Modify: func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
			s.Params.ChallengesPerEpoch, s.Params.ChallengeWindowBlocks = 4, 10
			return nil
		}))
		require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(s *supernodetypes.GenesisState) error {
			s.Params.BeaconIdleBlocks = 5
			return nil
		}))
		require.NoError(t, app.EditGenesis(cdc, state, bountytypes.ModuleName, func(s *bountytypes.GenesisState) error {
			s.Params.StorageTargetGibDays, s.Params.CleanPpm = 1, 0 // little is stored for a short time, and only that is paid
			return nil
		}))
	}}
	a := arena.New(t, 13, cfg, players...)
	a.HashSeed = "storage fraud"
	var submissions []samplestypes.Submission
	for i := range keptSamples {
		content := []byte(strings.Repeat(fmt.Sprintf("stored %d ", i), 30_000))
		submission := a.Sample(content, arena.Truth{})
		a.Contents[string(submission.Sha256)] = content
		submissions = append(submissions, submission)
	}
	bond := make(map[*arena.Player]int64)
	for _, p := range players {
		bond[p] = a.Bond(p).Amount.Int64()
	}
	a.Step(a.SignTx(a.Accounts[0], chaintest.Tx{Msgs: []sdkMsg{a.Accounts[0].Submit(submissions...)}, Gas: 20_000_000}))
	for range storageEpochs * arena.EpochBlocks {
		a.Step()
	}
	require.NoError(t, a.App.CheckInvariants(a.Context()))

	income := make(map[string]float64)
	for _, p := range players {
		rewards := a.Balance(supernodetypes.RewardsAddress(p.Node.Operator.Address)).Amount.Int64()
		income[p.Name] = vmt(rewards + a.Bond(p).Amount.Int64() - bond[p])
		arena.Show("storage_rewards_"+p.Name+"_vmt", vmt(rewards))
		arena.Show("storage_bond_lost_"+p.Name+"_vmt", vmt(bond[p]-a.Bond(p).Amount.Int64()))
	}
	// Who stores half saves half of the cost; to be no better off it may get half of the reward,
	// give or take the luck of the draw.
	honest := (income["honest_0"] + income["honest_1"] + income["honest_2"]) / 3
	arena.Bound(t, "storage_income_honest_vmt", honest, 0.000001, arena.Unbounded)
	arena.Bound(t, "storage_income_keeps_half_over_honest", income["keeps_half"]/honest, -arena.Unbounded, 0.6)
	arena.Bound(t, "storage_income_keeps_nothing_vmt", income["keeps_nothing"], -arena.Unbounded, 0)
}

// silent is an engine that finds nothing, for which nothing is paid here.
func silent(name string) *arena.Player {
	return &arena.Player{Name: name, Answer: func(arena.Sighting) verdictstypes.Answer { return arena.Says(false, "") }}
}

package trust

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	storedSamples   = 60
	storageEpochs   = 300
	epochBlocks     = 8
	challengesOfOne = 4
	droppedFraction = 0.3
)

// TestDroppedChunks: a supernode that dropped a fraction f of its chunks fails at least
// one of w challenges of an epoch with the probability 1 - (1 - f)^w.
func TestDroppedChunks(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{
		Accounts: 1, Supernodes: 6, EpochDuration: epochBlocks * time.Second, Modify: storageParams(t),
	})
	chain.HashSeed = "dropped chunks"
	contents := store(t, chain)
	dropper := chain.Supernodes[0]
	caught, asked, missing, epochs := 0, 0, 0, 0
	seen := make(map[string]bool)
	failed := make(map[uint64]bool)
	for epochs < storageEpochs {
		var txs [][]byte
		iterator, err := chain.App.SamplesKeeper.Challenges.Iterate(chain.Context(), nil)
		require.NoError(t, err)
		challenges, err := iterator.Values()
		require.NoError(t, err)
		for _, challenge := range challenges {
			id := fmt.Sprint(challenge.Epoch, challenge.Operator, challenge.Index)
			if seen[id] {
				continue
			}
			seen[id] = true
			node := chain.Supernodes[0]
			for _, other := range chain.Supernodes {
				if other.Operator.Address.String() == challenge.Operator {
					node = other
				}
			}
			if node == dropper {
				asked++
				if _, known := failed[challenge.Epoch]; !known {
					failed[challenge.Epoch] = false
				}
				if dropped(challenge) {
					missing++
					failed[challenge.Epoch] = true
					continue
				}
			}
			txs = append(txs, chain.SignFree(node.Sidecar, 1_000_000, node.Prove(challenge, contents[string(challenge.Sha256)])))
		}
		chain.Run(txs...)
		epochs = len(failed)
	}
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	for _, epochFailed := range failed {
		if epochFailed {
			caught++
		}
	}
	computed := 1 - math.Pow(1-droppedFraction, challengesOfOne)
	measured := float64(caught) / float64(epochs)
	deviation := 3 * math.Sqrt(computed*(1-computed)/float64(epochs))
	arena.Show("storage_challenges", asked)
	arena.Show("storage_challenges_of_dropped_chunks", float64(missing)/float64(asked))
	arena.Show("storage_caught_computed", computed)
	arena.Bound(t, "storage_caught_measured", measured, computed-deviation, computed+deviation)
}

// dropped tells which chunks the cheat has not kept: the given fraction of all.
func dropped(challenge samplestypes.Challenge) bool {
	hash := sha256.Sum256(fmt.Appendf(nil, "gone %x %d", challenge.Sha256, challenge.Chunk))
	return float64(binary.BigEndian.Uint64(hash[:8])) < droppedFraction*math.MaxUint64
}

// storageParams let the cheat go on, so that it can be counted how often it is caught.
func storageParams(t *testing.T) func(codec.Codec, app.GenesisState) {
	return func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(s *supernodetypes.GenesisState) error {
			s.Params.MinPerformedPpm, s.Params.StorageMissTolerance, s.Params.BeaconIdleBlocks = 0, 16, 1
			return nil
		}))
		require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
			s.Params.ChallengesPerEpoch, s.Params.ChallengeWindowBlocks = challengesOfOne, 3
			return nil
		}))
	}
}

// store brings the samples to FINAL and returns their contents by hash.
func store(t *testing.T, chain *chaintest.Chain) map[string][]byte {
	t.Helper()
	chain.Blocks(1)
	chain.PublishVaultKey()
	epoch, err := chain.App.SupernodeKeeper.CurrentEpoch(chain.Context())
	require.NoError(t, err)
	contents := make(map[string][]byte)
	var submissions []samplestypes.Submission
	for i := range storedSamples {
		content := bytes.Repeat(fmt.Appendf(nil, "stored %d ", i), 20_000)
		submission := chaintest.Submission(content, epoch.Number)
		contents[string(submission.Sha256)] = content
		submissions = append(submissions, submission)
	}
	chain.Run(chain.Sign(chain.Accounts[0], chain.Accounts[0].Submit(submissions...)))
	finishRounds(t, chain)
	return contents
}

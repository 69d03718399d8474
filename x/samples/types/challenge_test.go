package types_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/samples/types"
)

func beacon(value string) []byte {
	hash := sha256.Sum256([]byte(value))
	return hash[:]
}

// The hashes that everybody must compute alike.
func TestChallengesByTheFormula(t *testing.T) {
	operator := account("operator")
	seed := sha256.Sum256(slices.Concat([]byte("virusmap/challenge/v1"), beacon("b"),
		[]byte{0, 0, 0, 0, 0, 0, 0, 7}, operator, []byte{0, 0, 0, 2}, []byte{0, 0, 0, 63}))
	require.Equal(t, seed[:], types.ChallengeSeed(beacon("b"), 7, operator, 2, 63))

	hash := sha256.Sum256(slices.Concat([]byte("virusmap/challenge-chunk/v1"), seed[:]))
	require.Equal(t, binary.BigEndian.Uint64(hash[:8])%1000, types.DrawChunk(seed[:], 1000))
	require.Zero(t, types.DrawChunk(seed[:], 1))
}

// Every part of the seed matters.
func TestChallengeSeedsDiffer(t *testing.T) {
	seen := make(map[string]bool)
	for _, value := range []string{"a", "b"} {
		for epoch := range uint64(3) {
			for operator := range 3 {
				for index := range uint32(3) {
					for attempt := range uint32(3) {
						seed := types.ChallengeSeed(beacon(value), epoch, account(fmt.Sprint(operator)), index, attempt)
						require.False(t, seen[string(seed)])
						seen[string(seed)] = true
					}
				}
			}
		}
	}
}

// drawn is the chunk that an operator is asked for in an epoch whose beacon it could not
// know before.
func drawn(epoch uint64, index uint32, chunks uint64) uint64 {
	seed := types.ChallengeSeed(beacon(fmt.Sprint("epoch ", epoch)), epoch, account("operator"), index, 0)
	return types.DrawChunk(seed, chunks)
}

// Whoever does not know the beacon can keep no chunks that are drawn more often than
// others: over many epochs each chunk comes up alike.
func TestNoChunkIsLikelier(t *testing.T) {
	const epochs, chunks = 16_000, 16
	counts := make([]int, chunks)
	for epoch := range uint64(epochs) {
		counts[drawn(epoch, 0, chunks)]++
	}
	const mean = epochs / chunks
	for chunk, count := range counts {
		require.InDelta(t, mean, count, 4*math.Sqrt(mean), "chunk %d", chunk)
	}
}

// A holder that dropped a share f of the chunks is caught in w challenges with the
// probability 1-(1-f)^w: here 59 %.
func TestDroppedChunksAreCaught(t *testing.T) {
	const (
		trials, chunks = 2_000, 1_000
		challenges     = 4
		dropped        = chunks / 5
	)
	caught := 0
	for trial := range uint64(trials) {
		for index := range uint32(challenges) {
			if drawn(trial, index, chunks) < dropped {
				caught++
				break
			}
		}
	}
	want := 1 - math.Pow(1-float64(dropped)/chunks, challenges)
	sigma := math.Sqrt(want * (1 - want) / trials)
	require.InDelta(t, want, float64(caught)/trials, 3*sigma)
}

// Nobody is blamed for a sample that is not any more what was drawn.
func TestBlames(t *testing.T) {
	params := types.DefaultParams()
	challenge := types.Challenge{DeadlineHeight: 1000 + int64(params.ChallengeWindowBlocks)}
	require.Equal(t, int64(1000), challenge.DrawnHeight(params))
	for name, test := range map[string]struct {
		sample types.Sample
		want   bool
	}{
		"final":              {types.Sample{Status: types.STATUS_FINAL, SubmittedHeight: 9}, true},
		"scanned again":      {types.Sample{Status: types.STATUS_SCANNING, SubmittedHeight: 9}, true},
		"queued again":       {types.Sample{Status: types.STATUS_QUEUED, SubmittedHeight: 9}, true},
		"taken down":         {types.Sample{Status: types.STATUS_BLOCKED, SubmittedHeight: 9}, false},
		"found to be junk":   {types.Sample{Status: types.STATUS_INVALID, SubmittedHeight: 9}, false},
		"submitted anew":     {types.Sample{Status: types.STATUS_FINAL, SubmittedHeight: 1001}, false},
		"just before a draw": {types.Sample{Status: types.STATUS_FINAL, SubmittedHeight: 1000}, true},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, challenge.Blames(test.sample, params))
		})
	}
}

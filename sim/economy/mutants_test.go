package economy

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/sim/arena"
	"github.com/virusmap/virusmap/supernode/engine/similarity"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const mutants = 10_000

// TestMutants is E-21: ten thousand trivial mutants of one file, with the similarity keys
// that supernodes find in the real bytes, earn less than 1.2 times what the file earns.
// Neither sightings nor the newcomers' cap help here.
func TestMutants(t *testing.T) {
	random := rand.New(rand.NewSource(17))
	original := program(random)
	single := playMutants(t, [][]byte{original})
	many := [][]byte{original}
	for len(many) < mutants {
		many = append(many, mutate(random, original, len(many)))
	}
	all := playMutants(t, many)
	arena.Show("mutants", len(many))
	arena.Show("mutants_clusters", all.clusters)
	arena.Show("mutants_points_of_one_file", single.points)
	arena.Show("mutants_points_of_all", all.points)
	arena.Bound(t, "mutants_points_all_over_one", all.points/single.points, 0, 1.2)
	arena.Bound(t, "mutants_profit_vmt", all.profit-costMutate*mutants, -arena.Unbounded, 1.2*single.profit)

	growth := arena.Line{Name: "all mutants together"}
	for i, points := range all.growth {
		growth.Add(float64(i+1), points/single.points)
	}
	limit := arena.Line{Name: "the bound: 1.2"}
	limit.Add(1, 1.2)
	limit.Add(float64(len(all.growth)), 1.2)
	arena.Draw(t, "mutants.svg", "What ten thousand mutants earn, in files", "block after the first submission", "files' worth of points", growth, limit)
}

type mutantRun struct {
	points, profit float64
	clusters       int
	// growth is the points after each block.
	growth []float64
}

// playMutants submits the contents, four hundred in a block, and waits for the last judgement.
func playMutants(t *testing.T, contents [][]byte) mutantRun {
	t.Helper()
	var players []*arena.Player
	for i := range 4 {
		players = append(players, careful(fmt.Sprintf("honest_%d", i), int64(130+i), 0.9))
	}
	farmer := &person{name: "farmer"}
	w := newWorld(t, 17, players, []*person{farmer}, func(s *bountytypes.GenesisState) {
		s.Params.SightingsFull, s.Params.EstablishedPoints, s.Params.MaxCreditsPerBlock = 0, 0, 4096
	})
	var run mutantRun
	standing := func() float64 {
		points, err := w.App.BountyKeeper.Standings.Get(w.Context(), farmer.account.Address)
		if err != nil {
			return 0 // nothing earned yet
		}
		return float64(points) / 1e6
	}
	for len(contents) > 0 || len(run.growth) < 2*arena.EpochBlocks {
		var txs [][]byte
		for range 4 {
			batch := contents[:min(100, len(contents))]
			contents = contents[len(batch):]
			var submissions []samplestypes.Submission
			for _, content := range batch {
				features, err := similarity.Of(content)
				require.NoError(t, err)
				submissions = append(submissions, w.Sample(content, arena.Truth{Malicious: true, Keys: features.Keys}))
			}
			if len(batch) > 0 {
				msg := farmer.account.Submit(submissions...)
				txs = append(txs, w.SignTx(farmer.account, chaintest.Tx{Msgs: []sdk.Msg{msg}, Gas: 20_000_000}))
			}
		}
		for _, result := range w.Step(txs...).TxResults[:len(txs)] {
			require.Zero(t, result.Code, result.Log)
		}
		run.growth = append(run.growth, standing())
	}
	for range arena.EpochBlocks {
		w.claim()
		w.Step(w.post()...)
	}
	require.NoError(t, w.App.CheckInvariants(w.Context()))
	require.NoError(t, w.App.BountyKeeper.Clusters.Walk(w.Context(), nil, func([]byte, bountytypes.Cluster) (bool, error) {
		run.clusters++
		return false, nil
	}))
	run.points, run.profit = standing(), w.profit(farmer)
	return run
}

// program is a script of some 12 KiB.
func program(random *rand.Rand) []byte {
	var b bytes.Buffer
	b.WriteString("#!/usr/bin/env python3\nimport os, sys, socket\n")
	for i := range 120 {
		fmt.Fprintf(&b, "def step_%d(path, key):\n", random.Intn(100_000))
		for range random.Intn(3) + 1 {
			fmt.Fprintf(&b, "    if key %% %d == %d: path = path.replace('%x', os.sep * %d)\n", random.Intn(99)+1, random.Intn(99), random.Int63(), random.Intn(9))
		}
		fmt.Fprintf(&b, "    return path + str(key ^ 0x%x)\n\n", random.Intn(1<<30)+i)
	}
	return b.Bytes()
}

// mutate changes what needs no thought: bytes at the end, single bytes, the packing.
func mutate(random *rand.Rand, original []byte, n int) []byte {
	mutant := bytes.Clone(original)
	if n%2 == 0 {
		for range random.Intn(4) + 1 {
			mutant[random.Intn(len(mutant))] = byte(random.Intn(256))
		}
	} else {
		junk := make([]byte, random.Intn(256)+1)
		random.Read(junk)
		mutant = append(mutant, junk...)
	}
	var packed bytes.Buffer
	switch n % 5 {
	case 3:
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(mutant)
		_ = z.Close()
		return packed.Bytes()
	case 4:
		z := zip.NewWriter(&packed)
		file, _ := z.Create(fmt.Sprintf("invoice-%d.py", n))
		_, _ = file.Write(mutant)
		_ = z.Close()
		return packed.Bytes()
	}
	return mutant
}

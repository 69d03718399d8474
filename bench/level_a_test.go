package bench

import (
	"math/rand"
	"testing"
	"time"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	roundSamples   = 512
	measuredRounds = 40
	seed           = 1
)

func msgs(msgs ...sdk.Msg) []sdk.Msg { return msgs }

// BenchmarkLevelA runs whole blocks and writes the figures to docs/bench.
func BenchmarkLevelA(b *testing.B) {
	for b.Loop() {
		figures := &figures{}
		b.StopTimer()
		measureThroughput(b, figures)
		measureBytes(b, figures)
		measureLargestTally(b, figures)
		b.StartTimer()
		figures.publish(b)
	}
}

// newChain starts a chain on disk with the seated supernodes and their engines.
func newChain(b *testing.B, tallyPerBlock uint32) *chaintest.Chain {
	b.Helper()
	db, err := dbm.NewDB("application", dbm.PebbleDBBackend, b.TempDir())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	genesis := chaintest.NewGenesis(b, chaintest.Config{
		Accounts: 1, Supernodes: supernodes,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			var verdicts verdictstypes.GenesisState
			cdc.MustUnmarshalJSON(state[verdictstypes.ModuleName], &verdicts)
			verdicts.Params.RoundIntervalBlocks = 1
			verdicts.Params.TallySamplesPerBlock = tallyPerBlock
			state[verdictstypes.ModuleName] = cdc.MustMarshalJSON(&verdicts)
		},
	})
	c := genesis.Start(b, db, nil)
	c.Block()
	publishVaultKey(b, c)
	for _, node := range c.Supernodes {
		for e := range enginesPerSupernode {
			c.Run(c.Sign(node.Sidecar, &verdictstypes.MsgRegisterEngine{
				Sidecar: node.Sidecar.Address.String(), Operator: node.Operator.Address.String(), Name: engineName(e),
			}))
		}
	}
	return c
}

// publishVaultKey gives epoch 1 the vault key that submissions name.
func publishVaultKey(b *testing.B, c *chaintest.Chain) {
	b.Helper()
	first := c.Supernodes[0]
	c.Run(c.SignTx(first.Sidecar, chaintest.Tx{Msgs: msgs(c.VaultKey(first)), Gas: 20_000_000}))
}

// measureThroughput keeps three rounds in flight: in each block one is handed in,
// one committed and one revealed. Signing is not measured, everything else is.
func measureThroughput(b *testing.B, figures *figures) {
	b.Helper()
	c := newChain(b, verdictstypes.DefaultParams().TallySamplesPerBlock)
	random := rand.New(rand.NewSource(seed))
	first := nextRound(b, c)
	var committing, revealing round
	var busy time.Duration
	verdicts, samples, txs, failed := 0, 0, 0, 0
	for n := range measuredRounds + 2 {
		var block [][]byte
		next := round{}
		if n < measuredRounds {
			drawn := makeSamples(random, 1, roundSamples, maliciousShare)
			block = append(block, submissions(c, drawn)...)
			next = prepare(b, c, random, first+uint64(n), drawn)
		}
		block = append(append(block, committing.commits...), revealing.reveals...)
		start := time.Now()
		response := c.Finalize(chaintest.BlockInterval, block...)
		c.Commit()
		busy += time.Since(start)
		for _, result := range response.TxResults {
			txs++
			if result.Code != 0 {
				failed++
				b.Logf("failed: %s", result.Log)
			}
		}
		verdicts += revealing.samples * supernodes * enginesPerSupernode
		samples += revealing.samples
		committing, revealing = next, committing
	}
	last, err := c.App.VerdictsKeeper.Rounds.Get(c.Context(), first+measuredRounds-1)
	require.NoError(b, err)
	require.Equal(b, verdictstypes.ROUND_STATUS_FINAL, last.Status)

	figures.add("verdicts_per_second", float64(verdicts)/busy.Seconds(), 0)
	figures.add("samples_per_second", float64(samples)/busy.Seconds(), 0)
	figures.add("transactions", float64(txs), 0)
	figures.add("failed_transactions_share", float64(failed)/float64(txs), 4)
	figures.add("mean_block_milliseconds", busy.Seconds()*1000/(measuredRounds+2), 1)
}

func nextRound(b *testing.B, c *chaintest.Chain) uint64 {
	b.Helper()
	next, err := c.App.VerdictsKeeper.NextRound.Get(c.Context())
	require.NoError(b, err)
	return next
}

// runAlone takes one round through its three blocks and returns the bytes of its
// commits and reveals.
func runAlone(b *testing.B, c *chaintest.Chain, samples []sample) (attestationBytes, submissionBytes int) {
	b.Helper()
	r := prepare(b, c, rand.New(rand.NewSource(seed)), nextRound(b, c), samples)
	handIn := submissions(c, samples)
	for _, block := range [][][]byte{handIn, r.commits, r.reveals} {
		c.Run(block...)
	}
	return size(r.commits) + size(r.reveals), size(handIn)
}

func size(txs [][]byte) int {
	total := 0
	for _, tx := range txs {
		total += len(tx)
	}
	return total
}

// measureBytes counts what a round costs in blocks and in state, for a round of
// clean samples and for the mix.
func measureBytes(b *testing.B, figures *figures) {
	b.Helper()
	c := newChain(b, verdictstypes.DefaultParams().TallySamplesPerBlock)
	random := rand.New(rand.NewSource(seed))
	for _, mix := range []struct {
		name      string
		malicious float64
	}{{"clean_verdict", 0}, {"verdict_of_the_mix", maliciousShare}} {
		vectors, everything := vectorBytes(c), stateBytes(c)
		attested, handedIn := runAlone(b, c, makeSamples(random, 1, roundSamples, mix.malicious))
		vectors, everything = vectorBytes(c)-vectors, stateBytes(c)-everything
		cells := float64(roundSamples * supernodes * enginesPerSupernode)
		figures.add("block_bytes_per_"+mix.name, float64(attested)/cells, 3)
		figures.add("state_bytes_per_"+mix.name, float64(vectors)/cells, 3)
		figures.add("chain_bytes_per_"+mix.name, float64(attested+vectors)/cells, 3)
		if mix.malicious > 0 {
			figures.add("block_bytes_per_sample", float64(handedIn)/roundSamples, 0)
			figures.add("state_bytes_per_sample", float64(everything-vectors)/roundSamples, 0)
		}
	}
}

// vectorBytes is what commitments and attestations take up in state.
func vectorBytes(c *chaintest.Chain) int {
	return storeBytes(c, verdictstypes.StoreKey, verdictstypes.CommitmentsPrefix) +
		storeBytes(c, verdictstypes.StoreKey, verdictstypes.AttestationsPrefix)
}

// stateBytes is what x/samples and x/verdicts take up in state.
func stateBytes(c *chaintest.Chain) int {
	return storeBytes(c, verdictstypes.StoreKey, nil) + storeBytes(c, samplestypes.StoreKey, nil)
}

// storeBytes is the size of the keys and values of a store below a prefix.
func storeBytes(c *chaintest.Chain, store string, prefix []byte) int {
	iterator := storetypes.KVStorePrefixIterator(c.Context().KVStore(c.App.StoreKey(store)), prefix)
	defer func() { _ = iterator.Close() }()
	total := 0
	for ; iterator.Valid(); iterator.Next() {
		total += len(iterator.Key()) + len(iterator.Value())
	}
	return total
}

// measureLargestTally times the block that tallies a full round at once. The last
// supernode commits and stays silent, so that the window ends in an empty block.
func measureLargestTally(b *testing.B, figures *figures) {
	b.Helper()
	c := newChain(b, verdictstypes.MaxRoundSamples)
	number := nextRound(b, c)
	samples := makeSamples(rand.New(rand.NewSource(seed)), 1, verdictstypes.MaxRoundSamples, maliciousShare)
	r := prepare(b, c, rand.New(rand.NewSource(seed)), number, samples)
	c.Run(submissions(c, samples)...)
	c.Run(r.commits...)
	c.Run(r.reveals[:supernodes-1]...)
	for {
		start := time.Now()
		c.Block()
		elapsed := time.Since(start)
		stored, err := c.App.VerdictsKeeper.Rounds.Get(c.Context(), number)
		require.NoError(b, err)
		if stored.Status == verdictstypes.ROUND_STATUS_FINAL {
			figures.add("largest_tally_samples", float64(stored.Samples), 0)
			figures.add("largest_tally_engines", float64((supernodes-1)*enginesPerSupernode), 0)
			figures.add("largest_tally_milliseconds", elapsed.Seconds()*1000, 1)
			return
		}
	}
}

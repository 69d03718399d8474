package keeper_test

import (
	"bytes"
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// secondStage and lastStage are when samples are judged again, in seconds.
const secondStage, lastStage = 150, 400

type feedMinute struct {
	feed   string
	minute int64
}

// feedChain is the whole application with seated supernodes. It keeps what the events tell.
type feedChain struct {
	*chaintest.Chain
	t *testing.T
	// lines are the entries of each minute as the events gave them.
	lines map[feedMinute][]types.FeedEntry
	// packaged are the packages that the events announced.
	packaged map[feedMinute]types.FeedPackage
}

// newFeedChain can judge samples. Its authority is the only account; it submits as well.
func newFeedChain(t *testing.T) *feedChain {
	t.Helper()
	genesis := chaintest.NewGenesis(t, chaintest.Config{
		Accounts: 1, Supernodes: 3,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, verdictstypes.ModuleName, func(s *verdictstypes.GenesisState) error {
				s.Params.RetrospectiveDelaysSeconds = []uint64{secondStage, lastStage}
				return nil
			}))
			require.NoError(t, app.EditGenesis(cdc, state, types.ModuleName, func(s *types.GenesisState) error {
				s.Params.FeedRetentionSeconds, s.Params.MaxPrunesPerBlock = 600, 2
				return nil
			}))
		},
	})
	genesis.Consensus.Authority = &cmtproto.AuthorityParams{Authority: genesis.Accounts[0].Address.String()}
	c := &feedChain{
		Chain: genesis.Start(t, nil, nil), t: t,
		lines: make(map[feedMinute][]types.FeedEntry), packaged: make(map[feedMinute]types.FeedPackage),
	}
	c.Blocks(1)
	c.PublishVaultKey()
	for _, node := range c.Supernodes {
		c.Run(c.Sign(node.Sidecar, node.RegisterEngine("av")))
	}
	return c
}

// block runs a block, keeps what it tells of feeds, and checks the module.
func (c *feedChain) block(later time.Duration, txs ...[]byte) {
	c.t.Helper()
	response := c.BlockAfter(later, txs...)
	for i, result := range response.TxResults {
		require.Zero(c.t, result.Code, "transaction %d: %s", i, result.Log)
	}
	for _, event := range blockEvents[*types.EventFeedEntries](c.t, response.Events) {
		key := feedMinute{event.Feed, event.Minute}
		require.Equal(c.t, c.Time.Unix()/60, event.Minute)
		require.EqualValues(c.t, len(c.lines[key]), event.First, "no line is missing")
		c.lines[key] = append(c.lines[key], event.Entries...)
	}
	for _, event := range blockEvents[*types.EventFeedPackaged](c.t, response.Events) {
		key := feedMinute{event.Feed, event.Minute}
		require.Less(c.t, event.Minute, c.Time.Unix()/60)
		require.NotContains(c.t, c.packaged, key, "a minute is packaged once")
		c.packaged[key] = types.FeedPackage{Feed: event.Feed, Minute: event.Minute, Count: event.Count, Root: event.Root}
	}
	require.NoError(c.t, c.App.MarketKeeper.AllInvariants(c.Context()))
}

// submit registers contents of one kind and returns their hashes.
func (c *feedChain) submit(kind samplestypes.Kind, contents ...string) (hashes [][]byte) {
	c.t.Helper()
	var all []samplestypes.Submission
	for _, content := range contents {
		submission := chaintest.Submission([]byte(content), 1)
		submission.Kind = kind
		all, hashes = append(all, submission), append(hashes, submission.Sha256)
	}
	account := c.Genesis.Accounts[0]
	c.block(time.Second, c.Sign(account, account.Submit(all...)))
	return hashes
}

// judge runs the rounds that come up within some blocks; every supernode says of a sample
// what say does.
func (c *feedChain) judge(say func(sha256 []byte) verdictstypes.Category) {
	c.t.Helper()
	judged := false
	for range 8 {
		var open []uint64
		require.NoError(c.t, c.App.VerdictsKeeper.OpenRounds.Walk(c.Context(), nil, func(number uint64) (bool, error) {
			open = append(open, number)
			return false, nil
		}))
		var commits, reveals [][]byte
		for _, number := range open {
			attestation := c.attestation(number, say)
			for _, node := range c.Supernodes {
				commits = append(commits, c.SignFree(node.Sidecar, 10_000_000, node.Commit(number, attestation)))
				reveals = append(reveals, c.SignFree(node.Sidecar, 10_000_000, node.Reveal(number, attestation)))
			}
		}
		c.block(time.Second, commits...)
		if len(open) > 0 {
			judged = true
			c.block(time.Second, reveals...)
			c.block(time.Second)
			c.block(time.Second)
		}
	}
	require.True(c.t, judged, "no round was open")
}

func (c *feedChain) attestation(round uint64, say func(sha256 []byte) verdictstypes.Category) verdictstypes.Attestation {
	c.t.Helper()
	var members [][]byte
	of := collections.NewPrefixedPairRange[uint64, uint32](round)
	require.NoError(c.t, c.App.VerdictsKeeper.MemberPages.Walk(c.Context(), of, func(_ collections.Pair[uint64, uint32], page []byte) (bool, error) {
		for ; len(page) > 0; page = page[32:] {
			members = append(members, bytes.Clone(page[:32]))
		}
		return false, nil
	}))
	answers := chaintest.Answers(len(members), func(i int) verdictstypes.Answer {
		answer := verdictstypes.Answer{Category: say(members[i])}
		if _, decisive := verdictstypes.NewCell(answer.Category, 10).Probability(); decisive {
			answer.Confidence = 10
		}
		return answer
	})
	return verdictstypes.NewAttestation(
		[]verdictstypes.VerdictVector{verdictstypes.NewVerdictVector("av", "1", nil, 0, answers)},
		verdictstypes.NewFeatureVector(make([]string, len(members))))
}

// allSay gives one answer for every sample.
func allSay(category verdictstypes.Category) func([]byte) verdictstypes.Category {
	return func([]byte) verdictstypes.Category { return category }
}

// toMinute runs empty blocks into the beginning of the next minute.
func (c *feedChain) toMinute() {
	c.t.Helper()
	c.block(c.Time.Truncate(time.Minute).Add(time.Minute).Sub(c.Time))
}

// told counts what the events told of a sample: its lines by stage.
func (c *feedChain) told(sha256 []byte) map[uint32]types.FeedEntry {
	c.t.Helper()
	told := make(map[uint32]types.FeedEntry)
	for _, lines := range c.lines {
		for _, line := range lines {
			if !bytes.Equal(line.Sha256, sha256) {
				continue
			}
			require.NotContains(c.t, told, line.Stage, "one line for each stage")
			told[line.Stage] = line
		}
	}
	return told
}

// requirePackages: what is recorded is what whoever got the lines recomputes, of every
// minute that is over and of no other.
func (c *feedChain) requirePackages() {
	c.t.Helper()
	for key, lines := range c.lines {
		want, err := types.PackageOf(key.feed, key.minute, lines)
		require.NoError(c.t, err)
		if key.minute < c.Time.Unix()/60 {
			require.Equal(c.t, want, c.packaged[key])
		} else {
			require.NotContains(c.t, c.packaged, key)
		}
	}
	require.LessOrEqual(c.t, len(c.packaged), len(c.lines), "a minute without lines has no package")
	for key := range c.packaged {
		require.Contains(c.t, c.lines, key)
	}
}

// recorded are the packages in the state.
func (c *feedChain) recorded() []types.FeedPackage {
	c.t.Helper()
	gs, err := c.App.MarketKeeper.ExportGenesis(c.Context())
	require.NoError(c.t, err)
	return gs.FeedPackages
}

// clone keeps what was told so far beside what another chain will tell.
func (c *feedChain) clone(chain *chaintest.Chain) *feedChain {
	other := &feedChain{
		Chain: chain, t: c.t, lines: make(map[feedMinute][]types.FeedEntry), packaged: make(map[feedMinute]types.FeedPackage),
	}
	for key, lines := range c.lines {
		other.lines[key] = append([]types.FeedEntry(nil), lines...)
	}
	for key, packaged := range c.packaged {
		other.packaged[key] = packaged
	}
	return other
}

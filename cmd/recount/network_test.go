package main

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/cmd/recount/blocks"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// network is a chain on which random supernodes judge random samples.
type network struct {
	*chaintest.Chain
	t        *testing.T
	random   *rand.Rand
	interval time.Duration
	epoch    uint64
	said     map[string]types.Attestation
	blocks   []blocks.Block
	appealed int
	// keys are the similarity keys of a sample; nil when nobody looks for any.
	keys func(hash []byte) types.SimilarityKeys
}

// newNetwork starts a chain with a block in each interval, and epochs of forty.
func newNetwork(t *testing.T, accounts int, interval time.Duration, modify func(codec.Codec, app.GenesisState)) *network {
	t.Helper()
	seconds := uint64(interval / time.Second)
	genesis := chaintest.NewGenesis(t, chaintest.Config{
		Accounts: accounts, Supernodes: 5, EpochDuration: 40 * interval,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, types.ModuleName, func(s *types.GenesisState) error {
				s.Params.RoundIntervalBlocks, s.Params.CommitWindowBlocks, s.Params.RevealWindowBlocks = 1, 2, 2
				s.Params.MaxRoundSamples, s.Params.RetentionSeconds = 12, 90*seconds
				s.Params.RetrospectiveDelaysSeconds = []uint64{12 * seconds, 40 * seconds}
				s.Params.AppealBond, s.Params.AppealWindowSeconds = sdk.NewInt64Coin(app.Denom, 1000), 3*seconds
				return nil
			}))
			if modify != nil {
				modify(cdc, state)
			}
		},
	})
	genesis.Consensus.Authority = &cmtproto.AuthorityParams{Authority: genesis.Accounts[0].Address.String()}
	n := &network{
		Chain: genesis.Start(t, nil, nil), t: t, random: rand.New(rand.NewSource(7)), interval: interval,
		said: make(map[string]types.Attestation),
	}
	n.HashSeed = "recount"
	n.step()
	for i, node := range n.Supernodes {
		for e := range 1 + i%3 {
			n.step(n.Sign(node.Sidecar, node.RegisterEngine(fmt.Sprintf("engine-%d", e))))
		}
	}
	return n
}

// step runs a block and notes its events.
func (n *network) step(txs ...[]byte) *abci.ResponseFinalizeBlock {
	n.t.Helper()
	response := n.BlockAfter(n.interval, txs...)
	n.blocks = append(n.blocks, blocks.New(n.Height, n.Time.Unix(), response.Events, response.TxResults))
	return response
}

func (n *network) events() (events []abci.Event) {
	for _, block := range n.blocks {
		events = append(events, block.Events...)
	}
	return events
}

// live runs a block in which supernodes act on the open rounds, and samples come in.
func (n *network) live() {
	n.t.Helper()
	n.seal()
	var txs [][]byte
	if n.random.Intn(2) == 0 {
		batch := chaintest.Submissions(fmt.Sprint("batch ", n.Height), 1+n.random.Intn(5), n.epoch)
		txs = append(txs, n.Sign(n.Accounts[0], n.Accounts[0].Submit(batch...)))
	}
	n.step(append(append(txs, n.judge()...), n.appeal()...)...)
}

// seal runs a block that publishes the vault key of a new epoch.
func (n *network) seal() {
	n.t.Helper()
	epoch, err := n.App.SupernodeKeeper.CurrentEpoch(n.Context())
	require.NoError(n.t, err)
	if epoch.Number != n.epoch {
		n.epoch = epoch.Number
		maker := n.SeatedNodes()[0]
		n.step(n.Sign(maker.Sidecar, n.VaultKey(maker)))
	}
}

// judge lets the supernodes act on the open rounds.
func (n *network) judge() (txs [][]byte) {
	require.NoError(n.t, n.App.VerdictsKeeper.OpenRounds.Walk(n.Context(), nil, func(number uint64) (bool, error) {
		txs = append(txs, n.act(number)...)
		return false, nil
	}))
	return txs
}

// act commits and reveals; now and then somebody does not.
func (n *network) act(number uint64) (txs [][]byte) {
	round, err := n.App.VerdictsKeeper.Rounds.Get(n.Context(), number)
	require.NoError(n.t, err)
	members := n.members(number)
	for i, node := range n.Supernodes {
		key := fmt.Sprint(number, "/", i)
		switch round.Status {
		case types.ROUND_STATUS_COMMIT:
			if _, again := n.said[key]; !again && n.random.Intn(5) > 0 {
				n.said[key] = n.attest(i, round, members)
				txs = append(txs, n.SignFree(node.Sidecar, 2_000_000, node.Commit(number, n.said[key])))
			}
		case types.ROUND_STATUS_REVEAL:
			if said, committed := n.said[key]; committed && n.random.Intn(8) > 0 {
				txs = append(txs, n.SignFree(node.Sidecar, 4_000_000, node.Reveal(number, said)))
			}
		}
	}
	return txs
}

// attest knows more of a sample in each later round. The engines of one supernode now
// and then answer nothing, and one of them is sometimes left out.
func (n *network) attest(node int, round types.Round, members [][]byte) types.Attestation {
	fileTypes := make([]string, len(members))
	for i, hash := range members {
		fileTypes[i] = []string{"elf", "pdf", "pe"}[(int(hash[1])+n.random.Intn(8)/7)%3]
	}
	var vectors []types.VerdictVector
	for e := range 1 + node%3 {
		if e > 0 && n.random.Intn(6) == 0 {
			continue
		}
		answers := make([]types.Answer, len(members))
		for i, hash := range members {
			answers[i] = n.answer(hash, round)
		}
		vectors = append(vectors, types.NewVerdictVector(fmt.Sprintf("engine-%d", e), "1.0", nil, 0, answers))
	}
	features := types.NewFeatureVector(fileTypes)
	if n.keys != nil {
		n.addKeys(&features, vectors, members)
	}
	return types.NewAttestation(vectors, features)
}

// addKeys gives the keys of the members in which an engine saw malice. Now and then a
// supernode comes to another one.
func (n *network) addKeys(features *types.FeatureVector, vectors []types.VerdictVector, members [][]byte) {
	for i, hash := range members {
		malice := false
		for _, vector := range vectors {
			cells, err := types.UnpackColumn(vector.Column, len(members))
			require.NoError(n.t, err)
			malice = malice || types.SeesMalice(types.Cell(cells[i]).Category())
		}
		if !malice {
			continue
		}
		keys := n.keys(hash)
		if n.random.Intn(6) == 0 {
			keys[n.random.Intn(len(keys))][0] ^= 1
		}
		features.KeySample(uint32(i), keys)
	}
}

func (n *network) answer(hash []byte, round types.Round) types.Answer {
	confidence := uint8(n.random.Intn(16))
	malicious := hash[0]%2 == 0
	if round.Kind == types.ROUND_KIND_APPEAL {
		malicious = true
	} else if n.random.Intn(10) == 0 {
		return types.Answer{Category: types.Category(1 + n.random.Intn(8)), Confidence: confidence}
	}
	if malicious && n.random.Intn(5) < 2+int(round.Stage) {
		return types.Answer{Category: types.CATEGORY_MALICIOUS, Confidence: confidence, Label: "Test.Family"}
	}
	if round.Kind == types.ROUND_KIND_APPEAL {
		return types.Answer{Category: types.CATEGORY_SUSPICIOUS, Confidence: confidence}
	}
	return types.Answer{Category: types.CATEGORY_UNDETECTED, Confidence: confidence}
}

// appeal contests that a sample of the newest initial round is clean.
func (n *network) appeal() [][]byte {
	if n.random.Intn(6) > 0 {
		return nil
	}
	var clean []byte
	newest := new(collections.Range[uint64]).Descending()
	require.NoError(n.t, n.App.VerdictsKeeper.Rounds.Walk(n.Context(), newest, func(number uint64, round types.Round) (bool, error) {
		if round.Kind != types.ROUND_KIND_INITIAL || round.Status != types.ROUND_STATUS_FINAL {
			return false, nil
		}
		for _, hash := range n.members(number) {
			outcome, err := n.App.VerdictsKeeper.History.Get(n.Context(), collections.Join(hash, number))
			if err != nil {
				return true, err
			}
			if types.Outcome(outcome) == types.OUTCOME_CLEAN {
				clean = hash
			}
		}
		return true, nil
	}))
	if clean == nil {
		return nil
	}
	n.appealed++
	return [][]byte{n.Sign(n.Accounts[1], &types.MsgAppeal{
		Appellant: n.Accounts[1].Address.String(), Sha256: clean, Claimed: types.OUTCOME_MALICIOUS,
		Evidence: "https://rival.example", Bond: sdk.NewInt64Coin(app.Denom, 1000),
	})}
}

func (n *network) members(round uint64) (hashes [][]byte) {
	pages := collections.NewPrefixedPairRange[uint64, uint32](round)
	require.NoError(n.t, n.App.VerdictsKeeper.MemberPages.Walk(n.Context(), pages, func(_ collections.Pair[uint64, uint32], page []byte) (bool, error) {
		for ; len(page) > 0; page = page[32:] {
			hashes = append(hashes, page[:32])
		}
		return false, nil
	}))
	return hashes
}

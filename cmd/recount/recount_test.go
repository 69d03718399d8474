package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/cmd/recount/recount"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// network is a chain on which random supernodes judge random samples.
type network struct {
	*chaintest.Chain
	t        *testing.T
	random   *rand.Rand
	epoch    uint64
	said     map[string]types.Attestation
	events   []abci.Event
	appealed int
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	chain := chaintest.New(t, chaintest.Config{
		Accounts: 2, Supernodes: 5, EpochDuration: 40 * time.Second,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, types.ModuleName, func(s *types.GenesisState) error {
				s.Params.RoundIntervalBlocks, s.Params.CommitWindowBlocks, s.Params.RevealWindowBlocks = 1, 2, 2
				s.Params.MaxRoundSamples, s.Params.RetentionSeconds = 12, 90
				s.Params.RetrospectiveDelaysSeconds = []uint64{12, 40}
				s.Params.AppealBond, s.Params.AppealWindowSeconds = sdk.NewInt64Coin(app.Denom, 1000), 3
				return nil
			}))
		},
	})
	n := &network{Chain: chain, t: t, random: rand.New(rand.NewSource(7)), said: make(map[string]types.Attestation)}
	n.step()
	for i, node := range n.Supernodes {
		for e := range 1 + i%3 {
			n.step(n.Sign(node.Sidecar, node.RegisterEngine(fmt.Sprintf("engine-%d", e))))
		}
	}
	return n
}

// step runs a block and notes its events.
func (n *network) step(txs ...[]byte) {
	n.t.Helper()
	response := n.Block(txs...)
	n.events = append(n.events, inOrder(response.Events, response.TxResults)...)
}

// live runs a block in which supernodes act on the open rounds, and samples come in.
func (n *network) live() {
	n.t.Helper()
	epoch, err := n.App.SupernodeKeeper.CurrentEpoch(n.Context())
	require.NoError(n.t, err)
	if epoch.Number != n.epoch {
		n.epoch = epoch.Number
		maker := n.SeatedNodes()[0]
		n.step(n.Sign(maker.Sidecar, n.VaultKey(maker)))
	}
	var txs [][]byte
	if n.random.Intn(2) == 0 {
		batch := chaintest.Submissions(fmt.Sprint("batch ", n.Height), 1+n.random.Intn(5), n.epoch)
		txs = append(txs, n.Sign(n.Accounts[0], n.Accounts[0].Submit(batch...)))
	}
	require.NoError(n.t, n.App.VerdictsKeeper.OpenRounds.Walk(n.Context(), nil, func(number uint64) (bool, error) {
		txs = append(txs, n.act(number)...)
		return false, nil
	}))
	n.step(append(txs, n.appeal()...)...)
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
	return types.NewAttestation(vectors, types.NewFeatureVector(fileTypes))
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

// records are those in the chain's state.
func (n *network) records() []types.TrackRecord {
	iterator, err := n.App.VerdictsKeeper.Records.Iterate(n.Context(), nil)
	require.NoError(n.t, err)
	records, err := iterator.Values()
	require.NoError(n.t, err)
	return records
}

func replay(t *testing.T, events []abci.Event) []types.TrackRecord {
	t.Helper()
	ledger := recount.New()
	for _, event := range events {
		require.NoError(t, applyEvent(event, ledger.Apply))
	}
	return ledger.Records()
}

func (n *network) count(of types.RoundKind) (rounds int) {
	require.NoError(n.t, n.App.VerdictsKeeper.Rounds.Walk(n.Context(), nil, func(_ uint64, round types.Round) (bool, error) {
		if round.Kind == of && round.Status == types.ROUND_STATUS_FINAL {
			rounds++
		}
		return false, nil
	}))
	return rounds
}

// The chain's records are what anybody can count out of its events.
func TestRecountAgreesWithTheState(t *testing.T) {
	n := newNetwork(t)
	for range 240 {
		n.live()
	}
	require.NoError(t, n.App.CheckInvariants(n.Context()))
	require.Greater(t, n.count(types.ROUND_KIND_INITIAL), 20)
	require.Greater(t, n.count(types.ROUND_KIND_INITIAL)+n.count(types.ROUND_KIND_RETROSPECTIVE), 50)
	require.Positive(t, n.count(types.ROUND_KIND_APPEAL))

	state := n.records()
	var total types.TypeRecord
	var points uint64
	fileTypes := make(map[string]bool)
	for _, record := range state {
		points += record.Points
		for _, r := range record.Types {
			fileTypes[r.FileType] = true
			total.TruePositives += r.TruePositives
			total.FalsePositives += r.FalsePositives
			total.TrueNegatives += r.TrueNegatives
			total.FalseNegatives += r.FalseNegatives
			total.Misses += r.Misses
			total.Leads += r.Leads
			total.LeadSeconds += r.LeadSeconds
		}
	}
	for name, count := range map[string]uint64{
		"points": points, "true positives": total.TruePositives, "false positives": total.FalsePositives, "true negatives": total.TrueNegatives,
		"false negatives": total.FalseNegatives, "misses": total.Misses, "leads": total.Leads, "lead seconds": total.LeadSeconds,
	} {
		require.Positive(t, count, "the run is too tame: no %s", name)
	}
	require.Len(t, fileTypes, 3)
	require.Empty(t, recount.Compare(replay(t, n.events), state))

	t.Run("tampering shows", func(t *testing.T) { tamper(t, n.events, state) })
	t.Run("from a file", func(t *testing.T) { fromFile(t, n.events, state) })
}

// tamper changes one event of each kind that matters.
func tamper(t *testing.T, events []abci.Event, state []types.TrackRecord) {
	for _, kind := range []string{"EventWeighed", "EventRevealed", "EventRoundFinal", "EventAppealClosed", "EventResolved"} {
		different := false
		for i, event := range events {
			if event.Type == eventPrefix+"v1."+kind && !different {
				different = differs(events, i, state)
			}
		}
		require.True(t, different, "no %s can be left out without a difference", kind)
	}
}

// differs tells whether the recount without one event is refused or another one.
func differs(events []abci.Event, without int, state []types.TrackRecord) bool {
	ledger := recount.New()
	for i, event := range events {
		if i != without && applyEvent(event, ledger.Apply) != nil {
			return true
		}
	}
	return len(recount.Compare(ledger.Records(), state)) > 0
}

func fromFile(t *testing.T, events []abci.Event, state []types.TrackRecord) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, event := range events {
		require.NoError(t, encoder.Encode(line{Type: event.Type, Attributes: event.Attributes}))
	}
	path := filepath.Join(t.TempDir(), "events.jsonl")
	require.NoError(t, os.WriteFile(path, lines.Bytes(), 0o600))
	root, out := newRoot(), new(bytes.Buffer)
	root.SetOut(out)
	root.SetArgs([]string{"--events", path, "--output", "json"})
	require.NoError(t, root.Execute())
	var records []types.TrackRecord
	require.NoError(t, json.Unmarshal(out.Bytes(), &records))
	require.Empty(t, recount.Compare(records, state))
}

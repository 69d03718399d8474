package trust

import (
	"crypto/sha256"
	"fmt"
	"math/rand"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// engineName is the one engine that each player has.
const engineName = "engine"

// player is one supernode with one engine.
type player struct {
	node *chaintest.Supernode
	name string
	// answer says what the engine says of a sample in a round.
	answer func(seen sighting) verdictstypes.Answer
	// hides tells that the player commits and never reveals.
	hides bool
}

// sighting is one sample of one round as a player meets it.
type sighting struct {
	sha256    string
	malicious bool
	// index of the sample in the round.
	index int
	round verdictstypes.Round
}

// arena is a chain on which players attest to samples whose truth only it knows.
type arena struct {
	*chaintest.Chain
	t       *testing.T
	rand    *rand.Rand
	players []*player
	// perBlock is how many samples are submitted in each block.
	perBlock int

	epoch     uint64 // of the vault key
	submitted int
	malicious map[string]bool
	answered  map[string]verdictstypes.Attestation
	blocks    int
}

// arenaParams shortens every delay so that thousands of rounds fit into minutes.
func arenaParams(t *testing.T, cfg *chaintest.Config) {
	cfg.Accounts, cfg.EpochDuration = 1, 100*time.Second
	cfg.Modify = func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, verdictstypes.ModuleName, func(s *verdictstypes.GenesisState) error {
			p := &s.Params
			p.RoundIntervalBlocks, p.CommitWindowBlocks, p.RevealWindowBlocks = 2, 3, 3
			p.RetrospectiveDelaysSeconds, p.SlicesPpm = []uint64{20, 60}, []uint32{400_000, 300_000, 300_000}
			p.RetentionSeconds, p.MaxOpenRounds, p.SkillEpochs = 300, 16, 90
			return nil
		}))
		require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(s *supernodetypes.GenesisState) error {
			s.Params.LivenessWindow, s.Params.JailSeconds = 32, 30
			return nil
		}))
		require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
			s.Params.ChallengesPerEpoch = 0
			return nil
		}))
	}
}

// newArena starts a chain with one seated supernode per player.
func newArena(t *testing.T, seed int64, perBlock int, players ...*player) *arena {
	t.Helper()
	cfg := chaintest.Config{Supernodes: len(players)}
	arenaParams(t, &cfg)
	a := &arena{
		Chain: chaintest.New(t, cfg), t: t, rand: rand.New(rand.NewSource(seed)), players: players, perBlock: perBlock,
		malicious: make(map[string]bool), answered: make(map[string]verdictstypes.Attestation),
	}
	for i, p := range players {
		p.node = a.Supernodes[i]
	}
	a.Blocks(1)
	a.PublishVaultKey()
	epoch, err := a.App.SupernodeKeeper.CurrentEpoch(a.Context())
	require.NoError(t, err)
	a.epoch = epoch.Number
	var txs [][]byte
	for _, p := range players {
		txs = append(txs, a.Sign(p.node.Sidecar, p.node.RegisterEngine(engineName)))
	}
	a.Run(txs...)
	return a
}

// run plays blocks until n initial rounds have been opened, and then until every stage
// of them is settled.
func (a *arena) run(n int) {
	a.t.Helper()
	for a.opened() < n {
		a.step(a.perBlock)
	}
	for range 90 {
		a.step(0)
	}
	require.NoError(a.t, a.App.CheckInvariants(a.Context()))
}

// opened counts the initial rounds so far: each submission block fills at most one.
func (a *arena) opened() int {
	opened := 0
	ctx := a.Context()
	require.NoError(a.t, a.App.VerdictsKeeper.Rounds.Walk(ctx, nil, func(_ uint64, round verdictstypes.Round) (bool, error) {
		if round.Kind == verdictstypes.ROUND_KIND_INITIAL {
			opened++
		}
		return false, nil
	}))
	return opened
}

// step is one block: everybody does what the open rounds ask for.
func (a *arena) step(submit int) *abci.ResponseFinalizeBlock {
	a.t.Helper()
	var txs [][]byte
	if submit > 0 {
		txs = append(txs, a.submit(submit))
	}
	for _, round := range a.open() {
		members := a.members(round.Number)
		for _, p := range a.players {
			switch round.Status {
			case verdictstypes.ROUND_STATUS_COMMIT:
				txs = append(txs, a.commit(p, round, members)...)
			case verdictstypes.ROUND_STATUS_REVEAL:
				txs = append(txs, a.reveal(p, round)...)
			}
		}
	}
	a.blocks++
	txs = append(txs, a.unjail()...)
	return a.Block(txs...)
}

func (a *arena) submit(n int) []byte {
	submissions := make([]samplestypes.Submission, n)
	for i := range submissions {
		a.submitted++
		submissions[i] = chaintest.Submission(fmt.Appendf(nil, "sample %d", a.submitted), a.epoch)
		a.malicious[string(submissions[i].Sha256)] = a.rand.Intn(2) == 0
	}
	return a.Sign(a.Accounts[0], a.Accounts[0].Submit(submissions...))
}

func (a *arena) open() []verdictstypes.Round {
	var rounds []verdictstypes.Round
	ctx := a.Context()
	require.NoError(a.t, a.App.VerdictsKeeper.OpenRounds.Walk(ctx, nil, func(number uint64) (bool, error) {
		round, err := a.App.VerdictsKeeper.Rounds.Get(ctx, number)
		rounds = append(rounds, round)
		return false, err
	}))
	return rounds
}

func (a *arena) members(round uint64) []string {
	var members []string
	for page := uint32(0); ; page++ {
		hashes, err := a.App.VerdictsKeeper.MemberPages.Get(a.Context(), collectionsPage(round, page))
		if err != nil {
			return members
		}
		for ; len(hashes) >= sha256.Size; hashes = hashes[sha256.Size:] {
			members = append(members, string(hashes[:sha256.Size]))
		}
	}
}

// commit answers once per round, unless the player may not.
func (a *arena) commit(p *player, round verdictstypes.Round, members []string) [][]byte {
	key := fmt.Sprintf("%d %s", round.Number, p.name)
	if _, done := a.answered[key]; done {
		return nil
	}
	seated, err := a.App.SupernodeKeeper.IsSeated(a.Context(), round.Epoch, p.node.Operator.Address)
	require.NoError(a.t, err)
	if !seated {
		return nil
	}
	answers := chaintest.Answers(len(members), func(i int) verdictstypes.Answer {
		return p.answer(sighting{members[i], a.malicious[members[i]], i, round})
	})
	vector := verdictstypes.NewVerdictVector(engineName, "1.0", nil, 0, answers)
	types := make([]string, len(members))
	for i := range types {
		types[i] = "peexe"
	}
	attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{vector}, verdictstypes.NewFeatureVector(types))
	a.answered[key] = attestation
	return [][]byte{a.SignFree(p.node.Sidecar, 2_000_000, p.node.Commit(round.Number, attestation))}
}

func (a *arena) reveal(p *player, round verdictstypes.Round) [][]byte {
	key := fmt.Sprintf("%d %s", round.Number, p.name)
	attestation, committed := a.answered[key]
	if !committed || p.hides || len(attestation.Vectors) == 0 {
		return nil
	}
	a.answered[key] = verdictstypes.Attestation{}
	return [][]byte{a.SignFree(p.node.Sidecar, 4_000_000, p.node.Reveal(round.Number, attestation))}
}

// unjail lets everybody back in as soon as that is allowed.
func (a *arena) unjail() [][]byte {
	var txs [][]byte
	for _, p := range a.players {
		supernode, err := a.App.SupernodeKeeper.Supernode(a.Context(), p.node.Operator.Address)
		if err != nil || supernode.Status != supernodetypes.STATUS_JAILED || a.Time.Unix() < supernode.JailedUntil {
			continue
		}
		txs = append(txs, a.Sign(p.node.Operator, &supernodetypes.MsgUnjail{Operator: p.node.Operator.Address.String()}))
	}
	return txs
}

// points are what a player's engine has earned in all epochs, in samples.
func (a *arena) points(p *player) float64 {
	total := uint64(0)
	a.records(p, func(record verdictstypes.TrackRecord) { total += record.Points })
	return float64(total) / 1e6
}

func (a *arena) records(p *player, visit func(verdictstypes.TrackRecord)) {
	require.NoError(a.t, a.App.VerdictsKeeper.Records.Walk(a.Context(), nil, func(_ recordKey, record verdictstypes.TrackRecord) (bool, error) {
		if record.Operator == p.node.Operator.Address.String() {
			visit(record)
		}
		return false, nil
	}))
}

// weights is the newest table.
func (a *arena) weights() verdictstypes.WeightTable {
	epoch, err := a.App.SupernodeKeeper.CurrentEpoch(a.Context())
	require.NoError(a.t, err)
	table, err := a.App.VerdictsKeeper.Weights.Get(a.Context(), epoch.Number)
	require.NoError(a.t, err)
	return table
}

// row is the player's engine in a table; empty when it is not in it.
func row(table verdictstypes.WeightTable, p *player) verdictstypes.EngineWeight {
	for _, row := range table.Rows {
		if row.Operator == p.node.Operator.Address.String() {
			return row
		}
	}
	return verdictstypes.EngineWeight{}
}

func (a *arena) bond(p *player) sdk.Coin {
	address := supernodetypes.BondAddress(p.node.Operator.Address)
	return a.App.BankKeeper.GetBalance(a.Context(), address, app.Denom)
}

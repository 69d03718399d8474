package arena

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// EpochBlocks is how many blocks an epoch has; a block takes a second.
const EpochBlocks = 100

// Truth is what only the arena knows of a sample.
type Truth struct {
	Malicious bool
	// Hard malware is missed at first by four of five honest engines.
	Hard bool
	// Junk is a ciphertext that does not open to its hash.
	Junk bool
	// Keys are its similarity keys, which honest players attest when they see malice.
	Keys verdictstypes.SimilarityKeys
}

// Arena is a chain with players.
type Arena struct {
	*chaintest.Chain
	T       *testing.T
	Rand    *rand.Rand
	Players []*Player
	// Truths are by the raw SHA-256.
	Truths map[string]Truth
	// Contents are of the samples whose storage is to be proved, by the raw SHA-256.
	Contents map[string][]byte
	// VaultEpoch is the epoch to whose vault key samples are sealed.
	VaultEpoch uint64

	answered map[string]verdictstypes.Attestation
	proved   map[string]bool
}

// Params shortens every delay so that thousands of rounds fit into minutes: judged again
// after 20 and 60 blocks. Storage is not challenged.
func Params(t *testing.T, cdc codec.Codec, state app.GenesisState) {
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

// New starts a chain with one seated supernode and one engine per player. Params apply
// first, then what cfg modifies.
func New(t *testing.T, seed int64, cfg chaintest.Config, players ...*Player) *Arena {
	t.Helper()
	modify := cfg.Modify
	cfg.Supernodes, cfg.Accounts = len(players), max(cfg.Accounts, 1)
	cfg.EpochDuration = EpochBlocks * time.Second
	cfg.Modify = func(cdc codec.Codec, state app.GenesisState) {
		Params(t, cdc, state)
		if modify != nil {
			modify(cdc, state)
		}
	}
	a := &Arena{
		Chain: chaintest.New(t, cfg), T: t, Rand: rand.New(rand.NewSource(seed)), Players: players,
		Truths: make(map[string]Truth), answered: make(map[string]verdictstypes.Attestation),
		Contents: make(map[string][]byte), proved: make(map[string]bool),
	}
	for i, p := range players {
		p.Node = a.Supernodes[i]
	}
	a.Chain.Blocks(1)
	a.PublishVaultKey()
	epoch, err := a.App.SupernodeKeeper.CurrentEpoch(a.Context())
	require.NoError(t, err)
	a.VaultEpoch = epoch.Number
	var txs [][]byte
	for _, p := range players {
		txs = append(txs, a.Sign(p.Node.Sidecar, p.Node.RegisterEngine(Engine)))
	}
	a.Run(txs...)
	return a
}

// Sample makes the submission of a content and notes its truth.
func (a *Arena) Sample(content []byte, truth Truth) samplestypes.Submission {
	submission := chaintest.Submission(content, a.VaultEpoch)
	a.Truths[string(submission.Sha256)] = truth
	return submission
}

// Step is one block: the given transactions, and everybody does what the open rounds
// ask for.
func (a *Arena) Step(txs ...[]byte) *abci.ResponseFinalizeBlock {
	a.T.Helper()
	for _, round := range a.OpenRounds() {
		members := a.Members(round.Number)
		for _, p := range a.Players {
			switch round.Status {
			case verdictstypes.ROUND_STATUS_COMMIT:
				txs = append(txs, a.commit(p, round, members)...)
			case verdictstypes.ROUND_STATUS_REVEAL:
				txs = append(txs, a.reveal(p, round)...)
			}
		}
	}
	txs = append(txs, a.proofs()...)
	return a.Block(append(txs, a.unjail()...)...)
}

// commit answers once per round, unless the player may not.
func (a *Arena) commit(p *Player, round verdictstypes.Round, members []string) [][]byte {
	key := fmt.Sprintf("%d %s", round.Number, p.Name)
	if _, done := a.answered[key]; done {
		return nil
	}
	seated, err := a.App.SupernodeKeeper.IsSeated(a.Context(), round.Epoch, p.Node.Operator.Address)
	require.NoError(a.T, err)
	if !seated {
		return nil
	}
	attestation := a.attest(p, round, members)
	a.answered[key] = attestation
	return [][]byte{a.SignFree(p.Node.Sidecar, 4_000_000, p.Node.Commit(round.Number, attestation))}
}

// attest asks the player about each member. Whoever sees malice gives the keys.
func (a *Arena) attest(p *Player, round verdictstypes.Round, members []string) verdictstypes.Attestation {
	answers := make([]verdictstypes.Answer, len(members))
	types := make([]string, len(members))
	for i, member := range members {
		answers[i] = p.Answer(Sighting{member, a.Truths[member], i, round})
		types[i] = "peexe"
	}
	features := verdictstypes.NewFeatureVector(types)
	for i, member := range members {
		if category := answers[i].Category; verdictstypes.SeesMalice(category) {
			features.KeySample(uint32(i), a.Truths[member].Keys)
		}
	}
	features.Matches = a.wantedHashes(members)
	vector := verdictstypes.NewVerdictVector(Engine, "1.0", nil, 0, answers)
	return verdictstypes.NewAttestation([]verdictstypes.VerdictVector{vector}, features)
}

func (a *Arena) reveal(p *Player, round verdictstypes.Round) [][]byte {
	key := fmt.Sprintf("%d %s", round.Number, p.Name)
	attestation, committed := a.answered[key]
	if !committed || p.Hides || len(attestation.Vectors) == 0 {
		return nil
	}
	a.answered[key] = verdictstypes.Attestation{}
	return [][]byte{a.SignFree(p.Node.Sidecar, 60_000_000, p.Node.Reveal(round.Number, attestation))}
}

// unjail lets everybody back in as soon as that is allowed.
func (a *Arena) unjail() [][]byte {
	var txs [][]byte
	for _, p := range a.Players {
		supernode, err := a.App.SupernodeKeeper.Supernode(a.Context(), p.Node.Operator.Address)
		if err != nil || supernode.Status != supernodetypes.STATUS_JAILED || a.Time.Unix() < supernode.JailedUntil {
			continue
		}
		txs = append(txs, a.Sign(p.Node.Operator, &supernodetypes.MsgUnjail{Operator: p.Node.Operator.Address.String()}))
	}
	return txs
}

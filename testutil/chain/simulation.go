package chaintest

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"filippo.io/age"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Sizes of the simulated network.
const (
	simulatedAccounts     = 16
	simulatedSupernodes   = 4
	maxOperationsPerBlock = 18
)

// Simulation drives a chain with random messages, sound and unsound ones, of the
// project's modules. The same seed over the same genesis gives the same blocks.
type Simulation struct {
	*Chain

	// Succeeded and Failed count the transactions of each operation.
	Succeeded map[string]int
	Failed    map[string]int
	// Seen counts the events of x/market, and how orders ended.
	Seen map[string]int

	rand *rand.Rand
	// epoch is the one a simulated gateway seals for.
	epoch   uint64
	samples [][]byte
	claims  []claim
	// prepared are the attestations committed to, by round and operator.
	prepared map[string]verdictstypes.Attestation
	// pairs are the one-time keys of all orders; an order is another one by its buyer and sample.
	pairs []oneTimePair
}

// SimulatedBlock is what a block was made from, to run it again elsewhere.
type SimulatedBlock struct {
	Interval time.Duration
	Txs      [][]byte
}

type claim struct {
	content []byte
	salt    []byte
}

// NewSimulatedGenesis is a genesis with short windows and small bounds, so that
// limits, expiries and prunings are met within a hundred blocks. Its first account is
// the authority.
func NewSimulatedGenesis(t testing.TB) *Genesis {
	t.Helper()
	g := NewGenesis(t, Config{
		Accounts: simulatedAccounts, Supernodes: simulatedSupernodes, Validators: 2,
		EpochDuration: 40 * time.Second,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
				s.Params.MaxSamplesPerMsg, s.Params.ClaimWindowBlocks = 10, 8
				s.Params.TtlSeconds, s.Params.MaxExpiriesPerBlock = 600, 5
				s.Params.Replication, s.Params.ChallengesPerEpoch, s.Params.ChallengeWindowBlocks = 2, 3, 5
				s.Params.MaxChallengedPerBlock = 2
				return nil
			}))
			require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(s *supernodetypes.GenesisState) error {
				s.Params.MaxActive, s.Params.UnbondingSeconds = 5, 60
				s.Params.VaultKeyGraceBlocks, s.Params.EpochsKept, s.Params.MaxUnbondingsPerBlock = 1, 3, 1
				s.Params.RedelegationSeconds, s.Params.MaxUnbondingsPerDelegation = 20, 3
				s.Params.LivenessWindow, s.Params.JailSeconds, s.Params.MaxJails = 8, 10, 3
				s.Params.UnrevealedTolerance, s.Params.StorageMissTolerance = 1, 1
				s.Params.BeaconIdleBlocks = 5
				return nil
			}))
			require.NoError(t, app.EditGenesis(cdc, state, verdictstypes.ModuleName, func(s *verdictstypes.GenesisState) error {
				s.Params.RoundIntervalBlocks, s.Params.CommitWindowBlocks, s.Params.RevealWindowBlocks = 1, 4, 3
				s.Params.MaxRoundSamples, s.Params.MaxOpenRounds = 16, 3
				s.Params.RetentionSeconds, s.Params.MaxPrunesPerBlock, s.Params.MaxEnginesPerSupernode = 60, 4, 2
				s.Params.RetrospectiveDelaysSeconds = []uint64{8, 25}
				s.Params.AppealBond, s.Params.AppealPanel, s.Params.AppealWindowSeconds = sdk.NewInt64Coin(app.Denom, 1_000_000), 1, 10
				return nil
			}))
			require.NoError(t, boundBounties(cdc, state))
			require.NoError(t, boundMarket(cdc, state))
		},
	})
	g.Consensus.Authority = &cmtproto.AuthorityParams{Authority: g.Accounts[0].Address.String()}
	// Half of the accounts can become supernodes.
	for i := simulatedAccounts / 2; i+1 < simulatedAccounts; i += 2 {
		identity, err := age.GenerateHybridIdentity()
		require.NoError(t, err)
		g.Supernodes = append(g.Supernodes, &Supernode{
			Operator: g.Accounts[i], Sidecar: g.Accounts[i+1], Identity: identity,
		})
	}
	return g
}

// Simulate starts a simulation on a chain of NewSimulatedGenesis that has no block yet.
func Simulate(chain *Chain, seed int64) *Simulation {
	// What is drawn from block hashes is the same in every run of a seed.
	chain.HashSeed = fmt.Sprintf("simulation %d", seed)
	return &Simulation{
		Chain:     chain,
		Succeeded: make(map[string]int), Failed: make(map[string]int), Seen: make(map[string]int),
		rand:     rand.New(rand.NewSource(seed)),
		prepared: make(map[string]verdictstypes.Attestation),
		pairs:    newOneTimePairs(chain.t),
	}
}

// Step makes up a block, has it accepted as a proposal, runs it, checks the
// invariants and returns the block.
func (s *Simulation) Step() (SimulatedBlock, *abci.ResponseFinalizeBlock) {
	s.t.Helper()
	block, names := s.propose()
	require.Equal(s.t, abci.ResponseProcessProposal_ACCEPT, s.Propose(block.Interval, block.Txs...))
	response := s.BlockAfter(block.Interval, block.Txs...)
	for i, result := range response.TxResults {
		if result.Code == 0 {
			s.Succeeded[names[i]]++
		} else {
			s.Failed[names[i]]++
		}
		s.note(result.Events)
	}
	s.note(response.Events)
	require.NoError(s.t, s.App.CheckInvariants(s.Context()), "after block %d", s.Height)
	return block, response
}

// propose makes up a block and leaves out what no honest proposer would put in: what
// does not decode, and what does not fit.
func (s *Simulation) propose() (block SimulatedBlock, names []string) {
	block.Interval = s.interval()
	gas := uint64(s.Consensus.Block.MaxGas)
	for range s.rand.Intn(maxOperationsPerBlock + 1) {
		operation := operations[s.rand.Intn(len(operations))]
		for _, bz := range operation.txs(s) {
			tx, err := s.App.TxConfig.TxDecoder()(bz)
			if err != nil || tx.(sdk.FeeTx).GetGas() > gas {
				s.Failed[operation.name]++
				continue
			}
			gas -= tx.(sdk.FeeTx).GetGas()
			names = append(names, operation.name)
			block.Txs = append(block.Txs, bz)
		}
	}
	return block, names
}

// interval is mostly a second, now and then long enough for things to expire.
func (s *Simulation) interval() time.Duration {
	if s.rand.Intn(10) == 0 {
		return time.Duration(1+s.rand.Intn(120)) * time.Second
	}
	return BlockInterval
}

func (s *Simulation) account() *Account { return s.Accounts[s.rand.Intn(len(s.Accounts))] }

func (s *Simulation) node() *Supernode { return s.Supernodes[s.rand.Intn(len(s.Supernodes))] }

// sign pays the fee of an ordered or an unordered transaction. An ordered one that
// fails before its sequence counts takes the signer's later ones of the block with
// it, as it does on any chain.
func (s *Simulation) sign(account *Account, msgs ...sdk.Msg) []byte {
	return s.SignTx(account, Tx{Msgs: msgs, Gas: 4_000_000, Unordered: s.rand.Intn(2) == 0})
}

// content is new most of the time.
func (s *Simulation) content() []byte {
	if len(s.samples) > 0 && s.rand.Intn(4) == 0 {
		return s.samples[s.rand.Intn(len(s.samples))]
	}
	content := fmt.Appendf(nil, "content %d %d", len(s.samples), s.rand.Int63())
	s.samples = append(s.samples, content)
	return content
}

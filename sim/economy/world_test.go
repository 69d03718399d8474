package economy

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// What things cost outside of the chain, in VMT. An epoch of the simulation stands for a
// day of a network a thousand times as large.
const (
	scale = 1000
	// costScan is what an engine's work on one sample costs.
	costScan = 0.001
	// costCapital of a bond of 10,000 VMT at 8 % a year, for a day.
	costCapital = 10_000 * 0.08 / 365 / scale
	// costFind is what it costs a contributor to come by a real sample.
	costFind = 0.5
	// costWrite is what it costs an author to write malware that engines miss at first
	// and detect in the end. It is set low on purpose: the cheaper, the better the attack.
	costWrite = 2.0
	// costMutate is what a trivial mutant costs.
	costMutate = 0.001
)

// world is a network with people.
type world struct {
	*arena.Arena
	people []*person
	// outbox holds what goes into the next block.
	outbox         outbox
	blocks, epochs int
}

// outbox collects by gateway, the index of a player.
type outbox struct {
	submissions map[int][]samplestypes.Submission
	sightings   map[int][]bountytypes.Sighted
	later       map[int][]later // sightings by the block in which they are reported
	txs         [][]byte
}

type later struct {
	gateway int
	sighted bountytypes.Sighted
}

// person acts in the blocks of an epoch.
type person struct {
	name    string
	account *chaintest.Account
	act     func(w *world, p *person, epoch, block int)
	// spent outside of the chain, in VMT.
	spent float64
	start sdk.Coin
	// profit after each epoch, in VMT.
	profit []float64
}

// newWorld starts a network; modify may change the parameters of x/bounty.
func newWorld(t *testing.T, seed int64, players []*arena.Player, people []*person, modify func(*bountytypes.GenesisState)) *world {
	t.Helper()
	cfg := chaintest.Config{Accounts: len(people) + 1, Modify: func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, bountytypes.ModuleName, func(s *bountytypes.GenesisState) error {
			s.Schedule.PeriodEpochs *= scale
			s.Params.ContributorTargetSamples /= scale
			s.Params.EngineTargetSamples /= scale
			s.Params.StorageTargetGibDays /= scale
			if modify != nil {
				modify(s)
			}
			return nil
		}))
		require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
			s.Params.ClaimWindowBlocks = 5
			return nil
		}))
	}}
	w := &world{Arena: arena.New(t, seed, cfg, players...), people: people}
	w.outbox = outbox{submissions: map[int][]samplestypes.Submission{}, sightings: map[int][]bountytypes.Sighted{}, later: map[int][]later{}}
	for i, p := range people {
		p.account = w.Accounts[i]
		p.start = w.Balance(p.account.Address)
	}
	return w
}

// family is similarity keys that all members of a malware family share.
func family(name string) (keys verdictstypes.SimilarityKeys) {
	hash := sha256.Sum256([]byte("family " + name))
	copy(keys[1][:], hash[:])
	return keys
}

// bring submits a content for a person through a gateway in the next block.
func (w *world) bring(p *person, gateway int, content string, truth arena.Truth) []byte {
	submission := w.Sample([]byte(content), truth)
	submission.Contributor = p.account.Address.String()
	w.outbox.submissions[gateway] = append(w.outbox.submissions[gateway], submission)
	return submission.Sha256
}

// sight lets somebody without an account bring the same content to other gateways, some
// blocks later.
func (w *world) sight(hash []byte, after int, gateways ...int) {
	for _, gateway := range gateways {
		at := w.blocks + after
		w.outbox.later[at] = append(w.outbox.later[at], later{gateway, bountytypes.Sighted{Sha256: hash}})
	}
}

// send signs a message of a person for the next block.
func (w *world) send(p *person, msg sdk.Msg) {
	w.outbox.txs = append(w.outbox.txs, w.Sign(p.account, msg))
}

// step is one block in which everybody acts.
func (w *world) step(epoch, block int) {
	w.T.Helper()
	for _, p := range w.people {
		if p.act != nil {
			p.act(w, p, epoch, block)
		}
	}
	for _, l := range w.outbox.later[w.blocks] {
		w.outbox.sightings[l.gateway] = append(w.outbox.sightings[l.gateway], l.sighted)
	}
	delete(w.outbox.later, w.blocks)
	w.Step(w.post()...)
	w.blocks++
	require.NoError(w.T, w.App.BountyKeeper.TreasuryInvariant(w.Context()), "block %d", w.Height)
}

// post empties the outbox into transactions of the gateways.
func (w *world) post() [][]byte {
	txs := w.outbox.txs
	w.outbox.txs = nil
	for i, player := range w.Players {
		sidecar := player.Node.Sidecar
		for batch := range slices.Chunk(w.outbox.submissions[i], 100) {
			msg := &samplestypes.MsgSubmitSamples{Submitter: sidecar.Address.String(), Samples: batch}
			txs = append(txs, w.SignTx(sidecar, chaintest.Tx{Msgs: []sdk.Msg{msg}, Gas: 20_000_000}))
		}
		for batch := range slices.Chunk(w.outbox.sightings[i], 100) {
			txs = append(txs, w.SignTx(sidecar, chaintest.Tx{Gas: 10_000_000, Msgs: []sdk.Msg{&bountytypes.MsgReportSightings{
				Sidecar: sidecar.Address.String(), Operator: player.Node.Operator.Address.String(), Sightings: batch,
			}}}))
		}
	}
	clear(w.outbox.submissions)
	clear(w.outbox.sightings)
	return txs
}

// run plays epochs. After each, everybody claims, and the profits are noted.
func (w *world) run(epochs int) {
	w.T.Helper()
	for range epochs {
		for block := range arena.EpochBlocks {
			w.step(w.epochs, block)
		}
		w.epochs++
		w.claim()
		for _, p := range w.people {
			p.profit = append(p.profit, w.profit(p))
		}
		require.NoError(w.T, w.App.CheckInvariants(w.Context()), "epoch %d", w.epochs)
	}
}

// claim lets everybody who has something to claim do so, without a fee.
func (w *world) claim() {
	for _, p := range w.people {
		msg := &bountytypes.MsgClaimRewards{Contributor: p.account.Address.String()}
		if w.App.BountyKeeper.ExpectsFree(w.Context(), msg) {
			w.outbox.txs = append(w.outbox.txs, w.SignTx(p.account, chaintest.Tx{Msgs: []sdk.Msg{msg}, Free: true}))
		}
	}
}

// profit is what a person has now more than at the start, less what was spent outside.
func (w *world) profit(p *person) float64 {
	gained := w.Balance(p.account.Address).Amount.Sub(p.start.Amount)
	return vmt(gained.Int64()) - p.spent
}

// income is what a player's operator has earned and not lost, in VMT.
func (w *world) income(p *arena.Player, bond sdk.Coin) float64 {
	rewards := w.Balance(supernodetypes.RewardsAddress(p.Node.Operator.Address))
	return vmt(rewards.Amount.Add(w.Bond(p).Amount).Sub(bond.Amount).Int64())
}

// sdkMsg keeps literals of messages short.
type sdkMsg = sdk.Msg

func vmt(uvmt int64) float64 { return float64(uvmt) / 1e6 }

func content(format string, args ...any) string { return fmt.Sprintf(format, args...) }

package economy

import (
	"os"
	"strconv"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// blocksVariable says for how many blocks TestSupply runs.
const blocksVariable = "ECONOMY_BLOCKS"

// TestSupply: over many blocks, with twelve halvings, the tail, junk whose deposits burn,
// bounties and claims, the supply is what it was less what the events say was burned, and
// treasury and payouts sum up to the initial treasury in every block.
func TestSupply(t *testing.T) {
	blocks := 1500
	if asked := os.Getenv(blocksVariable); asked != "" {
		var err error
		blocks, err = strconv.Atoi(asked)
		require.NoError(t, err)
	}
	epochs := max(blocks/arena.EpochBlocks, 1)
	var players []*arena.Player
	for i := range 3 {
		players = append(players, junkAware(content("honest_%d", i), int64(90+i)))
	}
	people := []*person{occasional(), junker(), patron()}
	w := newWorld(t, 9, players, people, func(s *bountytypes.GenesisState) {
		s.Schedule.PeriodEpochs = uint64(max(epochs/12, 1))
		s.Schedule.Tail = math.NewInt(1_000_000_000)
		s.Params.SightingsFull, s.Params.MinBountySeconds = 0, 60
		s.Params.ClaimWindowSeconds = 600
	})
	initial := w.App.BankKeeper.GetSupply(w.Context(), app.Denom).Amount
	burned := math.ZeroInt()
	treasury, supply := arena.Line{Name: "treasury"}, arena.Line{Name: "supply"}
	for block := range blocks {
		for _, p := range w.people {
			p.act(w, p, block/arena.EpochBlocks, block%arena.EpochBlocks)
		}
		if block%arena.EpochBlocks == 0 {
			w.claim()
		}
		burned = burned.Add(burnedIn(t, w.Step(w.post()...)))
		w.blocks++
		now := w.App.BankKeeper.GetSupply(w.Context(), app.Denom).Amount
		require.Equal(t, initial.Sub(burned), now, "block %d", w.Height)
		require.NoError(t, w.App.BountyKeeper.TreasuryInvariant(w.Context()), "block %d", w.Height)
		if block%(10*arena.EpochBlocks) == 0 {
			require.NoError(t, w.App.CheckInvariants(w.Context()), "block %d", w.Height)
			left := w.Balance(w.App.AccountKeeper.GetModuleAddress(bountytypes.ModuleName))
			treasury.Add(float64(block), vmt(left.Amount.Int64())/1e6)
			supply.Add(float64(block), vmt(now.Int64())/1e6)
		}
	}
	arena.Show("supply_blocks", blocks)
	arena.Show("supply_initial_uvmt", initial)
	arena.Bound(t, "supply_burned_vmt", vmt(burned.Int64()), 0.000001, arena.Unbounded)
	if blocks >= 10_000 {
		arena.Draw(t, "supply.svg", "Supply and treasury over "+strconv.Itoa(blocks)+" blocks", "block", "million VMT", treasury, supply)
	}
}

// burnedIn sums the burn events of a block.
func burnedIn(t *testing.T, response *abci.ResponseFinalizeBlock) math.Int {
	t.Helper()
	total := math.ZeroInt()
	count := func(events []abci.Event) {
		for _, event := range events {
			if event.Type != "burn" {
				continue
			}
			for _, attribute := range event.Attributes {
				if attribute.Key == "amount" {
					coin, err := sdk.ParseCoinNormalized(attribute.Value)
					require.NoError(t, err)
					total = total.Add(coin.Amount)
				}
			}
		}
	}
	count(response.Events)
	for _, result := range response.TxResults {
		count(result.Events)
	}
	return total
}

// junkAware is honest, and says of junk that it does not open.
func junkAware(name string, seed int64) *arena.Player {
	player := careful(name, seed, 0.95)
	honest := player.Answer
	player.Answer = func(seen arena.Sighting) verdictstypes.Answer {
		if seen.Junk {
			return verdictstypes.Answer{Category: verdictstypes.CATEGORY_UNDECRYPTABLE}
		}
		return honest(seen)
	}
	return player
}

// occasional brings a sample in some epochs.
func occasional() *person {
	return &person{name: "occasional", act: func(w *world, p *person, epoch, block int) {
		if block == 10 && epoch%3 != 2 {
			id := content("occasional %d", epoch)
			w.bring(p, 0, id, arena.Truth{Malicious: true, Keys: family(id)})
		}
	}}
}

// junker submits what does not open, and loses the deposit.
func junker() *person {
	return &person{name: "junker", act: func(w *world, p *person, epoch, block int) {
		if block == 20 && epoch%4 == 1 {
			msg := p.account.Submit()
			w.send(p, appendSubmission(msg, w.Sample([]byte(content("junk %d", epoch)), arena.Truth{Junk: true})))
		}
	}}
}

// patron posts a bounty that nobody answers, now and then.
func patron() *person {
	return &person{name: "patron", act: func(w *world, p *person, epoch, block int) {
		if block == 30 && epoch%5 == 2 {
			w.send(p, &bountytypes.MsgPostBounty{
				Funder: p.account.Address.String(), Kind: bountytypes.BOUNTY_KIND_FAMILY, Target: content("family%d", epoch),
				Amount: sdk.NewInt64Coin(app.Denom, 10_000_000), DurationSeconds: 60,
			})
		}
	}}
}

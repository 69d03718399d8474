package economy

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/sim/arena"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	marketEpochs  = 30
	honestEngines = 8
)

// TestMarket: everybody at once, honest and not. Whoever brings or does what others need
// earns; whoever farms, copies or does not look loses money.
func TestMarket(t *testing.T) {
	model := careful("honest_0", 10, 0.9)
	players := []*arena.Player{model}
	for i := 1; i < honestEngines; i++ {
		players = append(players, careful(fmt.Sprintf("honest_%d", i), int64(10+i), 0.9-0.01*float64(i)))
	}
	hostile := []*arena.Player{copier(model), alwaysClean(), alwaysMalicious(), turned(30, 400)}
	players = append(players, hostile...)
	people := []*person{
		finder("finder", 4), finder("second_finder", 2), hunter(),
		mutator(), author("author", 0), author("author_accomplices", 2), flooder(), buyer("finder"),
	}
	w := newWorld(t, 1, players, people, func(s *bountytypes.GenesisState) { s.Params.MinBountySeconds = 60 })
	bonds := make([]sdk.Coin, len(players))
	for i, p := range players {
		bonds[i] = w.Bond(p)
	}
	incomes := make([][]float64, len(players))
	for range marketEpochs {
		w.run(1)
		for i, p := range players {
			cost := costCapital*float64(len(incomes[i])+1) + costScan*float64(len(w.Truths))
			incomes[i] = append(incomes[i], w.income(p, bonds[i])-cost)
		}
	}
	for range 2 { // the last stages and claims
		w.run(1)
	}

	table(t, w)
	best := func(name string) float64 { return last(byName(people, name).profit) }
	arena.Bound(t, "market_profit_finder_vmt", best("finder"), 1, arena.Unbounded)
	arena.Bound(t, "market_profit_hunter_vmt", best("hunter"), 1, arena.Unbounded)
	brought := func(name string, samples int) float64 { return best(name) / float64(samples) }
	arena.Bound(t, "market_profit_per_sample_hunter_over_finder",
		brought("hunter", marketEpochs)/brought("finder", marketEpochs*12), 1.5, arena.Unbounded)
	arena.Bound(t, "market_profit_mutator_vmt", best("mutator"), -arena.Unbounded, 20)
	arena.Bound(t, "market_profit_author_vmt", best("author"), -arena.Unbounded, 0)
	arena.Bound(t, "market_profit_flooder_vmt", best("flooder"), -arena.Unbounded, 0)
	// An author whose accomplices other operators trust is taken for a finder: it cannot
	// earn more than one that brings as many hard samples.
	arena.Bound(t, "market_profit_author_with_accomplices_over_hunter",
		(best("author_accomplices")/(3*marketEpochs)+costWrite)/(brought("hunter", marketEpochs)+2*costFind), -arena.Unbounded, 1.1)
	honest := last(incomes[0])
	arena.Bound(t, "market_income_honest_engine_vmt", honest, 1, arena.Unbounded)
	for i, p := range players[honestEngines:] {
		income := incomes[honestEngines+i]
		if p.Name != "turned" { // which was honest for a third of the time
			arena.Bound(t, "market_income_"+p.Name+"_over_honest", last(income)/honest, -arena.Unbounded, 0.05)
		}
		// A newcomer weighs something before it has a record. From then on it pays for its costs.
		later := last(income) - income[marketEpochs/2]
		arena.Bound(t, "market_income_"+p.Name+"_later_vmt", later, -arena.Unbounded, 0)
	}
	arena.Bound(t, "market_income_copier_vmt", last(incomes[honestEngines]), -arena.Unbounded, 0)
	arena.Bound(t, "market_weight_turned_ppm", float64(arena.Row(w.Weights(), players[len(players)-1]).Weight), 0, 1000)

	var contributors, engines []arena.Line
	for _, p := range people {
		contributors = append(contributors, arena.Over(p.name, p.profit))
	}
	for i, p := range players {
		if i == 0 || i >= honestEngines {
			engines = append(engines, arena.Over(p.Name, incomes[i]))
		}
	}
	arena.Draw(t, "contributors.svg", "What contributors gained", "epoch (day)", "profit, VMT", contributors...)
	arena.Draw(t, "engines.svg", "What engines gained", "epoch (day)", "profit, VMT", engines...)
}

// table prints the profits.
func table(t *testing.T, w *world) {
	t.Helper()
	fmt.Printf("%-22s %12s %14s %14s\n", "strategy", "samples", "spent, VMT", "profit, VMT")
	for _, p := range w.people {
		samples := 0
		require.NoError(t, w.App.SamplesKeeper.Samples.Walk(w.Context(), nil, func(_ []byte, sample samplestypes.Sample) (bool, error) {
			if sample.Contributor == p.account.Address.String() {
				samples++
			}
			return false, nil
		}))
		fmt.Printf("%-22s %12d %14.2f %14.2f\n", p.name, samples, p.spent, last(p.profit))
	}
}

func byName(people []*person, name string) *person {
	for _, p := range people {
		if p.name == name {
			return p
		}
	}
	panic(name)
}

func last(values []float64) float64 { return values[len(values)-1] }

func sha(content string) []byte {
	hash := sha256.Sum256([]byte(content))
	return hash[:]
}

func appendSubmission(msg sdk.Msg, submission samplestypes.Submission) sdk.Msg {
	submit := msg.(*samplestypes.MsgSubmitSamples)
	submit.Samples = append(submit.Samples, submission)
	return submit
}

package market

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/sim/arena"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	sold       = "sample/small"
	target     = 20
	startPrice = 1_000_000
	floor      = startPrice / 10
	ceiling    = startPrice * 8
	stepPpm    = 125_000
	// band is how far from the price at which demand meets its target a price may come to rest.
	band = 0.06
	// mostBuyers bounds who comes in an epoch. More than twice the target count no more.
	mostBuyers = 2*target + 2
)

// phase is a number of epochs in which demand is a multiple of that at the start.
type phase struct {
	name   string
	demand float64
	epochs int
	// settles within so many epochs; 0 where floor or ceiling end it.
	settles int
}

// TestDemandStep: buyers with their own idea of what a sample is worth order when it costs
// no more. The i-th of an epoch would pay startPrice · target · demand / i, so that twice
// the price halves the orders. The price follows demand up and down to where it meets the
// target, by no more than a step in an epoch and within its bounds.
func TestDemandStep(t *testing.T) {
	phases := []phase{
		{"as at the start", 1, 20, 15},
		{"five times", 5, 36, 32},
		{"back", 1, 36, 32},
		{"a fifth", 0.2, 36, 32},
		{"a rush", 1000, 36, 0},
		{"nobody", 0, 40, 0},
	}
	s := openShop(t, 3, 2*target, 2, func(p *markettypes.Params) {
		p.PriceStepPpm = stepPpm
		for i := range p.Products {
			if product := &p.Products[i]; product.Id == sold {
				product.InitialPrice, product.Floor, product.Ceiling, product.Target = startPrice, floor, ceiling, target
			}
		}
	})
	s.nextEpoch()
	price, ideal, ordered := arena.Line{Name: "price"}, arena.Line{Name: "price at which demand is on target"}, arena.Line{Name: "orders / 10"}
	epoch, last, worstStep, offTarget := 0, s.price(), 0.0, 0.0
	for _, phase := range phases {
		rest := startPrice * phase.demand
		settled := 0
		for i := range phase.epochs {
			orders := s.shopping(phase.demand)
			s.nextEpoch()
			now := s.price()
			worstStep = max(worstStep, requireStep(t, last, now))
			if settled == 0 && within(now, rest) {
				settled = i + 1
			}
			if settled > 0 && phase.settles > 0 {
				require.True(t, within(now, rest), "%s: %d has left the band around %.0f in epoch %d", phase.name, now, rest, i)
			}
			last, epoch = now, epoch+1
			price.Add(float64(epoch), float64(now)/1e6)
			ideal.Add(float64(epoch), min(max(rest, floor), ceiling)/1e6)
			ordered.Add(float64(epoch), float64(orders)/10)
		}
		if phase.settles > 0 {
			require.NotZero(t, settled, "%s: the price did not settle", phase.name)
			offTarget = max(offTarget, abs(float64(last)/rest-1))
			arena.Bound(t, fmt.Sprintf("demand_%s_settles_in_epochs", strings.ReplaceAll(phase.name, " ", "_")), float64(settled), 1, float64(phase.settles))
		}
		switch phase.demand {
		case 1000:
			arena.Bound(t, "demand_rush_price_uvmt", float64(last), ceiling, ceiling)
		case 0:
			arena.Bound(t, "demand_nobody_price_uvmt", float64(last), floor, floor)
		}
		require.NoError(t, s.App.CheckInvariants(s.Context()), phase.name)
	}
	arena.Show("demand_epochs", epoch)
	arena.Bound(t, "demand_largest_step", worstStep, 0, stepPpm/1e6)
	arena.Bound(t, "demand_settled_off_target", offTarget, 0, band)
	arena.Draw(t, "demand-step.svg", "A price follows demand", "epoch", "VMT", price, ideal, ordered)
}

// requireStep refuses a price outside of its bounds or that moved too far, and returns how
// far it moved.
func requireStep(t *testing.T, before, after uint64) float64 {
	t.Helper()
	require.GreaterOrEqual(t, after, uint64(floor))
	require.LessOrEqual(t, after, uint64(ceiling))
	moved := max(before, after) - min(before, after)
	require.LessOrEqual(t, moved, max(before*stepPpm/1e6, 1), "from %d to %d", before, after)
	return float64(moved) / float64(before)
}

func within(price uint64, rest float64) bool { return abs(float64(price)/rest-1) <= band }

func abs(x float64) float64 { return max(x, -x) }

// shopping lets the buyers of an epoch order, in a block of their own, and returns how many did.
func (s *shop) shopping(demand float64) (orders int) {
	s.T.Helper()
	price := s.price()
	var txs [][]byte
	for i := range mostBuyers {
		worth := uint64(startPrice * target * demand / float64(i+1))
		// The first that does not want to pay the price tries, and is refused.
		txs = append(txs, s.order(s.buyers[i%len(s.buyers)], s.samples[i/len(s.buyers)%len(s.samples)], max(worth, 1)))
		if worth < price {
			break
		}
	}
	for i, result := range s.BlockAfter(time.Second, txs...).TxResults {
		if result.Code == 0 {
			orders++
			continue
		}
		require.Equal(s.T, len(txs)-1, i, result.Log)
		require.Contains(s.T, result.Log, markettypes.ErrPriceAboveMax.Error())
	}
	return orders
}

// nextEpoch lets time pass until the next epoch has begun, with the second of shopping one
// epoch long. All orders are delivered.
func (s *shop) nextEpoch() {
	s.T.Helper()
	before, err := s.App.SupernodeKeeper.CurrentEpoch(s.Context())
	require.NoError(s.T, err)
	for _, result := range s.BlockAfter((arena.EpochBlocks-1)*time.Second, s.deliveries()...).TxResults {
		require.Zero(s.T, result.Code, result.Log)
	}
	after, err := s.App.SupernodeKeeper.CurrentEpoch(s.Context())
	require.NoError(s.T, err)
	require.Equal(s.T, before.Number+1, after.Number)
}

// price of what is sold, now.
func (s *shop) price() uint64 {
	price, err := s.App.MarketKeeper.Prices.Get(s.Context(), sold)
	if err != nil {
		return startPrice
	}
	return price.Price
}

package market

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	attackSupernodes = 5
	attackSamples    = 12
	trades           = 24
)

// play is what a party gained in a market, in uvmt, fees apart.
type play struct {
	name            string
	profit, fees    math.Int
	orders, settled int
}

// TestFairExchangeAttacks: the two sides of an honest trade get what they should, and
// whoever cheats, or trades with itself, loses money.
func TestFairExchangeAttacks(t *testing.T) {
	plays := []play{
		honestBuyer(t), honestSeller(t), silentSeller(t), wrongKeySeller(t), disputer(t),
		selfDealer(t, "self_dealer", 1), selfDealer(t, "self_dealer_with_all_supernodes", attackSupernodes),
		griefer(t, "griefer", false), griefer(t, "griefer_where_others_stand_in", true),
	}
	fmt.Printf("%-34s %8s %8s %14s %12s\n", "strategy", "orders", "settled", "profit, VMT", "fees, VMT")
	for _, p := range plays {
		fmt.Printf("%-34s %8d %8d %14.4f %12.4f\n", p.name, p.orders, p.settled, vmt(p.profit), vmt(p.fees))
	}
	const honestPlays = 2
	for _, p := range plays[honestPlays:] {
		arena.Bound(t, "attack_"+p.name+"_profit_vmt", vmt(p.profit.Sub(p.fees)), -arena.Unbounded, -0.01)
	}
}

// openAttackShop has buyers that pay the initial price, 1 VMT, for every sample: the
// price is kept where it is, so that profits can be compared.
func openAttackShop(t *testing.T) *shop {
	t.Helper()
	return openShop(t, attackSupernodes, attackSamples, 3, func(p *markettypes.Params) {
		p.OrderRetentionSeconds = 3600
		for i := range p.Products {
			if product := &p.Products[i]; product.Id == sold {
				product.Floor, product.Ceiling = product.InitialPrice, product.InitialPrice
			}
		}
	})
}

// trade lets a buyer order and everybody act in his manner until all orders have ended.
// check decides for which of the delivered orders the buyer disputes the key.
func (s *shop) trade(buyer *chaintest.Account, orders int, check func(i int, order markettypes.Order) bool) {
	s.T.Helper()
	var txs [][]byte
	for i := range orders {
		txs = append(txs, s.order(buyer, s.samples[i%len(s.samples)], startPrice))
	}
	s.run(txs...)
	s.finish(check)
}

func (s *shop) run(txs ...[]byte) {
	s.T.Helper()
	for _, result := range s.Block(txs...).TxResults {
		require.Zero(s.T, result.Code, result.Log)
	}
}

// finish lets all open orders come to their end.
func (s *shop) finish(check func(i int, order markettypes.Order) bool) {
	s.T.Helper()
	s.run(s.deliveries()...)
	if s.standIn {
		s.Blocks(3)
		s.run(s.deliveries()...)
	}
	var disputes [][]byte
	for i, order := range s.orders(markettypes.ORDER_STATUS_DELIVERED) {
		if check(i, order) {
			disputes = append(disputes, s.dispute(order))
		}
	}
	s.run(disputes...)
	s.Blocks(12)
	require.Empty(s.T, s.orders(markettypes.ORDER_STATUS_OPEN))
	require.Empty(s.T, s.orders(markettypes.ORDER_STATUS_DELIVERED))
	require.NoError(s.T, s.App.CheckInvariants(s.Context()))
}

// careful disputes exactly the wrong keys.
func (s *shop) careful(_ int, order markettypes.Order) bool { return !s.opens(order) }

func trusting(int, markettypes.Order) bool { return false }

// measure tells what a party gained while something happened.
func (s *shop) measure(name string, p party, happens func()) play {
	worth, fees := s.worth(p), s.paidFees(p)
	happens()
	settled := s.orders(markettypes.ORDER_STATUS_SETTLED)
	return play{
		name: name, profit: s.worth(p).Sub(worth), fees: s.paidFees(p).Sub(fees),
		orders: len(settled) + len(s.orders(markettypes.ORDER_STATUS_REFUNDED)), settled: len(settled),
	}
}

// honestBuyer pays the price of each key, gets it, and loses nothing beside.
func honestBuyer(t *testing.T) play {
	s := openAttackShop(t)
	buyer := party{accounts: s.buyers[:1]}
	p := s.measure("honest_buyer", buyer, func() { s.trade(s.buyers[0], trades, s.careful) })
	for _, order := range s.orders(markettypes.ORDER_STATUS_SETTLED) {
		require.True(t, s.opens(order), "a key that was paid for does not open")
	}
	require.Equal(t, trades, p.settled)
	arena.Bound(t, "honest_buyer_paid_per_key_vmt", -vmt(p.profit)/trades, 1, 1)
	return p
}

// honestSeller is all supernodes together: they get their parts of each sale.
func honestSeller(t *testing.T) play {
	s := openAttackShop(t)
	p := s.measure("honest_sellers", party{supernodes: s.Supernodes}, func() { s.trade(s.buyers[0], trades, s.careful) })
	arena.Bound(t, "honest_sellers_earned_per_key_vmt", vmt(p.profit)/trades, 0.49, 0.5)
	return p
}

// silentSeller takes orders and delivers nothing, and nobody delivers in its place. Its
// buyers get all back.
func silentSeller(t *testing.T) play {
	s := openAttackShop(t)
	s.manners[s.Supernodes[0].Operator.Address.String()] = silent
	buyer := party{accounts: s.buyers[:1]}
	before := s.worth(buyer)
	p := s.measure("silent_seller", party{supernodes: s.Supernodes[:1]}, func() { s.trade(s.buyers[0], trades, s.careful) })
	require.Less(t, p.settled, p.orders, "no order was assigned to it")
	paid := before.Sub(s.worth(buyer))
	arena.Bound(t, "silent_seller_buyer_paid_for_nothing_uvmt", float64(paid.SubRaw(int64(p.settled*startPrice)).Int64()), 0, 0)
	return p
}

// wrongKeySeller delivers keys that open nothing. One of ten buyers looks.
func wrongKeySeller(t *testing.T) play {
	s := openAttackShop(t)
	s.manners[s.Supernodes[0].Operator.Address.String()] = wrong
	looked := 0
	p := s.measure("wrong_key_seller", party{supernodes: s.Supernodes[:1]}, func() {
		s.trade(s.buyers[0], trades, func(_ int, order markettypes.Order) bool {
			if s.opens(order) {
				return false
			}
			looked++
			return looked%10 == 1
		})
	})
	require.Positive(t, looked, "no order was assigned to it")
	require.Less(t, p.settled, p.orders, "nobody got his money back")
	return p
}

// disputer complains about right keys, hoping to get keys for nothing.
func disputer(t *testing.T) play {
	s := openAttackShop(t)
	sellers := party{supernodes: s.Supernodes}
	before := s.worth(sellers)
	p := s.measure("disputer_of_right_keys", party{accounts: s.buyers[:1]}, func() {
		s.trade(s.buyers[0], trades, func(int, markettypes.Order) bool { return true })
	})
	require.Equal(t, trades, p.settled)
	arena.Bound(t, "disputer_lost_beside_the_price_per_key_vmt", -vmt(p.profit)/trades-1, 1, 1)
	arena.Bound(t, "disputer_sellers_still_earn_per_key_vmt", vmt(s.worth(sellers).Sub(before))/trades, 0.49, 0.5)
	return p
}

// selfDealer is buyer, contributor and some supernodes at once, and buys its own samples to
// draw the parts of contributors, engines, deliverers and storage.
func selfDealer(t *testing.T, name string, supernodes int) play {
	s := openAttackShop(t)
	ring := party{accounts: append(s.buyers[:1:1], s.contributor), supernodes: s.Supernodes[:supernodes]}
	p := s.measure(name, ring, func() { s.trade(s.buyers[0], trades, s.careful) })
	require.Equal(t, trades, p.settled)
	// Whoever is everybody still loses what is burned.
	arena.Bound(t, name+"_lost_share_of_turnover", -vmt(p.profit)/trades, 0.1, 1)
	return p
}

// griefer orders from a supernode that is down, with one-time keys it tries until the order
// is assigned to that one. Where nobody delivers in its place, the griefer's money comes
// back and the supernode is slashed, but no more than once in each of two epochs. Where
// others stand in, the griefer has bought keys.
func griefer(t *testing.T, name string, standIn bool) play {
	s := openAttackShop(t)
	s.standIn = standIn
	down := s.Supernodes[0]
	s.manners[down.Operator.Address.String()] = silent
	share := map[bool]float64{false: 0.02, true: 0}[standIn]
	const epochs, orders = 2, 12
	bond := func() math.Int { return s.Balance(supernodetypes.BondAddress(down.Operator.Address)).Amount }
	lost := math.ZeroInt()
	attacker := party{accounts: s.buyers[:1]}
	begin := s.worth(attacker)
	p := s.measure(name, attacker, func() {
		for epoch := range epochs {
			before := bond()
			for wave := range 2 { // in the second it is suspended already
				s.run(s.groundOrders(s.buyers[0], down, orders)...)
				s.finish(trusting)
				if epoch == 0 && wave == 0 {
					cost := begin.Sub(s.worth(attacker)).Add(s.paidFees(attacker))
					arena.Bound(t, name+"_first_strike_cost_vmt", vmt(cost), 0.01, arena.Unbounded)
				}
			}
			slashed := before.Sub(bond())
			lost = lost.Add(slashed)
			arena.Bound(t, name+"_victim_slashed_share_in_an_epoch", vmt(slashed)/vmt(before), share-1e-6, share+1e-6)
			s.waitForEpoch()
		}
	})
	arena.Show(name+"_victim_lost_vmt", vmt(lost))
	return p
}

// waitForEpoch runs blocks until the next epoch has begun.
func (s *shop) waitForEpoch() {
	epoch := s.epoch()
	for s.epoch() == epoch {
		s.Blocks(1)
	}
}

func (s *shop) epoch() uint64 {
	epoch, err := s.App.SupernodeKeeper.CurrentEpoch(s.Context())
	require.NoError(s.T, err)
	return epoch.Number
}

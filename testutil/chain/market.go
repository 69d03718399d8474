package chaintest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	// PayDenom is what simulated accounts pay the tokens of the sale with: coins that came
	// from another chain.
	PayDenom = "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2"

	payBalance = 1_000_000_000_000
	// Few pairs, so that known orders are met.
	oneTimePairs = 4
)

// oneTimePair is the key of an order with its secret.
type oneTimePair struct{ secret, key []byte }

func newOneTimePairs(t testing.TB) (pairs []oneTimePair) {
	for i := range oneTimePairs {
		secret := sha256.Sum256(fmt.Appendf(nil, "one-time key %d", i))
		key, err := markettypes.OneTimeKeyOf(secret[:])
		require.NoError(t, err)
		pairs = append(pairs, oneTimePair{secret[:], key})
	}
	return pairs
}

// boundMarket lets windows, periods, retentions and pools end, and limits be met, within a
// simulation, and gives every account coins to pay the sale with.
func boundMarket(cdc codec.Codec, state app.GenesisState) error {
	err := app.EditGenesis(cdc, state, markettypes.ModuleName, func(s *markettypes.GenesisState) error {
		p := &s.Params
		p.DeliveryWindowBlocks, p.FallbackBlocks, p.DisputeWindowBlocks = 8, 3, 6
		p.MaxOrdersPerMsg, p.MaxClosingsPerBlock, p.MaxDuesPerBlock, p.MaxPeriods = 4, 2, 1, 4
		p.OrderRetentionSeconds, p.FeedRetentionSeconds, p.MaxPrunesPerBlock = 60, 600, 2
		p.MaxEpochsPerClaim = 2
		p.BundleFee.Amount = p.DisputeBond.Amount
		for i := range p.Products {
			product := &p.Products[i]
			product.Target = 2
			switch product.Id {
			case "sample/small":
				product.MaxSizeBytes = 30 // the larger half of the contents is medium
			case "sample/large":
				product.MaxSizeBytes = 1 << 20
			}
			if product.PeriodSeconds > 0 {
				product.PeriodSeconds = 15
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return app.EditGenesis(cdc, state, banktypes.ModuleName, func(s *banktypes.GenesisState) error {
		accounts := make(map[string]bool)
		for i := range simulatedAccounts {
			accounts[NewAccount(fmt.Sprintf("account %d", i)).Address.String()] = true
		}
		for i, balance := range s.Balances {
			if accounts[balance.Address] {
				s.Balances[i].Coins = balance.Coins.Add(sdk.NewInt64Coin(PayDenom, payBalance))
			}
		}
		return nil
	})
}

// note counts the events of x/market by their names, and ends of orders by their endings.
func (s *Simulation) note(events []abci.Event) {
	for _, event := range events {
		name, ours := strings.CutPrefix(event.Type, "virusmap.market.v1.")
		if !ours {
			continue
		}
		s.Seen[name]++
		for _, attribute := range event.Attributes {
			if attribute.Key == "ending" {
				s.Seen[strings.Trim(attribute.Value, `"`)]++
			}
		}
	}
}

// updateMarketParams changes windows, bounds and prices while orders and plans run.
func (s *Simulation) updateMarketParams() []byte {
	account := s.Accounts[s.rand.Intn(2)]
	params, err := s.App.MarketKeeper.Params.Get(s.Context())
	require.NoError(s.t, err)
	params.DisputeWindowBlocks = uint32(4 + s.rand.Intn(5)) // 4 is refused
	params.PriceStepPpm = uint32(1_000 + s.rand.Intn(400_000))
	params.BundleDiscountPpm = uint32(s.rand.Intn(500_000))
	params.Rates.ContributorPpm = uint32(s.rand.Intn(550_000)) // with the others more than all, now and then
	product := &params.Products[s.rand.Intn(len(params.Products))]
	product.Ceiling = product.InitialPrice * uint64(1+s.rand.Intn(3))
	if product.PeriodSeconds > 0 {
		product.PeriodSeconds = 10 + uint64(s.rand.Intn(20))
	}
	return s.sign(account, &markettypes.MsgUpdateParams{Authority: account.Address.String(), Params: params})
}

// order is a random one of those wanted; empty when there is none.
func (s *Simulation) order(wanted func(markettypes.Order) bool) (chosen markettypes.Order) {
	return choose(s, func(visit func(markettypes.Order)) error {
		return s.App.MarketKeeper.Orders.Walk(s.Context(), nil, func(_ []byte, order markettypes.Order) (bool, error) {
			if wanted(order) {
				visit(order)
			}
			return false, nil
		})
	})
}

func isOpen(order markettypes.Order) bool { return order.Status == markettypes.ORDER_STATUS_OPEN }

func isDelivered(order markettypes.Order) bool {
	return order.Status == markettypes.ORDER_STATUS_DELIVERED
}

func runs(order markettypes.Order) bool { return isOpen(order) || isDelivered(order) }

func ended(order markettypes.Order) bool { return !runs(order) }

// subscription is a random one that runs, or of nobody.
func (s *Simulation) subscription() (sdk.AccAddress, string) {
	key := choose(s, func(visit func(collections.Pair[sdk.AccAddress, string])) error {
		return s.App.MarketKeeper.Subscriptions.Walk(s.Context(), nil,
			func(key collections.Pair[sdk.AccAddress, string], _ markettypes.Subscription) (bool, error) {
				visit(key)
				return false, nil
			})
	})
	if len(key.K1()) == 0 {
		return s.account().Address, "plan/basic"
	}
	return key.K1(), key.K2()
}

// pool is the epoch of a random one, or 0.
func (s *Simulation) pool() uint64 {
	return choose(s, func(visit func(uint64)) error {
		return s.App.MarketKeeper.Pools.Walk(s.Context(), nil, func(epoch uint64, _ markettypes.Pool) (bool, error) {
			visit(epoch)
			return false, nil
		})
	})
}

// tranche is a random one that has not ended; empty when there is none.
func (s *Simulation) tranche() markettypes.Tranche {
	return choose(s, func(visit func(markettypes.Tranche)) error {
		return s.App.MarketKeeper.Tranches.Walk(s.Context(), nil, func(_ []byte, tranche markettypes.Tranche) (bool, error) {
			if !tranche.Ended {
				visit(tranche)
			}
			return false, nil
		})
	})
}

// choose picks one of what walk visits, each with the same chance.
func choose[T any](s *Simulation, walk func(visit func(T)) error) (chosen T) {
	s.t.Helper()
	seen := 0
	require.NoError(s.t, walk(func(candidate T) {
		if seen++; s.rand.Intn(seen) == 0 {
			chosen = candidate
		}
	}))
	return chosen
}

// accountAt is the simulated account with an address, or any when it is none of them.
func (s *Simulation) accountAt(address string) *Account {
	for _, account := range s.Accounts {
		if account.Address.String() == address {
			return account
		}
	}
	return s.account()
}

// pairOf is the pair whose key an order names.
func (s *Simulation) pairOf(order markettypes.Order) oneTimePair {
	for _, pair := range s.pairs {
		if bytes.Equal(pair.key, order.OneTimeKey) {
			return pair
		}
	}
	return s.pairs[0]
}

// MarketEvents are what Seen counts in a simulation that is long enough.
func MarketEvents() []string {
	names := []string{
		"EventOrdered", "EventDelivered", "EventDisputed", "EventOrderEnded", "EventPriceMoved",
		"EventSubscribed", "EventPeriodPaid", "EventSubscriptionCancelled", "EventSubscriptionEnded",
		"EventApiKeysRevoked", "EventBundleCreated", "EventRoyaltiesClaimed", "EventPoolClosed",
		"EventTrancheCreated", "EventTokensBought", "EventTrancheEnded", "EventFeedEntries", "EventFeedPackaged",
	}
	for number, name := range markettypes.Ending_name {
		if number != 0 {
			names = append(names, name)
		}
	}
	return names
}

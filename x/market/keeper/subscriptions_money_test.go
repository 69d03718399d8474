package keeper_test

import (
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Whatever buyers and contributors do, every uvmt that was paid for periods is with a
// contributor, with a supernode, in a pool, or burned; and every other one with its buyer.
func TestMoneyOfPlansNeverVanishes(t *testing.T) {
	for seed := range int64(4) {
		f := newPlanFixture(t)
		f.claimWindow(40 * planDay)
		random := rand.New(rand.NewSource(seed))
		buyers, finders := []sdk.AccAddress{planBuyer, planRival}, []sdk.AccAddress{planFinder, planHunter}
		products := []string{basic, "plan/duet", "feed/urls"}
		supply := f.supply()
		subscribed, cancelled, claimed := 0, 0, 0
		count := func(err error, succeeded *int) {
			if err == nil {
				*succeeded++
			}
		}
		for range 150 {
			buyer, finder, product := buyers[random.Intn(2)], finders[random.Intn(2)], products[random.Intn(3)]
			switch random.Intn(6) {
			case 0, 1:
				count(f.subscribe(buyer, product, uint32(random.Intn(5))), &subscribed)
			case 2:
				_, err := f.cancel(buyer, product)
				count(err, &cancelled)
			case 3:
				_, _, err := f.claim(finder)
				count(err, &claimed)
			case 4:
				f.setPrice(product, uint64(1+random.Int63n(1_000_000_000)))
			case 5:
				if random.Intn(3) > 0 {
					f.earn(finder, uint64(random.Intn(9)))
				}
				f.seat(f.epoch + 1)
			}
			f.endBlock(time.Duration(random.Int63n(int64(5 * planDay))))
		}
		require.Positive(t, subscribed)
		require.Positive(t, cancelled)
		require.Positive(t, claimed)
		for len(f.export().Subscriptions) > 0 {
			f.endBlock(planMonth)
		}

		paid := 2*planFunds - f.balance(planBuyer) - f.balance(planRival)
		got := f.balance(planFinder) + f.balance(planHunter) + supply - f.supply()
		for _, operator := range f.operators {
			got += f.earned(operator)
		}
		for _, pool := range f.export().Pools {
			_, held := f.pool(pool.Epoch)
			got += held
		}
		require.Positive(t, paid)
		require.Equal(t, paid, got)
	}
}

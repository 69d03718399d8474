package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/market/types"
)

const (
	basic = "plan/basic"
	// basicPrice is what a period of it costs, in uvmt.
	basicPrice = int64(100_000_000)
)

// Every tier can be bought, and the subscription says itself what it gives.
func TestTiersGiveWhatTheyAreSoldFor(t *testing.T) {
	feeds := []string{"files", "intel", "urls"}
	for tier, want := range map[string]types.Quotas{
		"plan/basic": {
			LookupsPerDay: 1_000, SearchesPerMonth: 300, RetrohuntsPerMonth: 2, LookbackDays: 90,
			LivehuntRules: 5, RuleJobsPerMonth: 5, Support: true,
		},
		"plan/professional": {
			LookupsPerDay: 10_000, SearchesPerMonth: 1_000, RetrohuntsPerMonth: 5, LookbackDays: 90,
			LivehuntRules: 25, RuleJobsPerMonth: 25, Support: true,
		},
		"plan/enterprise": {
			LookupsPerDay: 30_000, SearchesPerMonth: 5_000, RetrohuntsPerMonth: 25,
			LivehuntRules: 100, RuleJobsPerMonth: 100, Support: true,
		},
		"plan/duet": {
			LookupsPerDay: 100_000_000, SearchesPerMonth: 20_000, RetrohuntsPerMonth: 1_000,
			LivehuntRules: 20_000, RuleJobsPerMonth: 10_000, PrivateGraphs: true, Support: true,
		},
		"plan/duet+feeds": {
			LookupsPerDay: 100_000_000, SearchesPerMonth: 20_000, RetrohuntsPerMonth: 1_000,
			LivehuntRules: 20_000, RuleJobsPerMonth: 10_000, PrivateGraphs: true, Support: true, Feeds: feeds,
		},
	} {
		t.Run(tier, func(t *testing.T) {
			f := newPlanFixture(t)
			require.NoError(t, f.subscribe(planBuyer, tier, 1))
			until := f.ctx.BlockTime().Add(planMonth).Unix()
			f.endBlock(time.Second)
			got := f.only(planBuyer)
			require.Equal(t, want, got.Quotas)
			require.Equal(t, types.PRODUCT_KIND_PLAN, got.Kind)
			require.Equal(t, until, got.DueTime)
		})
	}
	for _, feed := range feeds {
		t.Run(feed, func(t *testing.T) {
			f := newPlanFixture(t)
			require.NoError(t, f.subscribe(planBuyer, "feed/"+feed, 1))
			until := f.ctx.BlockTime().Add(planDay).Unix()
			f.endBlock(time.Second)
			got := f.only(planBuyer)
			require.Equal(t, feed, got.Feed)
			require.Equal(t, types.PRODUCT_KIND_FEED, got.Kind)
			require.Equal(t, until, got.DueTime)
		})
	}
}

func TestSubscribeRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*types.MsgSubscribe)
		want   error
	}{
		"no address":    {func(m *types.MsgSubscribe) { m.Buyer = "nobody" }, types.ErrInvalidAddress},
		"no product":    {func(m *types.MsgSubscribe) { m.Product = "plan/none" }, types.ErrNotForSale},
		"a sample":      {func(m *types.MsgSubscribe) { m.Product = "sample/small" }, types.ErrInvalidSubscription},
		"no period":     {func(m *types.MsgSubscribe) { m.Periods = 0 }, types.ErrInvalidSubscription},
		"many periods":  {func(m *types.MsgSubscribe) { m.Periods = 37 }, types.ErrInvalidSubscription},
		"most periods":  {func(m *types.MsgSubscribe) { m.Periods = 1<<32 - 1 }, types.ErrInvalidSubscription},
		"too dear":      {func(m *types.MsgSubscribe) { m.MaxPrice.Amount = m.MaxPrice.Amount.SubRaw(1) }, types.ErrPriceAboveMax},
		"other money":   {func(m *types.MsgSubscribe) { m.MaxPrice.Denom = "uusd" }, types.ErrInvalidAmount},
		"no price":      {func(m *types.MsgSubscribe) { m.MaxPrice = sdk.Coin{Denom: types.Denom} }, types.ErrInvalidAmount},
		"for nothing":   {func(m *types.MsgSubscribe) { m.MaxPrice.Amount = m.MaxPrice.Amount.MulRaw(0) }, types.ErrInvalidAmount},
		"below nothing": {func(m *types.MsgSubscribe) { m.MaxPrice.Amount = m.MaxPrice.Amount.Neg() }, types.ErrInvalidAmount},
		"without money": {func(m *types.MsgSubscribe) { m.Buyer = planRole("pauper").String() }, sdkerrors.ErrInsufficientFunds},
	} {
		t.Run(name, func(t *testing.T) {
			f := newPlanFixture(t)
			msg := &types.MsgSubscribe{Buyer: planBuyer.String(), Product: basic, Periods: 1, MaxPrice: sdk.NewInt64Coin(types.Denom, basicPrice)}
			test.change(msg)
			err := f.tx(func(ctx context.Context) error { _, err := f.msgs.Subscribe(ctx, msg); return err })
			require.ErrorIs(t, err, test.want)
			require.Empty(t, f.subscriptions(planBuyer))
			require.Equal(t, planFunds, f.balance(planBuyer))
		})
	}
}

// With 40 % for contributors and 50 % for the supernodes, of which three are seated, 10 %
// and what does not divide by three are burned, all in the block of the subscription.
func TestFirstPeriodIsPaidAtOnce(t *testing.T) {
	f := newPlanFixture(t)
	f.setPrice(basic, 100_000_001)
	supply := f.supply()
	require.NoError(t, f.subscribe(planBuyer, basic, 3))
	require.Equal(t, planFunds-300_000_003, f.balance(planBuyer))
	require.EqualValues(t, 300_000_003, f.balance(types.PlanAddress(planBuyer, basic)))
	require.Equal(t, []*types.EventSubscribed{{Buyer: planBuyer.String(), Product: basic, Price: "100000001", PeriodsLeft: 3}},
		planEvents[*types.EventSubscribed](f))

	until := f.ctx.BlockTime().Add(planMonth).Unix()
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	paid := planEvents[*types.EventPeriodPaid](f)
	f.endBlock(time.Second)
	require.Equal(t, []*types.EventPeriodPaid{{
		Buyer: planBuyer.String(), Product: basic, UntilTime: until, Epoch: 1,
		Royalties: "40000000", Served: "49999998", Burned: "10000003",
	}}, paid)
	for _, operator := range f.operators {
		require.EqualValues(t, 16_666_666, f.earned(operator))
	}
	amount, held := f.pool(1)
	require.EqualValues(t, 40_000_000, amount)
	require.EqualValues(t, 40_000_000, held)
	require.EqualValues(t, 10_000_003, supply-f.supply())
	require.EqualValues(t, 200_000_002, f.balance(types.PlanAddress(planBuyer, basic)))
	require.EqualValues(t, 2, f.only(planBuyer).PeriodsLeft)
}

func TestPeriodsFollowEachOther(t *testing.T) {
	f := newPlanFixture(t)
	begin := f.ctx.BlockTime()
	require.NoError(t, f.subscribe(planBuyer, basic, 3))
	f.endBlock(planMonth - time.Second)
	for left := uint32(2); ; left-- {
		subscription := f.only(planBuyer)
		require.Equal(t, left, subscription.PeriodsLeft)
		require.Equal(t, begin.Add(time.Duration(3-left)*planMonth).Unix(), subscription.DueTime)
		f.endBlock(time.Second) // one second early: nothing happens
		require.Equal(t, subscription, f.only(planBuyer))
		if left == 0 {
			break
		}
		f.endBlock(planMonth - time.Second)
	}
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.Equal(t, []*types.EventSubscriptionEnded{{Buyer: planBuyer.String(), Product: basic}}, planEvents[*types.EventSubscriptionEnded](f))
	require.Empty(t, f.subscriptions(planBuyer))
	require.Zero(t, f.balance(types.PlanAddress(planBuyer, basic)))
	require.Equal(t, planFunds-3*basicPrice, f.balance(planBuyer))
	amount, _ := f.pool(1)
	require.Equal(t, 3*basicPrice*4/10, amount)
}

// Periods that have not begun are bought anew with those that are added.
func TestExtensionAtAnotherPrice(t *testing.T) {
	for name, test := range map[string]struct {
		price     uint64
		add       uint32
		wantOwed  int64
		wantPrice int64
	}{
		"higher":               {120_000_000, 2, 4*120_000_000 - 2*100_000_000, 120_000_000},
		"same":                 {100_000_000, 2, 2 * 100_000_000, 100_000_000},
		"lower":                {60_000_000, 2, 4*60_000_000 - 2*100_000_000, 60_000_000},
		"lower, with a refund": {30_000_000, 1, 3*30_000_000 - 2*100_000_000, 30_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			f := newPlanFixture(t)
			require.NoError(t, f.subscribe(planBuyer, basic, 3))
			f.endBlock(planDay)
			due := f.only(planBuyer).DueTime
			before := f.balance(planBuyer)
			f.setPrice(basic, test.price)
			require.NoError(t, f.subscribe(planBuyer, basic, test.add))
			require.Equal(t, test.wantOwed, before-f.balance(planBuyer))
			f.endBlock(time.Second)
			got := f.only(planBuyer)
			require.Equal(t, 2+test.add, got.PeriodsLeft)
			require.Equal(t, test.wantPrice, got.Price.Int64())
			require.Equal(t, due, got.DueTime, "the period that runs stays as it is")
			require.Equal(t, test.wantPrice*int64(got.PeriodsLeft), f.balance(types.PlanAddress(planBuyer, basic)))
		})
	}
}

func TestExtensionRefusals(t *testing.T) {
	f := newPlanFixture(t)
	require.NoError(t, f.subscribe(planBuyer, basic, 36))
	require.ErrorIs(t, f.subscribe(planBuyer, basic, 1), types.ErrInvalidSubscription)
	f.endBlock(time.Second) // one has begun
	require.NoError(t, f.subscribe(planBuyer, basic, 1))
	require.ErrorIs(t, f.subscribe(planBuyer, basic, 1), types.ErrInvalidSubscription)

	require.NoError(t, f.subscribe(planRival, basic, 36))
	f.endBlock(time.Second)
	f.setPrice(basic, uint64(planFunds/36)+1)
	held := f.balance(planRival)
	require.ErrorIs(t, f.subscribe(planRival, basic, 1), sdkerrors.ErrInsufficientFunds)
	require.Equal(t, held, f.balance(planRival))
	require.Equal(t, basicPrice, f.only(planRival).Price.Int64())
}

// A cancelled one runs to the end of its period, and may go on before that.
func TestCancellation(t *testing.T) {
	f := newPlanFixture(t)
	_, err := f.cancel(planBuyer, basic)
	require.ErrorIs(t, err, types.ErrNotFound)
	require.NoError(t, f.subscribe(planBuyer, basic, 5))
	f.endBlock(planDay)
	_, err = f.cancel(planRival, basic)
	require.ErrorIs(t, err, types.ErrNotFound)
	refund, err := f.cancel(planBuyer, basic)
	require.NoError(t, err)
	require.Equal(t, 4*basicPrice, refund)
	require.Equal(t, []*types.EventSubscriptionCancelled{{Buyer: planBuyer.String(), Product: basic, Refund: "400000000"}},
		planEvents[*types.EventSubscriptionCancelled](f))
	require.Equal(t, planFunds-basicPrice, f.balance(planBuyer))
	_, err = f.cancel(planBuyer, basic)
	require.ErrorIs(t, err, types.ErrInvalidSubscription)
	f.endBlock(planDay)
	require.Zero(t, f.only(planBuyer).PeriodsLeft)

	due := f.only(planBuyer).DueTime
	require.NoError(t, f.subscribe(planBuyer, basic, 1))
	f.endBlock(28 * planDay)
	require.Equal(t, due, f.only(planBuyer).DueTime)
	f.endBlock(time.Second)
	require.Equal(t, due+int64(planMonth/time.Second), f.only(planBuyer).DueTime)

	f.endBlock(planMonth)
	f.endBlock(time.Second)
	require.Empty(t, f.subscriptions(planBuyer))
	require.Equal(t, planFunds-2*basicPrice, f.balance(planBuyer))
	_, err = f.cancel(planBuyer, basic)
	require.ErrorIs(t, err, types.ErrNotFound)
}

// Who cancels in the block of the subscription gets everything back.
func TestCancellationBeforeAnythingBegan(t *testing.T) {
	f := newPlanFixture(t)
	require.NoError(t, f.subscribe(planBuyer, basic, 2))
	refund, err := f.cancel(planBuyer, basic)
	require.NoError(t, err)
	require.Equal(t, 2*basicPrice, refund)
	f.endBlock(time.Second)
	require.Empty(t, f.subscriptions(planBuyer))
	require.Equal(t, planFunds, f.balance(planBuyer))
}

// One that is over begins anew when its buyer comes before EndBlock does: nobody pays for
// the time between.
func TestSubscriptionThatIsOverBeginsAnew(t *testing.T) {
	f := newPlanFixture(t)
	require.NoError(t, f.subscribe(planBuyer, basic, 1))
	f.endBlock(3 * planMonth)
	now := f.ctx.BlockTime()
	require.NoError(t, f.subscribe(planBuyer, basic, 2))
	f.endBlock(time.Second)
	got := f.only(planBuyer)
	require.Equal(t, now.Add(planMonth).Unix(), got.DueTime)
	require.EqualValues(t, 1, got.PeriodsLeft)
	require.Equal(t, planFunds-3*basicPrice, f.balance(planBuyer))
}

func TestRevocation(t *testing.T) {
	f := newPlanFixture(t)
	revoked := func(buyer sdk.AccAddress) int64 {
		t.Helper()
		response, err := f.queries.Subscriptions(f.ctx, &types.QuerySubscriptionsRequest{Buyer: buyer.String()})
		require.NoError(t, err)
		return response.RevokedTime
	}
	_, err := f.msgs.RevokeApiKeys(f.ctx, &types.MsgRevokeApiKeys{Buyer: "nobody"})
	require.ErrorIs(t, err, types.ErrInvalidAddress)
	for range 2 {
		f.endBlock(time.Minute)
		_, err = f.msgs.RevokeApiKeys(f.ctx, &types.MsgRevokeApiKeys{Buyer: planBuyer.String()})
		require.NoError(t, err)
		require.Equal(t, f.ctx.BlockTime().Unix(), revoked(planBuyer))
		require.Equal(t, []*types.EventApiKeysRevoked{{Buyer: planBuyer.String(), Time: f.ctx.BlockTime().Unix()}}, planEvents[*types.EventApiKeysRevoked](f))
	}
	require.Zero(t, revoked(planRival))
}

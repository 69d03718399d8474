package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// Each class gets its part to the uvmt, and the supply falls by what is burned.
func TestSettlementDividesThePrice(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	before := f.balance(f.buyer.Address)
	order := f.buy("sold")
	require.Equal(t, before-orderPrice-fee(), f.balance(f.buyer.Address))
	require.EqualValues(t, orderPrice, f.balance(types.EscrowAddress(order.Id)))
	order = f.deliver(order, "sold")
	paid := make(map[string]int64)
	for _, node := range f.Supernodes {
		paid[node.Operator.Address.String()] = -f.rewards(node)
	}
	supply, finder := f.supply(), f.balance(f.finder.Address)
	f.accept(order)

	ended := f.requireEnded(order, types.ORDER_STATUS_SETTLED, types.ENDING_ACCEPTED)
	// Of the engines' 250,000, three equal thirds; the rest of them is burned.
	require.Equal(t, types.Split{
		Contributor: intOf(400_000), Engines: intOf(249_999), Deliverer: intOf(150_000),
		Storage: intOf(100_000), Burned: intOf(100_001),
	}, ended.Split)
	require.Equal(t, finder+400_000, f.balance(f.finder.Address))
	require.Equal(t, supply-100_001, f.supply())
	want := map[string]int64{order.Operator: 150_000}
	for _, node := range f.Supernodes[:3] {
		want[node.Operator.Address.String()] += 83_333
	}
	for _, holder := range f.holders("sold") {
		want[holder.Operator.Address.String()] += 50_000
	}
	for _, node := range f.Supernodes {
		operator := node.Operator.Address.String()
		require.Equal(t, want[operator], paid[operator]+f.rewards(node), operator)
	}
	require.Equal(t, before-orderPrice-2*fee(), f.balance(f.buyer.Address))
	require.Equal(t, []*types.EventOrderEnded{{
		Order: order.Id, Status: types.ORDER_STATUS_SETTLED, Ending: types.ENDING_ACCEPTED,
		ContributorAccount: f.finder.Address.String(), Contributor: "400000", Engines: "249999", Deliverer: "150000",
		Storage: "100000", Burned: "100001", Refund: "0",
	}}, marketEvents[*types.EventOrderEnded](f))
	require.NotEmpty(t, ended.SealedKey, "the buyer may come late")
}

func TestDelegatorsShareInASale(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	order := f.deliver(f.buy("sold"), "sold")
	node := f.node(order.Operator)
	f.run(f.rival, &supernodetypes.MsgDelegate{
		Delegator: f.rival.Address.String(), Operator: order.Operator, Amount: sdk.NewInt64Coin(types.Denom, f.selfBond(order.Operator)),
	})
	f.accept(order)
	total, before := f.rewards(node), f.balance(f.rival.Address)
	f.run(f.rival, &supernodetypes.MsgWithdrawRewards{Delegator: f.rival.Address.String(), Operator: order.Operator})
	share := f.balance(f.rival.Address) + fee() - before
	require.Positive(t, share)
	require.Equal(t, total-share, f.rewards(node), "the rest is the operator's")
}

// What finds nobody to be paid to is burned.
func TestPartsOfNobodyAreBurned(t *testing.T) {
	gov := authtypes.NewModuleAddress(govtypes.ModuleName)
	f := newOrderChain(t)
	submission := sealed("found by an account that may not receive")
	submission.Contributor = gov.String()
	f.run(f.finder, f.finder.Submit(submission))
	f.scan()
	order := f.deliver(f.buy("found by an account that may not receive"), "found by an account that may not receive")
	// The deliverer and all engines but one retire, and their registrations go.
	var gone [][]byte
	for _, node := range f.Supernodes {
		if node != f.Supernodes[0] || order.Operator == node.Operator.Address.String() {
			gone = append(gone, f.Sign(node.Operator, &supernodetypes.MsgRetire{Operator: node.Operator.Address.String()}))
		}
	}
	f.block(gone...)
	f.blockAfter(26 * time.Minute)
	f.block()
	held, supply := f.balance(gov), f.supply()
	f.accept(order)
	ended := f.requireEnded(order, types.ORDER_STATUS_SETTLED, types.ENDING_ACCEPTED)
	require.Equal(t, held, f.balance(gov))
	require.True(t, ended.Split.Contributor.IsZero())
	require.True(t, ended.Split.Deliverer.IsZero())
	require.Equal(t, intOf(orderPrice), ended.Split.Sum())
	require.Equal(t, supply-ended.Split.Burned.Int64(), f.supply())
	engines := int64(83_333)
	if order.Operator == f.Supernodes[0].Operator.Address.String() {
		engines = 0
	}
	require.Equal(t, intOf(engines), ended.Split.Engines)
}

// Gifts to an escrow go to the buyer, and are no part of the split.
func TestGiftsGoToTheBuyer(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold", "not delivered")
	settled, refunded := f.deliver(f.buy("sold"), "sold"), f.buy("not delivered")
	f.give(types.EscrowAddress(settled.Id), 77)
	f.give(types.EscrowAddress(refunded.Id), 99)
	before := f.balance(f.buyer.Address)
	f.accept(settled)
	ended := f.requireEnded(settled, types.ORDER_STATUS_SETTLED, types.ENDING_ACCEPTED)
	require.Equal(t, intOf(orderPrice), ended.Split.Sum())
	require.Equal(t, before+77-fee(), f.balance(f.buyer.Address))
	require.Equal(t, "77", marketEvents[*types.EventOrderEnded](f)[0].Refund)
	f.blocks(deliveryWindow)
	require.Equal(t, types.ORDER_STATUS_REFUNDED, f.order(refunded.Id).Status)
	require.Equal(t, before+77-fee()+orderPrice+99, f.balance(f.buyer.Address))
	f.give(types.EscrowAddress(refunded.Id), 5) // too late: nobody's, and in nobody's way
	f.blocks(2)
}

// An older claim replaces the contributor also of orders that are under way.
func TestOlderClaimIsPaid(t *testing.T) {
	f := newOrderChain(t)
	salt := make([]byte, samplestypes.ClaimSaltBytes)
	f.run(f.rival, &samplestypes.MsgClaimSubmissions{
		Claimant: f.rival.Address.String(), Hashes: [][]byte{samplestypes.ClaimHash(contentHash("claimed"), f.rival.Address, salt)},
	})
	f.sell("claimed")
	order := f.deliver(f.buy("claimed"), "claimed")
	require.Equal(t, f.finder.Address.String(), order.Contributor)
	submission := sealed("claimed")
	submission.ClaimSalt = salt
	f.run(f.rival, f.rival.Submit(submission))
	finder, rival := f.balance(f.finder.Address), f.balance(f.rival.Address)
	f.accept(order)
	require.Equal(t, rival+400_000, f.balance(f.rival.Address))
	require.Equal(t, finder, f.balance(f.finder.Address))
	_, err := f.App.MarketKeeper.FirstContributors.Get(f.Context(), contentHash("claimed"))
	require.Error(t, err, "claims can still be opened")
}

// Whose sample was sold once claims could not replace it is paid for ever: also when the
// record lapses and somebody else submits the content anew.
func TestFirstContributorIsPaidForLaterSales(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	f.blocks(claimWindow)
	f.accept(f.deliver(f.buy("sold"), "sold"))
	first, err := f.App.MarketKeeper.FirstContributors.Get(f.Context(), contentHash("sold"))
	require.NoError(t, err)
	require.Equal(t, f.finder.Address.Bytes(), first)

	f.blockAfter(2 * time.Hour)
	f.block()
	_, err = f.App.SamplesKeeper.Get(f.Context(), contentHash("sold"))
	require.ErrorIs(t, err, samplestypes.ErrNotFound)
	f.run(f.rival, f.rival.Submit(sealed("sold")))
	f.scan()
	finder, rival := f.balance(f.finder.Address), f.balance(f.rival.Address)
	order := f.deliver(f.buy("sold"), "sold")
	require.Equal(t, f.rival.Address.String(), order.Contributor)
	f.accept(order)
	require.Equal(t, finder+order.Price.Int64()*2/5, f.balance(f.finder.Address))
	require.Equal(t, rival, f.balance(f.rival.Address))
}

// A record that lapses before the order ends changes nothing for who was sold.
func TestLapsedRecordPaysTheContributorOfTheOrder(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	order := f.deliver(f.buy("sold"), "sold")
	finder := f.balance(f.finder.Address)
	f.blockAfter(2 * time.Hour)
	f.block()
	f.run(f.rival, f.rival.Submit(sealed("sold")))
	f.accept(order)
	f.requireEnded(order, types.ORDER_STATUS_SETTLED, types.ENDING_ACCEPTED)
	require.Equal(t, finder+400_000, f.balance(f.finder.Address))
	known, err := f.App.MarketKeeper.FirstContributors.Has(f.Context(), contentHash("sold"))
	require.NoError(t, err)
	require.False(t, known, "it is not known whether a claim has replaced it")
}

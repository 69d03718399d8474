package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// withOrders has an order in every status that lasts beyond a block, and of every ending; a
// first contributor and a suspension.
func withOrders(t *testing.T, changes ...func(*types.Params)) *orderChain {
	t.Helper()
	f := newOrderChain(t, changes...)
	f.sell("sold", "taken down")
	f.blocks(claimWindow)
	f.accept(f.deliver(f.buy("sold"), "sold"))
	f.run(f.buyer, f.dispute(f.deliver(f.buy("sold"), "sold")))
	undisputed, blocked := f.deliver(f.buy("sold"), "sold"), f.buy("taken down")
	f.run(f.authority, &samplestypes.MsgBlockSample{Authority: f.authority.Address.String(), Sha256: contentHash("taken down"), Reason: "court order"})
	f.blocks(deliveryWindow)
	f.requireStatus(undisputed, types.ENDING_UNDISPUTED)
	f.requireStatus(blocked, types.ENDING_BLOCKED)
	undelivered, wrong := f.buy("sold"), f.buy("sold")
	wrong = f.deliverSealed(wrong, f.seal(wrong, fileKey("something else")))
	f.run(f.buyer, f.dispute(wrong))
	f.blocks(deliveryWindow)
	f.requireStatus(undelivered, types.ENDING_NOT_DELIVERED)
	f.requireStatus(wrong, types.ENDING_WRONG_KEY)
	f.deliver(f.buy("sold"), "sold")
	f.buy("sold")
	return f
}

func (f *orderChain) requireStatus(order types.Order, ending types.Ending) {
	f.t.Helper()
	require.Equal(f.t, ending.String(), f.order(order.Id).Ending.String())
}

func (f *orderChain) exported() *types.GenesisState {
	f.t.Helper()
	gs, err := f.App.MarketKeeper.ExportGenesis(f.Context())
	require.NoError(f.t, err)
	return gs
}

func TestOrdersMoveToAnotherChain(t *testing.T) {
	f := withOrders(t)
	gs := f.exported()
	endings := make(map[types.Ending]int)
	for _, order := range gs.Orders {
		endings[order.Ending]++
	}
	require.Len(t, endings, 7)
	require.Len(t, gs.FirstContributors, 1)
	require.NotEmpty(t, gs.Suspensions)
	f.RequireRoundTrip()
}

// What ends with the block may be overtaken by its end when too much ends at once; it moves
// with the ending noted, the bond and all.
func TestOrdersMoveInABacklog(t *testing.T) {
	f := newOrderChain(t, func(p *types.Params) { p.MaxClosingsPerBlock = 1 })
	f.sell("sold")
	orders := f.attempts("sold", 4)
	f.deliverAll("sold", orders[:3]...)
	f.wrong(orders[3])
	f.block(f.Sign(f.buyer, f.dispute(orders[0])), f.Sign(f.buyer, f.dispute(orders[1])),
		f.Sign(f.buyer, f.acceptMsg(f.buyer, orders[2])), f.Sign(f.buyer, f.dispute(orders[3])))
	waiting := make(map[types.Ending]int)
	for _, order := range f.exported().Orders {
		if !order.Status.Ended() {
			waiting[order.Ending]++
		}
	}
	require.Len(t, f.exported().Orders, 4)
	require.GreaterOrEqual(t, len(waiting), 2)
	f.RequireRoundTrip()
	supply := f.supply()
	f.blocks(3)
	for _, order := range orders {
		require.True(t, f.order(order.Id).Status.Ended())
	}
	require.Less(t, f.supply(), supply-disputeBond)
}

func (f *orderChain) wrong(order types.Order) {
	f.t.Helper()
	f.deliverSealed(order, f.seal(order, fileKey("something else")))
}

// Orders that were made in a block are not in the prices before its end.
func TestUncountedOrdersMove(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	require.NoError(t, f.try(func(ctx context.Context, msgs types.MsgServer) error {
		response, err := msgs.OrderSamples(ctx, f.orderMsg(f.item("sold"), f.item("sold")))
		require.NoError(t, err)
		gs, err := f.App.MarketKeeper.ExportGenesis(ctx)
		require.NoError(t, err)
		require.Subset(t, gs.Uncounted, response.Orders)
		require.NoError(t, gs.Validate())
		return nil
	}))
}

func TestOrdersWithoutTheirMoneyAreRefused(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	order := f.buy("sold")
	gs := f.exported()
	ctx, _ := f.Context().CacheContext()
	require.NoError(t, f.App.BankKeeper.SendCoins(ctx, types.EscrowAddress(order.Id), f.rival.Address, sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1))))
	err := f.App.MarketKeeper.InitGenesis(ctx, *gs)
	require.ErrorIs(t, err, types.ErrInvariant)
	require.ErrorContains(t, err, "its escrow holds 999999")
}

// Validate names the entry that is bad.
func TestOrdersGenesisRefusals(t *testing.T) {
	f := withOrders(t)
	find := func(gs *types.GenesisState, status types.OrderStatus) *types.Order {
		for i := range gs.Orders {
			if gs.Orders[i].Status == status {
				return &gs.Orders[i]
			}
		}
		require.Fail(t, "no order", status)
		return nil
	}
	const (
		open, delivered, settled, refunded = types.ORDER_STATUS_OPEN, types.ORDER_STATUS_DELIVERED, types.ORDER_STATUS_SETTLED, types.ORDER_STATUS_REFUNDED
	)
	for name, test := range map[string]struct {
		status types.OrderStatus
		damage func(gs *types.GenesisState, o *types.Order)
		text   string
	}{
		"order":             {open, func(gs *types.GenesisState, _ *types.Order) { gs.Orders[0], gs.Orders[1] = gs.Orders[1], gs.Orders[0] }, "orders[1]"},
		"twice":             {settled, func(gs *types.GenesisState, o *types.Order) { gs.Orders = append(gs.Orders, *o) }, "ascending"},
		"id":                {settled, func(_ *types.GenesisState, o *types.Order) { o.Id = append(o.Id, 0) }, "id: 33 bytes"},
		"foreign id":        {open, func(_ *types.GenesisState, o *types.Order) { o.Id[31] ^= 1 }, "is not of its buyer"},
		"buyer":             {open, func(_ *types.GenesisState, o *types.Order) { o.Buyer = "nobody" }, "buyer"},
		"contributor":       {settled, func(_ *types.GenesisState, o *types.Order) { o.Contributor = "" }, "contributor"},
		"operator":          {open, func(_ *types.GenesisState, o *types.Order) { o.Operator = "" }, "operator"},
		"sha256":            {settled, func(_ *types.GenesisState, o *types.Order) { o.Sha256 = nil }, "sha256"},
		"product":           {settled, func(_ *types.GenesisState, o *types.Order) { o.Product = "" }, "product"},
		"price":             {open, func(_ *types.GenesisState, o *types.Order) { o.Price = intOf(0) }, "price"},
		"rates":             {open, func(_ *types.GenesisState, o *types.Order) { o.Rates.StoragePpm = 1_000_000 }, "rates"},
		"sealing":           {open, func(_ *types.GenesisState, o *types.Order) { o.Sealing.KeyCommitment = nil }, "key_commitment"},
		"bundle":            {open, func(_ *types.GenesisState, o *types.Order) { o.Bundle = []byte{1} }, "bundle"},
		"status":            {settled, func(_ *types.GenesisState, o *types.Order) { o.Status = 77 }, "status"},
		"ending":            {settled, func(_ *types.GenesisState, o *types.Order) { o.Ending = types.ENDING_BLOCKED }, "status, ending"},
		"ended early":       {open, func(_ *types.GenesisState, o *types.Order) { o.EndedTime = 7 }, "has not ended"},
		"not due":           {delivered, func(_ *types.GenesisState, o *types.Order) { o.DueHeight = 0 }, "due_height"},
		"still due":         {settled, func(_ *types.GenesisState, o *types.Order) { o.DueHeight = 9 }, "has ended"},
		"never ended":       {refunded, func(_ *types.GenesisState, o *types.Order) { o.EndedTime = 0 }, "ended_time"},
		"no key":            {delivered, func(_ *types.GenesisState, o *types.Order) { o.SealedKey = nil }, "sealed_key"},
		"key too early":     {open, func(_ *types.GenesisState, o *types.Order) { o.SealedKey = make([]byte, types.SealedKeySize) }, "sealed_key"},
		"split":             {settled, func(_ *types.GenesisState, o *types.Order) { o.Split.Burned = o.Split.Burned.SubRaw(1) }, "split"},
		"paid and refunded": {refunded, func(_ *types.GenesisState, o *types.Order) { o.Split.Storage = intOf(1) }, "split"},
		"heights":           {open, func(_ *types.GenesisState, o *types.Order) { o.FallbackHeight = 0 }, "fallback_height"},
		"uncounted":         {settled, func(gs *types.GenesisState, o *types.Order) { gs.Uncounted = [][]byte{o.Id} }, "uncounted[0]"},
		"uncounted twice": {open, func(gs *types.GenesisState, o *types.Order) {
			gs.Uncounted = [][]byte{o.Id, o.Id}
			gs.Prices[0].OpenOrders--
			gs.Prices[0].Escrowed = gs.Prices[0].Escrowed.Sub(o.Price)
		}, "uncounted[1]"},
		"first":            {open, func(gs *types.GenesisState, _ *types.Order) { gs.FirstContributors[0].Contributor = "" }, "first_contributors[0]"},
		"first of nothing": {open, func(gs *types.GenesisState, _ *types.Order) { gs.FirstContributors[0].Sha256 = nil }, "first_contributors[0].sha256"},
		"first twice": {open, func(gs *types.GenesisState, _ *types.Order) {
			gs.FirstContributors = append(gs.FirstContributors, gs.FirstContributors[0])
		}, "first_contributors[1]"},
		"suspension": {open, func(gs *types.GenesisState, _ *types.Order) { gs.Suspensions[0].Operator = "" }, "suspensions[0]"},
		"suspension twice": {open, func(gs *types.GenesisState, _ *types.Order) {
			gs.Suspensions = append(gs.Suspensions[:1], gs.Suspensions[0])
		}, "suspensions[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := f.exported()
			require.NoError(t, gs.Validate())
			test.damage(gs, find(gs, test.status))
			require.ErrorContains(t, gs.Validate(), test.text)
		})
	}
}

// Every rule of the invariant sees its damage.
func TestOrdersInvariantSeesDamage(t *testing.T) {
	f := newOrderChain(t)
	f.sell("sold")
	ended := f.deliver(f.buy("sold"), "sold")
	f.accept(ended)
	ended = f.order(ended.Id)
	delivered := f.deliver(f.buy("sold"), "sold")
	open := f.buy("sold")
	k := f.App.MarketKeeper
	params, err := k.Params.Get(f.Context())
	require.NoError(t, err)
	expiry := ended.EndedTime + int64(params.OrderRetentionSeconds)
	operator := f.node(open.Operator).Operator.Address
	for name, damage := range map[string]func(ctx context.Context) error{
		"stolen": func(ctx context.Context) error {
			return f.App.BankKeeper.SendCoins(ctx, types.EscrowAddress(delivered.Id), f.rival.Address, sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1)))
		},
		"split": func(ctx context.Context) error {
			changed := ended
			changed.Split.Contributor = changed.Split.Contributor.AddRaw(1)
			return k.Orders.Set(ctx, ended.Id, changed)
		},
		"paid": func(ctx context.Context) error {
			changed := open
			changed.Split.Burned = intOf(1)
			return k.Orders.Set(ctx, open.Id, changed)
		},
		"not assigned": func(ctx context.Context) error { return k.Deliveries.Remove(ctx, collections.Join(operator, open.Id)) },
		"assigned twice": func(ctx context.Context) error {
			return k.Deliveries.Set(ctx, collections.Join(f.buyer.Address, open.Id))
		},
		"not due": func(ctx context.Context) error {
			return k.Due.Remove(ctx, collections.Join(delivered.DueHeight, delivered.Id))
		},
		"due twice": func(ctx context.Context) error { return k.Due.Set(ctx, collections.Join(int64(77), delivered.Id)) },
		"due though ended": func(ctx context.Context) error {
			return k.Due.Set(ctx, collections.Join(int64(77), ended.Id))
		},
		"never expires": func(ctx context.Context) error { return k.OrderExpiry.Remove(ctx, collections.Join(expiry, ended.Id)) },
		"expires early": func(ctx context.Context) error { return k.OrderExpiry.Set(ctx, collections.Join(expiry, open.Id)) },
		"expires twice": func(ctx context.Context) error { return k.OrderExpiry.Set(ctx, collections.Join(expiry+1, ended.Id)) },
		"not the buyer's": func(ctx context.Context) error {
			return k.OrdersByBuyer.Remove(ctx, collections.Join3(f.buyer.Address, open.OrderedHeight, open.Id))
		},
		"another buyer's": func(ctx context.Context) error {
			return k.OrdersByBuyer.Set(ctx, collections.Join3(f.rival.Address, open.OrderedHeight, open.Id))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _ := f.Context().CacheContext()
			require.NoError(t, k.OrdersInvariant(ctx))
			require.NoError(t, damage(ctx))
			require.ErrorIs(t, k.OrdersInvariant(ctx), types.ErrInvariant)
		})
	}
}

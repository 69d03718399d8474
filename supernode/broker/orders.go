package broker

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/vault/peers"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	// pageSize and maxPages bound what one look at the open orders reads; the next look
	// goes on where it ended.
	pageSize = 100
	maxPages = 20
	// fallbackEvery is how many blocks lie between two looks at the orders of others, and
	// what each rank waits for the one before: a delivery takes one or two blocks.
	fallbackEvery = 3
)

// terms are what decides which orders are this operator's to deliver, at one moment.
type terms struct {
	height    int64 // of the newest block
	limit     int   // keys in a message
	epoch     uint64
	attesters []sdk.AccAddress
}

// readTerms asks the chain. Nobody attests before the first epoch.
func (b *Broker) readTerms(ctx context.Context) (t terms, err error) {
	head, err := b.Chain.Status(ctx)
	if err != nil {
		return terms{}, err
	}
	params, err := b.Chain.Market().Params(ctx, &markettypes.QueryParamsRequest{})
	if err != nil {
		return terms{}, err
	}
	t.height, t.limit = head.Height, int(params.Params.MaxOrdersPerMsg)
	current, err := b.Chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{})
	if status.Code(err) == codes.NotFound {
		return t, nil
	}
	if err != nil {
		return terms{}, err
	}
	t.epoch = current.Epoch.Number
	for _, text := range peers.Attesters(current) {
		operator, err := sdk.AccAddressFromBech32(text)
		if err != nil {
			return terms{}, fmt.Errorf("epoch %d: operator %q: %w", t.epoch, text, err)
		}
		t.attesters = append(t.attesters, operator)
	}
	return t, nil
}

// mayDeliver tells whether the chain takes keys from the operator in this epoch. What was
// assigned to it is its duty also after it has lost its seat; orders of others are for those
// who are seated.
func (b *Broker) mayDeliver(t terms, own bool) bool {
	seated := slices.ContainsFunc(t.attesters, func(a sdk.AccAddress) bool { return a.Equals(b.operator) })
	suspended := t.epoch > 0 && t.epoch == b.suspended.Load()
	return !suspended && (own || seated)
}

// lookOut looks at the open orders at each signal.
func (b *Broker) lookOut(ctx context.Context) {
	var assigned, missed []byte // where the next look goes on
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-b.assigned:
			if assigned, err = b.look(ctx, b.operator.String(), assigned); err != nil || assigned != nil {
				signal(b.assigned)
			}
		case <-b.missed:
			if missed, err = b.look(ctx, "", missed); err != nil || missed != nil {
				signal(b.missed)
			}
		}
		if err != nil && ctx.Err() == nil {
			b.metrics.failures.WithLabelValues("list").Inc()
			b.Log.Warn("the open orders cannot be listed and are asked for again", "error", err)
			sleep(ctx, b.paces.shortest)
		}
	}
}

// look begins to deliver what is to be delivered of the open orders of an operator, or of
// all when it is empty, from a page on. It returns the page to go on with; nil is the end.
func (b *Broker) look(ctx context.Context, operator string, page []byte) (next []byte, err error) {
	t, err := b.readTerms(ctx)
	if err != nil || !b.mayDeliver(t, operator != "") {
		return nil, err
	}
	for range maxPages {
		response, err := b.Chain.Market().Deliveries(ctx, &markettypes.QueryDeliveriesRequest{
			Operator: operator, Pagination: &query.PageRequest{Key: page, Limit: pageSize},
		})
		if err != nil {
			return nil, err
		}
		for _, order := range response.Orders {
			b.consider(ctx, t, order)
		}
		if response.Pagination == nil || len(response.Pagination.NextKey) == 0 {
			return nil, nil
		}
		page = response.Pagination.NextKey
	}
	return page, nil
}

// consider begins to deliver an order when it is this operator's turn.
func (b *Broker) consider(ctx context.Context, t terms, order markettypes.Order) {
	own := order.Operator == b.operator.String()
	over := t.height >= order.DueHeight // the next block is the first that can have the key
	switch {
	case order.Status != markettypes.ORDER_STATUS_OPEN, over && !own, !own && t.height+1 < b.turn(t, order):
		return
	case !b.tries.begin(order.Id, order.DueHeight, own, time.Now()):
		return
	case over:
		b.tries.close(order.Id, t.height)
		b.skip(late, order.Id)
		return
	}
	b.metrics.busy.Inc()
	b.work.Go(func() { b.serve(ctx, t, order) })
}

// turn is the height from which on the operator delivers an order of another: the
// attesters take turns in the order of their scores for it, and all have had theirs by the
// middle of what is left of the window.
func (b *Broker) turn(t terms, order markettypes.Order) int64 {
	ranked := samplestypes.Holders(order.Id, t.attesters, len(t.attesters))
	ranked = slices.DeleteFunc(ranked, func(a sdk.AccAddress) bool { return a.String() == order.Operator })
	rank := slices.IndexFunc(ranked, func(a sdk.AccAddress) bool { return bytes.Equal(a, b.operator) })
	wait := min(int64(rank)*fallbackEvery, (order.DueHeight-order.FallbackHeight)/2)
	return order.FallbackHeight + max(wait, 0)
}

// Why an order is not delivered.
const (
	blocked = "blocked" // with its sample
	late    = "late"    // its window has passed
	taken   = "taken"   // by another
)

func (b *Broker) skip(reason string, order []byte) {
	b.metrics.skipped.WithLabelValues(reason).Inc()
	level := slog.LevelInfo
	if reason == late {
		level = slog.LevelError // it costs a part of the bond when it was this operator's
	}
	b.Log.Log(context.Background(), level, "an order is not delivered", "order", hex.EncodeToString(order), "reason", reason)
}

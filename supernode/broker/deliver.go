package broker

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// maxSending bounds the messages that are on their way at one time.
const maxSending = 4

// errRefused means that a whole message did not get on chain.
var errRefused = errors.New("the message is not on chain")

// send puts sealed keys into messages and sends them.
func (b *Broker) send(ctx context.Context) {
	sending := make(chan struct{}, maxSending)
	for {
		select {
		case <-ctx.Done():
			return
		case sending <- struct{}{}:
		}
		parcels := b.collect(ctx)
		b.work.Go(func() {
			defer func() { <-sending }()
			b.deliver(ctx, parcels)
		})
	}
}

// collect waits for a sealed key, and a little longer for others to go with it.
func (b *Broker) collect(ctx context.Context) (parcels []parcel) {
	var full <-chan time.Time // not before there is one
	for len(parcels) == 0 || len(parcels) < parcels[0].terms.limit {
		select {
		case <-ctx.Done():
			return parcels
		case <-full:
			return parcels
		case p := <-b.ready:
			if parcels = append(parcels, p); full == nil {
				full = time.After(b.paces.linger)
			}
		}
	}
	return parcels
}

// deliver sends keys in one message and settles each by what the chain made of it.
func (b *Broker) deliver(ctx context.Context, parcels []parcel) {
	parcels = b.current(parcels)
	if len(parcels) == 0 || ctx.Err() != nil {
		return
	}
	msg := &markettypes.MsgDeliverKeys{Sidecar: b.Chain.Address().String(), Operator: b.operator.String()}
	for _, p := range parcels {
		msg.Keys = append(msg.Keys, markettypes.SealedKey{Order: p.order.Id, Sealed: p.sealed})
	}
	response, err := b.Chain.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{msg}})
	if err != nil {
		if errors.Is(err, markettypes.ErrSuspended) {
			b.suspended.Store(parcels[0].terms.epoch)
		}
		for _, p := range parcels {
			b.fail(ctx, p.order, fmt.Errorf("%w: %w", errRefused, err))
		}
		return
	}
	delivered := b.delivered(response)
	for _, p := range parcels {
		b.metrics.busy.Dec()
		if !delivered[string(p.order.Id)] {
			// Another was faster, or the sample was taken down. If not, it is still listed.
			b.tries.fail(p.order.Id, time.Now(), b.paces)
			b.skip(taken, p.order.Id)
			continue
		}
		b.tries.close(p.order.Id, response.Height)
		b.metrics.delivered.Inc()
		b.Log.Info("delivered a key", "order", hex.EncodeToString(p.order.Id), "height", response.Height)
	}
}

// current leaves out what was settled, or has become too late, while its key was prepared.
func (b *Broker) current(parcels []parcel) (kept []parcel) {
	height := b.height.Load()
	for _, p := range parcels {
		over := height >= p.order.DueHeight
		if !over && !b.tries.settled(p.order.Id) {
			kept = append(kept, p)
			continue
		}
		reason := taken
		if over {
			reason = late
		}
		b.tries.close(p.order.Id, height)
		b.metrics.busy.Dec()
		b.skip(reason, p.order.Id)
	}
	return kept
}

// delivered are the orders whose keys the chain took of a transaction.
func (b *Broker) delivered(response *sdk.TxResponse) map[string]bool {
	delivered := make(map[string]bool)
	err := chain.Block{Height: response.Height, Events: response.Events}.Each(func(event proto.Message) error {
		if event, ok := event.(*markettypes.EventDelivered); ok {
			delivered[string(event.Order)] = true
		}
		return nil
	})
	if err != nil {
		b.Log.Error("the events of a delivery are unreadable", "error", err)
	}
	return delivered
}

package broker

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/blocktest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const chainID = "virusmap-test-1"

var errAway = errors.New("the node is away")

// ledger is a chain as brokers see it. It takes keys by the rules of x/market.
type ledger struct {
	blocktest.Blocks
	mu        sync.Mutex
	height    int64
	away      bool
	pageLimit int
	limit     uint32 // keys in a message
	epoch     uint64
	seated    []sdk.AccAddress
	suspended map[string]bool
	// onlySeated refuses the keys of who has no seat, also those of its own orders.
	onlySeated bool
	samples    map[string]samplestypes.Sample
	orders     map[string]*markettypes.Order
	// refuse may refuse a message.
	refuse func(*markettypes.MsgDeliverKeys) error
	// messages that were in a block, and the keys in them that were passed over.
	messages []*markettypes.MsgDeliverKeys
	skipped  int
	asked    int // for deliveries
}

func newLedger() *ledger {
	return &ledger{
		height: 10, pageLimit: 7, limit: 100, epoch: 1,
		suspended: make(map[string]bool), samples: make(map[string]samplestypes.Sample), orders: make(map[string]*markettypes.Order),
	}
}

func (l *ledger) edit(change func(l *ledger)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// tick makes empty blocks.
func (l *ledger) tick(blocks int) {
	for range blocks {
		l.edit(func(l *ledger) { l.emit() })
	}
}

// emit makes a block of events; the caller has the lock.
func (l *ledger) emit(events ...proto.Message) []abci.Event {
	l.height++
	emitted := blocktest.Events(events...)
	l.Add(chain.Block{Height: l.height, Events: emitted})
	return emitted
}

// order makes an order in a block of its own.
func (l *ledger) order(order markettypes.Order) {
	l.edit(func(l *ledger) {
		l.orders[string(order.Id)] = &order
		l.emit(&markettypes.EventOrdered{Order: order.Id, Operator: order.Operator, DueHeight: order.DueHeight})
	})
}

// deliver is MsgDeliverKeys in the next block.
func (l *ledger) deliver(msg *markettypes.MsgDeliverKeys) (*sdk.TxResponse, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seated := slices.ContainsFunc(l.seated, func(a sdk.AccAddress) bool { return a.String() == msg.Operator })
	switch {
	case l.away:
		return nil, errAway
	case len(msg.Keys) == 0 || len(msg.Keys) > int(l.limit):
		return nil, refusal(markettypes.ErrInvalidOrder.ABCICode())
	case !seated && l.onlySeated:
		return nil, refusal(markettypes.ErrNoDeliverer.ABCICode())
	case l.suspended[msg.Operator]:
		return nil, refusal(markettypes.ErrSuspended.ABCICode())
	}
	if l.refuse != nil {
		if err := l.refuse(msg); err != nil {
			return nil, err
		}
	}
	var events []proto.Message
	for _, key := range msg.Keys {
		if len(key.Sealed) != markettypes.SealedKeySize {
			return nil, refusal(markettypes.ErrInvalidKey.ABCICode())
		}
		order, height := l.orders[string(key.Order)], l.height+1
		if order == nil || order.Status != markettypes.ORDER_STATUS_OPEN || height > order.DueHeight ||
			(msg.Operator != order.Operator && (!seated || height < order.FallbackHeight)) ||
			l.samples[string(order.Sha256)].Status == samplestypes.STATUS_BLOCKED {
			l.skipped++
			continue
		}
		order.Status, order.Operator, order.SealedKey = markettypes.ORDER_STATUS_DELIVERED, msg.Operator, key.Sealed
		events = append(events, &markettypes.EventDelivered{Order: key.Order, Operator: msg.Operator})
	}
	l.messages = append(l.messages, msg)
	emitted := l.emit(events...)
	return &sdk.TxResponse{Height: l.height, Events: emitted}, nil
}

func refusal(code uint32) error { return &chain.Error{Codespace: markettypes.ModuleName, Code: code} }

// client is the chain client of one sidecar.
type client struct {
	*ledger
	address sdk.AccAddress
}

func (c *client) Address() sdk.AccAddress                { return c.address }
func (c *client) ChainID() string                        { return chainID }
func (c *client) Market() markettypes.QueryClient        { return marketQuery{ledger: c.ledger} }
func (c *client) Samples() samplestypes.QueryClient      { return samplesQuery{ledger: c.ledger} }
func (c *client) Supernodes() supernodetypes.QueryClient { return supernodesQuery{ledger: c.ledger} }

func (c *client) Status(ctx context.Context) (chain.Status, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return chain.Status{}, errAway
	}
	return chain.Status{Height: c.height, Time: time.Now()}, ctx.Err()
}

func (c *client) Broadcast(_ context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	msg := tx.Msgs[0].(*markettypes.MsgDeliverKeys)
	if tx.Free || len(tx.Msgs) != 1 || msg.Sidecar != c.address.String() {
		panic("not a delivery as the chain expects it")
	}
	return c.deliver(msg)
}

type marketQuery struct {
	markettypes.QueryClient
	*ledger
}

func (q marketQuery) Params(context.Context, *markettypes.QueryParamsRequest, ...grpc.CallOption) (*markettypes.QueryParamsResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	params := markettypes.DefaultParams()
	params.MaxOrdersPerMsg = q.limit
	return &markettypes.QueryParamsResponse{Params: params}, nil
}

func (q marketQuery) Deliveries(_ context.Context, req *markettypes.QueryDeliveriesRequest, _ ...grpc.CallOption) (*markettypes.QueryDeliveriesResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return nil, errAway
	}
	q.asked++
	response := &markettypes.QueryDeliveriesResponse{Pagination: &query.PageResponse{}}
	for _, id := range slices.Sorted(maps.Keys(q.orders)) {
		order := q.orders[id]
		if order.Status != markettypes.ORDER_STATUS_OPEN || bytes.Compare([]byte(id), req.Pagination.Key) < 0 ||
			(req.Operator != "" && req.Operator != order.Operator) {
			continue
		}
		if len(response.Orders) == min(q.pageLimit, int(req.Pagination.Limit)) {
			response.Pagination.NextKey = []byte(id)
			break
		}
		response.Orders = append(response.Orders, *order)
	}
	return response, nil
}

type samplesQuery struct {
	samplestypes.QueryClient
	*ledger
}

func (q samplesQuery) Sample(_ context.Context, req *samplestypes.QuerySampleRequest, _ ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	hash, _ := hex.DecodeString(req.Sha256)
	sample, ok := q.samples[string(hash)]
	if !ok {
		return nil, status.Error(codes.NotFound, "no such sample")
	}
	return &samplestypes.QuerySampleResponse{Entry: samplestypes.SampleEntry{Sha256: hash, Sample: sample}}, nil
}

type supernodesQuery struct {
	supernodetypes.QueryClient
	*ledger
}

func (q supernodesQuery) Epoch(context.Context, *supernodetypes.QueryEpochRequest, ...grpc.CallOption) (*supernodetypes.QueryEpochResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	response := &supernodetypes.QueryEpochResponse{Epoch: supernodetypes.Epoch{Number: q.epoch}}
	for _, operator := range q.seated {
		response.Seats = append(response.Seats, supernodetypes.Seat{Epoch: q.epoch, Operator: operator.String()})
	}
	return response, nil
}

// Package feedstest is a chain with nothing but feeds and subscriptions: it makes the events
// and the records that x/market makes.
package feedstest

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/blocktest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

type packageKey struct {
	feed   string
	minute int64
}

// Chain is written by a test and read by who follows it. Queries that are not about feeds
// or subscriptions panic.
type Chain struct {
	markettypes.QueryClient
	blocktest.Blocks

	mu            sync.Mutex
	height        int64
	away          bool
	heads         map[string]markettypes.FeedHead
	packages      map[packageKey]markettypes.FeedPackage
	subscriptions map[string]markettypes.QuerySubscriptionsResponse
}

// New is a chain without blocks.
func New() *Chain {
	return &Chain{
		heads:         make(map[string]markettypes.FeedHead),
		packages:      make(map[packageKey]markettypes.FeedPackage),
		subscriptions: make(map[string]markettypes.QuerySubscriptionsResponse),
	}
}

// Block makes a block in which entries are added to a feed, or nothing is.
func (c *Chain) Block(at time.Time, feed string, entries ...markettypes.FeedEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	minute := at.Unix() / markettypes.SecondsPerMinute
	for name, head := range c.heads {
		if head.Minute < minute {
			packaged, err := head.Package()
			if err != nil {
				panic(err)
			}
			c.packages[packageKey{name, head.Minute}] = packaged
			delete(c.heads, name)
		}
	}
	c.height++
	block := chain.Block{Height: c.height, Time: at}
	if len(entries) > 0 {
		head, found := c.heads[feed]
		if !found {
			head = markettypes.FeedHead{Feed: feed, Minute: minute}
		}
		block.Events = blocktest.Events(&markettypes.EventFeedEntries{Feed: feed, Minute: minute, First: head.Count, Entries: entries})
		if err := head.Append(entries...); err != nil {
			panic(err)
		}
		c.heads[feed] = head
	}
	c.Add(block)
}

// Emit adds an event to the newest block that the records know nothing of.
func (c *Chain) Emit(event *markettypes.EventFeedEntries) {
	c.Amend(blocktest.Events(event)...)
}

// SetAway makes queries fail.
func (c *Chain) SetAway(away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}

// Sell replaces what an account has bought, and until when it revoked its keys.
func (c *Chain) Sell(account string, revokedTime int64, subscriptions ...markettypes.Subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscriptions[account] = markettypes.QuerySubscriptionsResponse{Subscriptions: subscriptions, RevokedTime: revokedTime}
}

// Market is the chain itself.
func (c *Chain) Market() markettypes.QueryClient { return c }

// Status tells which blocks there are.
func (c *Chain) Status(context.Context) (chain.Status, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return chain.Status{Height: c.height, EarliestHeight: c.Earliest()}, c.failure()
}

func (c *Chain) failure() error {
	if c.away {
		return status.Error(codes.Unavailable, "connection refused")
	}
	return nil
}

// FeedPackage is the record of a minute.
func (c *Chain) FeedPackage(_ context.Context, in *markettypes.QueryFeedPackageRequest, _ ...grpc.CallOption) (*markettypes.QueryFeedPackageResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.packages[packageKey{in.Feed, in.Minute}]
	if !ok {
		return nil, status.Error(codes.NotFound, "no package")
	}
	return &markettypes.QueryFeedPackageResponse{Package: found}, c.failure()
}

// FeedPackages are the records of some minutes.
func (c *Chain) FeedPackages(_ context.Context, in *markettypes.QueryFeedPackagesRequest, _ ...grpc.CallOption) (*markettypes.QueryFeedPackagesResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	response := &markettypes.QueryFeedPackagesResponse{}
	for minute := in.From; minute <= in.To; minute++ {
		if found, ok := c.packages[packageKey{in.Feed, minute}]; ok {
			response.Packages = append(response.Packages, found)
		}
	}
	return response, c.failure()
}

// Subscriptions are what an account has bought.
func (c *Chain) Subscriptions(_ context.Context, in *markettypes.QuerySubscriptionsRequest, _ ...grpc.CallOption) (*markettypes.QuerySubscriptionsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.subscriptions[in.Buyer]
	return &found, c.failure()
}

// Orders are none: nobody buys a sample here.
func (c *Chain) Orders(context.Context, *markettypes.QueryOrdersRequest, ...grpc.CallOption) (*markettypes.QueryOrdersResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &markettypes.QueryOrdersResponse{}, c.failure()
}

// Package keeper holds the state machine of x/market.
package keeper

import (
	"context"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

type (
	// buyerOrderKey is (buyer, ordered height, order).
	buyerOrderKey = collections.Triple[sdk.AccAddress, int64, []byte]
	// deliveryKey is (operator, order).
	deliveryKey = collections.Pair[sdk.AccAddress, []byte]
	// dueKey is (height or unix seconds, id).
	dueKey = collections.Pair[int64, []byte]
	// epochAddress is (epoch, account).
	epochAddress = collections.Pair[uint64, sdk.AccAddress]
	// subscriptionKey is (buyer, product).
	subscriptionKey = collections.Pair[sdk.AccAddress, string]
	// subscriptionDueKey is (unix seconds, buyer, product).
	subscriptionDueKey = collections.Triple[int64, sdk.AccAddress, string]
	// purchaseKey is (tranche, buyer).
	purchaseKey = collections.Pair[[]byte, sdk.AccAddress]
	// packageKey is (minute, feed).
	packageKey = collections.Pair[int64, string]
)

// Keeper holds prices, orders, subscriptions, the sale and the records of feeds.
type Keeper struct {
	accounts  types.AccountKeeper
	bank      types.BankKeeper
	samples   types.SamplesKeeper
	verdicts  types.VerdictsKeeper
	supernode types.SupernodeKeeper
	bounty    types.BountyKeeper
	authority string

	Schema     collections.Schema
	Params     collections.Item[types.Params]
	PriceEpoch collections.Item[uint64]
	Prices     collections.Map[string, types.Price]

	Orders        collections.Map[[]byte, types.Order]
	OrdersByBuyer collections.KeySet[buyerOrderKey]
	// Deliveries are the open orders by who is assigned.
	Deliveries collections.KeySet[deliveryKey]
	// Due queues the orders by the height that ends what they wait for.
	Due collections.KeySet[dueKey]
	// Uncounted are new orders that EndBlock has not added to the prices yet.
	Uncounted   collections.KeySet[[]byte]
	OrderExpiry collections.KeySet[dueKey]
	// FirstContributors are the bytes of the accounts that every sale of a sample pays.
	FirstContributors collections.Map[[]byte, []byte]
	// Suspensions are the operators that were slashed for their deliveries in an epoch.
	Suspensions collections.KeySet[epochAddress]

	Subscriptions   collections.Map[subscriptionKey, types.Subscription]
	SubscriptionDue collections.KeySet[subscriptionDueKey]
	Pools           collections.Map[uint64, types.Pool]
	RoyaltyClaims   collections.Map[epochAddress, math.Int]
	ClosedPools     collections.KeySet[uint64]
	Revocations     collections.Map[sdk.AccAddress, int64]
	Bundles         collections.Map[[]byte, types.Bundle]

	Tranches    collections.Map[[]byte, types.Tranche]
	TrancheEnds collections.KeySet[dueKey]
	Purchases   collections.Map[purchaseKey, math.Int]

	FeedHeads    collections.Map[string, types.FeedHead]
	FeedPackages collections.Map[packageKey, types.FeedPackage]
}

// NewKeeper builds the keeper; authority is the account that may change the parameters and
// put up tranches.
func NewKeeper(
	cdc codec.BinaryCodec, storeService store.KVStoreService,
	accounts types.AccountKeeper, bank types.BankKeeper, samples types.SamplesKeeper, verdicts types.VerdictsKeeper,
	supernode types.SupernodeKeeper, bounty types.BountyKeeper, authority string,
) *Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	dueCodec := collections.PairKeyCodec(collections.Int64Key, collections.BytesKey)
	epochAddressCodec := collections.PairKeyCodec(collections.Uint64Key, sdk.AccAddressKey)
	k := &Keeper{
		accounts: accounts, bank: bank, samples: samples, verdicts: verdicts,
		supernode: supernode, bounty: bounty, authority: authority,

		Params:     collections.NewItem(sb, types.ParamsPrefix, "params", codec.CollValue[types.Params](cdc)),
		PriceEpoch: collections.NewItem(sb, types.PriceEpochPrefix, "price_epoch", collections.Uint64Value),
		Prices:     collections.NewMap(sb, types.PricesPrefix, "prices", collections.StringKey, codec.CollValue[types.Price](cdc)),

		Orders:            collections.NewMap(sb, types.OrdersPrefix, "orders", collections.BytesKey, codec.CollValue[types.Order](cdc)),
		OrdersByBuyer:     collections.NewKeySet(sb, types.OrdersByBuyerPrefix, "orders_by_buyer", collections.TripleKeyCodec(sdk.AccAddressKey, collections.Int64Key, collections.BytesKey)),
		Deliveries:        collections.NewKeySet(sb, types.DeliveriesPrefix, "deliveries", collections.PairKeyCodec(sdk.AccAddressKey, collections.BytesKey)),
		Due:               collections.NewKeySet(sb, types.DuePrefix, "due", dueCodec),
		Uncounted:         collections.NewKeySet(sb, types.UncountedPrefix, "uncounted", collections.BytesKey),
		OrderExpiry:       collections.NewKeySet(sb, types.OrderExpiryPrefix, "order_expiry", dueCodec),
		FirstContributors: collections.NewMap(sb, types.FirstContributorsPrefix, "first_contributors", collections.BytesKey, collections.BytesValue),
		Suspensions:       collections.NewKeySet(sb, types.SuspensionsPrefix, "suspensions", epochAddressCodec),

		Subscriptions:   collections.NewMap(sb, types.SubscriptionsPrefix, "subscriptions", collections.PairKeyCodec(sdk.AccAddressKey, collections.StringKey), codec.CollValue[types.Subscription](cdc)),
		SubscriptionDue: collections.NewKeySet(sb, types.SubscriptionDuePrefix, "subscription_due", collections.TripleKeyCodec(collections.Int64Key, sdk.AccAddressKey, collections.StringKey)),
		Pools:           collections.NewMap(sb, types.PoolsPrefix, "pools", collections.Uint64Key, codec.CollValue[types.Pool](cdc)),
		RoyaltyClaims:   collections.NewMap(sb, types.RoyaltyClaimsPrefix, "royalty_claims", epochAddressCodec, sdk.IntValue),
		ClosedPools:     collections.NewKeySet(sb, types.ClosedPoolsPrefix, "closed_pools", collections.Uint64Key),
		Revocations:     collections.NewMap(sb, types.RevocationsPrefix, "revocations", sdk.AccAddressKey, collections.Int64Value),
		Bundles:         collections.NewMap(sb, types.BundlesPrefix, "bundles", collections.BytesKey, codec.CollValue[types.Bundle](cdc)),

		Tranches:    collections.NewMap(sb, types.TranchesPrefix, "tranches", collections.BytesKey, codec.CollValue[types.Tranche](cdc)),
		TrancheEnds: collections.NewKeySet(sb, types.TrancheEndsPrefix, "tranche_ends", dueCodec),
		Purchases:   collections.NewMap(sb, types.PurchasesPrefix, "purchases", collections.PairKeyCodec(collections.BytesKey, sdk.AccAddressKey), sdk.IntValue),

		FeedHeads:    collections.NewMap(sb, types.FeedHeadsPrefix, "feed_heads", collections.StringKey, codec.CollValue[types.FeedHead](cdc)),
		FeedPackages: collections.NewMap(sb, types.FeedPackagesPrefix, "feed_packages", collections.PairKeyCodec(collections.Int64Key, collections.StringKey), codec.CollValue[types.FeedPackage](cdc)),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}

// reserve is the module account: the part of the sale that no tranche has yet.
func (k *Keeper) reserve() sdk.AccAddress { return k.accounts.GetModuleAddress(types.ModuleName) }

func emit(ctx context.Context, event proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

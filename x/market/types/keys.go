package types

import (
	"encoding/binary"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"
)

const (
	// ModuleName is also the name of the module account: the part of the sale that no
	// tranche has yet. What is burned passes through it within a block.
	ModuleName = "market"
	StoreKey   = ModuleName
)

var (
	ParamsPrefix            = collections.NewPrefix(0)  // -> Params
	PriceEpochPrefix        = collections.NewPrefix(1)  // -> epoch that the demands are of
	PricesPrefix            = collections.NewPrefix(2)  // product -> Price
	OrdersPrefix            = collections.NewPrefix(3)  // order -> Order
	OrdersByBuyerPrefix     = collections.NewPrefix(4)  // (buyer, ordered height int64, order) -> nothing
	DeliveriesPrefix        = collections.NewPrefix(5)  // (assigned operator, open order) -> nothing
	DuePrefix               = collections.NewPrefix(6)  // (due height int64, order) -> nothing
	UncountedPrefix         = collections.NewPrefix(7)  // order that is not in the prices yet -> nothing
	OrderExpiryPrefix       = collections.NewPrefix(8)  // (unix seconds int64, ended order) -> nothing
	FirstContributorsPrefix = collections.NewPrefix(9)  // sha256 -> contributor
	SuspensionsPrefix       = collections.NewPrefix(10) // (epoch, operator) -> nothing
	SubscriptionsPrefix     = collections.NewPrefix(11) // (buyer, product) -> Subscription
	SubscriptionDuePrefix   = collections.NewPrefix(12) // (unix seconds int64, buyer, product) -> nothing
	PoolsPrefix             = collections.NewPrefix(13) // epoch -> Pool
	RoyaltyClaimsPrefix     = collections.NewPrefix(14) // (epoch, contributor) -> uvmt
	RevocationsPrefix       = collections.NewPrefix(15) // buyer -> unix seconds int64
	BundlesPrefix           = collections.NewPrefix(16) // bundle -> Bundle
	TranchesPrefix          = collections.NewPrefix(17) // tranche -> Tranche
	TrancheEndsPrefix       = collections.NewPrefix(18) // (end in unix seconds int64, tranche) -> nothing
	PurchasesPrefix         = collections.NewPrefix(19) // (tranche, buyer) -> uvmt
	FeedHeadsPrefix         = collections.NewPrefix(20) // feed -> FeedHead
	FeedPackagesPrefix      = collections.NewPrefix(21) // (minute int64, feed) -> FeedPackage
	ClosedPoolsPrefix       = collections.NewPrefix(22) // epoch whose claims are being pruned -> nothing
)

// EscrowAddress is the account that holds the price of an order.
func EscrowAddress(order []byte) sdk.AccAddress {
	return address.Module(ModuleName, []byte("escrow"), order)
}

// PlanAddress is the account that holds the periods of a subscription that have not begun.
func PlanAddress(buyer sdk.AccAddress, product string) sdk.AccAddress {
	return address.Module(ModuleName, []byte("plan"), address.MustLengthPrefix(buyer), []byte(product))
}

// PoolAddress is the account from which the royalties of an epoch are claimed.
func PoolAddress(epoch uint64) sdk.AccAddress {
	return address.Module(ModuleName, []byte("pool"), binary.BigEndian.AppendUint64(nil, epoch))
}

// TrancheAddress is the account that holds what a tranche has left.
func TrancheAddress(tranche []byte) sdk.AccAddress {
	return address.Module(ModuleName, []byte("tranche"), tranche)
}

package market

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "virusmap.market.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Show the parameters with all products"},
				{RpcMethod: "Prices", Use: "prices", Short: "List what everything costs, and how much is on order"},
				{RpcMethod: "Quote", Use: "quote [sha256]", Short: "Show what a sample is sold as and for", PositionalArgs: args("sha256")},
				{RpcMethod: "Order", Use: "order [id]", Short: "Show an order", PositionalArgs: args("id")},
				{RpcMethod: "Orders", Use: "orders [buyer]", Short: "List the orders of a buyer", PositionalArgs: args("buyer")},
				{RpcMethod: "Deliveries", Use: "deliveries", Short: "List the orders that wait for their keys"},
				{RpcMethod: "Subscriptions", Use: "subscriptions [buyer]", Short: "List the plans and feed passes of a buyer", PositionalArgs: args("buyer")},
				{RpcMethod: "Royalties", Use: "royalties [contributor]", Short: "Show what a contributor can claim of plans and feeds", PositionalArgs: args("contributor")},
				{RpcMethod: "Pools", Use: "pools", Short: "List the royalties by epoch"},
				{RpcMethod: "Bundle", Use: "bundle [id]", Short: "Show a bundle", PositionalArgs: args("id")},
				{RpcMethod: "Bundles", Use: "bundles", Short: "List the bundles"},
				{RpcMethod: "Tranche", Use: "tranche [id]", Short: "Show a part of the sale", PositionalArgs: args("id")},
				{RpcMethod: "Tranches", Use: "tranches", Short: "List the parts of the sale"},
				{RpcMethod: "FeedPackage", Use: "feed-package [feed] [minute]", Short: "Show the record of a minute of a feed", PositionalArgs: args("feed", "minute")},
				{RpcMethod: "FeedPackages", Use: "feed-packages [feed] [from] [to]", Short: "List the records of a feed", PositionalArgs: args("feed", "from", "to")},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "virusmap.market.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "OrderSamples", Skip: true}, // virusmap buy keeps the secrets
				{RpcMethod: "DeliverKeys", Use: "deliver-keys [operator]", Short: "Deliver sealed file keys, as the supernode process does", PositionalArgs: args("operator")},
				{RpcMethod: "SettleOrders", Use: "settle-orders [order]...", Short: "End delivered orders", PositionalArgs: varargs("orders")},
				{RpcMethod: "DisputeKey", Skip: true}, // virusmap dispute has the secret
				{RpcMethod: "Subscribe", Use: "subscribe [product] [periods] [max-price]", Short: "Pay for periods of a plan or a feed pass", PositionalArgs: args("product", "periods", "max_price")},
				{RpcMethod: "CancelSubscription", Use: "cancel-subscription [product]", Short: "Get back the periods that have not begun", PositionalArgs: args("product")},
				{RpcMethod: "RevokeApiKeys", Use: "revoke-api-keys", Short: "Void all API keys that you authorised so far"},
				{RpcMethod: "CreateBundle", Use: "create-bundle [title] [sha256]...", Short: "Name a set of samples that is sold at a discount", PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "title"}, {ProtoField: "samples", Varargs: true}}},
				{RpcMethod: "ClaimRoyalties", Use: "claim-royalties", Short: "Get paid your part of plans and feeds"},
				{RpcMethod: "BuyTokens", Use: "buy-tokens [tranche] [amount]", Short: "Buy VMT from a part of the sale", PositionalArgs: args("tranche", "amount")},
				{RpcMethod: "CreateTranche", Use: "create-tranche-proposal [title] [amount] [price] [pay-denom] [start-time] [end-time] [cap] [proceeds]", Short: "Propose to put up a part of the sale", PositionalArgs: args("title", "amount", "price", "pay_denom", "start_time", "end_time", "cap", "proceeds"), GovProposal: true},
				{RpcMethod: "UpdateParams", Use: "update-params-proposal [params]", Short: "Propose new parameters; all of them, as JSON", PositionalArgs: args("params"), GovProposal: true},
			},
		},
	}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	positional := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, field := range fields {
		positional[i] = &autocliv1.PositionalArgDescriptor{ProtoField: field}
	}
	return positional
}

func varargs(field string) []*autocliv1.PositionalArgDescriptor {
	return []*autocliv1.PositionalArgDescriptor{{ProtoField: field, Varargs: true}}
}

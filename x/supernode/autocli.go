package supernode

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// AutoCLIOptions describes the commands; autocli builds them from the proto.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Show the parameters"},
				{RpcMethod: "Supernode", Use: "show [operator]", Short: "Show one supernode", PositionalArgs: args("operator")},
				{RpcMethod: "Supernodes", Use: "list", Short: "List the supernodes by operator"},
				{RpcMethod: "Epoch", Use: "epoch [number]", Short: "Show an epoch and its seats; 0 is the current one", PositionalArgs: args("number")},
				{RpcMethod: "VaultKey", Use: "vault-key [epoch]", Short: "Show the vault key of an epoch; 0 is the newest one", PositionalArgs: args("epoch")},
				{RpcMethod: "SealedKey", Use: "sealed-key [epoch] [operator]", Short: "Show a vault key as sealed to one supernode", PositionalArgs: args("epoch", "operator")},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Register", Use: "register [profile] [self-bond]", Short: "Register a supernode; the profile is JSON", PositionalArgs: args("profile", "self_bond")},
				{RpcMethod: "Edit", Use: "edit [profile]", Short: "Replace the profile of a supernode; the profile is JSON", PositionalArgs: args("profile")},
				{RpcMethod: "AddBond", Use: "add-bond [amount]", Short: "Add to the self-bond", PositionalArgs: args("amount")},
				{RpcMethod: "Retire", Use: "retire", Short: "Leave; the bond is paid back after the unbonding time"},
				{RpcMethod: "PublishVaultKey", Skip: true}, // sent by the supernode process
				{RpcMethod: "SealVaultKey", Skip: true},    // sent by the supernode process
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

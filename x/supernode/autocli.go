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
				{RpcMethod: "Candidates", Use: "candidates", Short: "List who stands for a seat, the largest stake first"},
				{RpcMethod: "Pool", Use: "pool [operator]", Short: "Show what is delegated to a supernode", PositionalArgs: args("operator")},
				{RpcMethod: "Delegators", Use: "delegators [operator]", Short: "List the delegations to a supernode", PositionalArgs: args("operator")},
				{RpcMethod: "Delegation", Use: "delegation [delegator] [operator]", Short: "Show one delegation, its worth and its rewards", PositionalArgs: args("delegator", "operator")},
				{RpcMethod: "Delegations", Use: "delegations [delegator]", Short: "List the delegations of a delegator", PositionalArgs: args("delegator")},
				{RpcMethod: "Unbondings", Use: "unbondings [delegator]", Short: "List what is on its way to a delegator or to another supernode", PositionalArgs: args("delegator")},
				{RpcMethod: "Liveness", Use: "liveness [operator]", Short: "Show how a supernode performed its newest duties", PositionalArgs: args("operator")},
				{RpcMethod: "Beacon", Use: "beacon", Short: "Show the public randomness"},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Register", Use: "register [profile] [self-bond]", Short: "Register a supernode; the profile is JSON", PositionalArgs: args("profile", "self_bond")},
				{RpcMethod: "Edit", Use: "edit [profile]", Short: "Replace the profile of a supernode; the profile is JSON", PositionalArgs: args("profile")},
				{RpcMethod: "AddBond", Use: "add-bond [amount]", Short: "Add to the self-bond", PositionalArgs: args("amount")},
				{RpcMethod: "Retire", Use: "retire", Short: "Leave; the bond is paid back after the unbonding time"},
				{RpcMethod: "SetCommission", Use: "set-commission [ppm]", Short: "Change what the operator keeps of its delegators' rewards, in millionths", PositionalArgs: args("commission_ppm")},
				{RpcMethod: "Unjail", Use: "unjail", Short: "Stand for seats again after a jail time"},
				{RpcMethod: "Delegate", Use: "delegate [operator] [amount]", Short: "Add tokens to the stake of a supernode", PositionalArgs: args("operator", "amount")},
				{RpcMethod: "Redelegate", Use: "redelegate [operator] [destination] [amount]", Short: "Move tokens to another supernode", PositionalArgs: args("operator", "destination", "amount")},
				{RpcMethod: "Undelegate", Use: "undelegate [operator] [amount]", Short: "Take tokens back after the unbonding time", PositionalArgs: args("operator", "amount")},
				{RpcMethod: "WithdrawRewards", Use: "withdraw-rewards [operator]", Short: "Get paid what a delegation has earned", PositionalArgs: args("operator")},
				{RpcMethod: "WithdrawCommission", Use: "withdraw-commission", Short: "Get paid the commission and the rewards of the own bond"},
				{RpcMethod: "FundRewards", Use: "fund-rewards [operator] [amount]", Short: "Give rewards to a supernode and its delegators", PositionalArgs: args("operator", "amount")},
				{RpcMethod: "ReportVaultKey", Use: "report-vault-key [operator] [epoch]", Short: "Report, as sidecar, that a sealed vault key cannot be used", PositionalArgs: args("operator", "epoch")},
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

package bounty

import (
	"github.com/spf13/cobra"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/virusmap/virusmap/x/bounty/client/cli"
)

// GetTxCmd returns the transactions that have commands of their own; autocli adds the rest.
func (AppModule) GetTxCmd() *cobra.Command { return cli.NewTxCommand() }

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "virusmap.bounty.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Show the parameters"},
				{RpcMethod: "Treasury", Use: "treasury", Short: "Show where the supply is and what was paid"},
				{RpcMethod: "Emission", Use: "emission [epoch]", Short: "Show what the schedule gives in an epoch", PositionalArgs: args("epoch")},
				{RpcMethod: "Epoch", Use: "epoch [epoch]", Short: "Show the rewards of an epoch", PositionalArgs: args("epoch")},
				{RpcMethod: "Epochs", Use: "epochs", Short: "List the rewards by epoch"},
				{RpcMethod: "Rewards", Use: "rewards [contributor]", Short: "Show what a contributor earned and can claim", PositionalArgs: args("contributor")},
				{RpcMethod: "Explain", Skip: true}, // has a command of its own that prints it for people
				{RpcMethod: "Cluster", Use: "cluster [sha256]", Short: "Show the similarity cluster of a sample", PositionalArgs: args("sha256")},
				{RpcMethod: "Bounty", Use: "bounty [id]", Short: "Show a running bounty with who funds it", PositionalArgs: args("id")},
				{RpcMethod: "Bounties", Use: "bounties", Short: "List the running bounties"},
			},
			EnhanceCustomCommand: true,
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "virusmap.bounty.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "ClaimRewards", Use: "claim-rewards", Short: "Get paid for the points of settled epochs; needs no fee"},
				{RpcMethod: "PostBounty", Skip: true}, // has a command of its own that reads rules from files
				{RpcMethod: "TopUpBounty", Use: "top-up-bounty [id] [amount]", Short: "Add to a running bounty", PositionalArgs: args("id", "amount")},
				{RpcMethod: "ReportSightings", Skip: true}, // the supernode process sends it
				{RpcMethod: "UpdateParams", Use: "update-params-proposal [params]", Short: "Propose new parameters; all of them, as JSON", PositionalArgs: args("params"), GovProposal: true},
			},
			EnhanceCustomCommand: true,
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

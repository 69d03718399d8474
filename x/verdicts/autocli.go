package verdicts

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
)

// AutoCLIOptions describes the commands of the module.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	arg := func(fields ...string) []*autocliv1.PositionalArgDescriptor {
		args := make([]*autocliv1.PositionalArgDescriptor, len(fields))
		for i, field := range fields {
			args[i] = &autocliv1.PositionalArgDescriptor{ProtoField: field}
		}
		return args
	}
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "virusmap.verdicts.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Query the parameters"},
				{RpcMethod: "Report", Use: "report [sha256]", Short: "Query what every engine said of a sample", PositionalArgs: arg("sha256")},
				{RpcMethod: "History", Use: "history [sha256]", Short: "Query the outcomes of a sample over all rounds", PositionalArgs: arg("sha256")},
				{RpcMethod: "Round", Use: "round [number]", Short: "Query a round", PositionalArgs: arg("number")},
				{RpcMethod: "Rounds", Use: "rounds", Short: "Query the rounds"},
				{RpcMethod: "OpenRounds", Use: "open-rounds", Short: "Query the rounds that are not finished"},
				{RpcMethod: "Members", Use: "members [round]", Short: "Query the member hashes of a round", PositionalArgs: arg("round")},
				{RpcMethod: "Attestations", Use: "attestations [round]", Short: "Query what was revealed in a round", PositionalArgs: arg("round")},
				{RpcMethod: "Commitment", Use: "commitment [round] [operator]", Short: "Query a supernode's commit in a round", PositionalArgs: arg("round", "operator")},
				{RpcMethod: "Appeal", Use: "appeal [sha256]", Short: "Query the running appeal of a sample", PositionalArgs: arg("sha256")},
				{RpcMethod: "Appeals", Use: "appeals", Short: "Query the running appeals"},
				{RpcMethod: "Engines", Use: "engines", Short: "Query the registered engines"},
				{RpcMethod: "TrackRecord", Use: "track-record [operator] [engine]", Short: "Query how an engine did, by epoch, the newest first", PositionalArgs: arg("operator", "engine")},
				{RpcMethod: "Weights", Use: "weights [epoch]", Short: "Query what every engine weighs in an epoch; 0 means the newest", PositionalArgs: arg("epoch")},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "virusmap.verdicts.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "RegisterEngine", Use: "register-engine [operator] [name] [description]", Short: "Register an engine under a supernode, signed by its sidecar", PositionalArgs: arg("operator", "name", "description")},
				{RpcMethod: "RetireEngine", Use: "retire-engine [operator] [name]", Short: "Withdraw an engine, signed by the sidecar", PositionalArgs: arg("operator", "name")},
				{RpcMethod: "Appeal", Use: "appeal [sha256] [claimed] [bond]", Short: "Contest the newest outcome of a sample: clean, or malicious, is right", PositionalArgs: arg("sha256", "claimed", "bond")},
				{RpcMethod: "EscalateAppeal", Use: "escalate-appeal [sha256] [bond]", Short: "Take a decided appeal to a larger panel, against its decision", PositionalArgs: arg("sha256", "bond")},
				// Commits and reveals are the sidecar's work, never typed by hand.
				{RpcMethod: "CommitAttestation", Skip: true},
				{RpcMethod: "RevealAttestation", Skip: true},
				{RpcMethod: "UpdateParams", Skip: true},
			},
		},
	}
}

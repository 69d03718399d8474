package samples

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: "virusmap.samples.v1.Query",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Show the parameters"},
				{
					RpcMethod: "Sample", Use: "sample [sha256]", Short: "Show the record of a hash",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "sha256"}},
				},
				{RpcMethod: "Samples", Use: "samples", Short: "List all records by hash"},
				{
					RpcMethod: "SampleByCID", Use: "sample-by-cid [cid]", Short: "Show the record whose ciphertext has the CID",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "cid"}},
				},
				{
					RpcMethod: "SamplesByContributor", Use: "samples-by-contributor [contributor]", Short: "List a contributor's records",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "contributor"}},
				},
				{
					RpcMethod: "Holders", Use: "holders [sha256]", Short: "List the supernodes that must store a sample, best first",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "sha256"}},
				},
				{
					RpcMethod: "Challenges", Use: "challenges [operator]", Short: "List the storage challenges of a supernode",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "operator"}},
				},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: "virusmap.samples.v1.Msg",
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "SubmitSamples", Use: "submit-samples [sample.json]...", Short: "Register samples and queue them for scanning",
					Long:           "Each argument is a Submission as JSON, or a file that ends in .json with one. Bytes are in base64.",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "samples", Varargs: true}},
				},
				{
					RpcMethod: "ClaimSubmissions", Use: "claim-submissions [hash]...", Short: "Hide first-seen claims that later submissions open",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "hashes", Varargs: true}},
				},
				{
					RpcMethod: "RequestRescan", Use: "request-rescan [sha256]", Short: "Pay for a new scan of a sample",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "sha256"}},
				},
				{RpcMethod: "ProveStorage", Skip: true}, // the supernode process sends it
				{RpcMethod: "BlockSample", Skip: true},  // authority only
				{RpcMethod: "UpdateParams", Skip: true}, // authority only
			},
			EnhanceCustomCommand: true,
		},
	}
}

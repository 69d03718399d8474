package chain

import sdk "github.com/cosmos/cosmos-sdk/types"

// Bech32Prefix starts every account address of the chain.
const Bech32Prefix = "vmt"

// sdk.AccAddress reads its prefix from a package variable of the SDK, so it is set once
// and here for every program that is a client. The chain daemon sets the same values.
func init() {
	config := sdk.GetConfig()
	if config.GetBech32AccountAddrPrefix() == Bech32Prefix {
		return
	}
	config.SetBech32PrefixForAccount(Bech32Prefix, Bech32Prefix+sdk.PrefixPublic)
	config.SetBech32PrefixForValidator(
		Bech32Prefix+sdk.PrefixValidator+sdk.PrefixOperator,
		Bech32Prefix+sdk.PrefixValidator+sdk.PrefixOperator+sdk.PrefixPublic)
	config.SetBech32PrefixForConsensusNode(
		Bech32Prefix+sdk.PrefixValidator+sdk.PrefixConsensus,
		Bech32Prefix+sdk.PrefixValidator+sdk.PrefixConsensus+sdk.PrefixPublic)
}

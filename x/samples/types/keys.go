package types

import (
	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"
)

const (
	// ModuleName names the module and its account, which only ever burns.
	ModuleName = "samples"
	// StoreKey names the module's store.
	StoreKey = ModuleName
)

// Prefixes of the store. SamplesPrefix is part of what proofs are checked against.
var (
	ParamsKey           = collections.NewPrefix(0)  // -> Params
	SamplesPrefix       = collections.NewPrefix(1)  // sha256 (32 raw bytes) -> Sample
	ByCIDPrefix         = collections.NewPrefix(2)  // CID bytes -> sha256
	ByContributorPrefix = collections.NewPrefix(3)  // (contributor, sha256)
	ExpiryPrefix        = collections.NewPrefix(4)  // (expiry time in unix seconds, sha256)
	ClaimsPrefix        = collections.NewPrefix(5)  // claim hash -> height it was made at
	ClaimExpiryPrefix   = collections.NewPrefix(6)  // (height it was made at, claim hash)
	ChallengesPrefix    = collections.NewPrefix(7)  // (operator, epoch, index uint32) -> Challenge
	DeadlinesPrefix     = collections.NewPrefix(8)  // (deadline height, (operator, epoch, index))
	DrawsPrefix         = collections.NewPrefix(9)  // (epoch, operator) that waits for its challenges
	StoredBytesPrefix   = collections.NewPrefix(10) // -> size of the ciphertexts that must be stored
)

// DepositAddress is the account that holds the deposits of one payer. It is derived
// per payer so that submissions of different payers touch no common account.
func DepositAddress(payer sdk.AccAddress) sdk.AccAddress {
	return address.Module(ModuleName, []byte("deposit"), payer)
}

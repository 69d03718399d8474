package types

import (
	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"
)

const (
	// ModuleName names the module in routes, events and genesis.
	ModuleName = "supernode"
	// StoreKey names the module's store.
	StoreKey = ModuleName
)

var (
	// ParamsKey: () -> Params.
	ParamsKey = collections.NewPrefix(0)
	// SupernodesKey: operator -> Supernode.
	SupernodesKey = collections.NewPrefix(1)
	// SidecarsKey: sidecar -> operator.
	SidecarsKey = collections.NewPrefix(2)
	// CandidatesKey: operator -> stake in uvmt (uint64).
	CandidatesKey = collections.NewPrefix(3)
	// CandidatesByStakeKey: (MaxStake - stake, operator) -> ().
	CandidatesByStakeKey = collections.NewPrefix(4)
	// ReleasesKey: (release time in unix seconds, operator) -> ().
	ReleasesKey = collections.NewPrefix(5)
	// CurrentKey: () -> number of the current epoch.
	CurrentKey = collections.NewPrefix(6)
	// EpochsKey: epoch -> Epoch.
	EpochsKey = collections.NewPrefix(7)
	// SeatsKey: (epoch, operator) -> Seat.
	SeatsKey = collections.NewPrefix(8)
	// VaultKeysKey: epoch -> VaultKey.
	VaultKeysKey = collections.NewPrefix(9)
	// SealedKeysKey: (epoch, operator) -> SealedKey.
	SealedKeysKey = collections.NewPrefix(10)
)

// BondAddress is the account that holds the bond of one operator. Nobody has a
// key to it. Genesis tools fund it in x/bank with at least the self-bond.
func BondAddress(operator sdk.AccAddress) sdk.AccAddress {
	return address.Module(ModuleName, []byte("bond"), operator)
}

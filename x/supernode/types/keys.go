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
	// PoolsKey: operator -> Pool.
	PoolsKey = collections.NewPrefix(11)
	// DelegationsKey: (operator, delegator) -> Delegation.
	DelegationsKey = collections.NewPrefix(12)
	// DelegationsByDelegatorKey: (delegator, (operator, delegator)) -> ().
	DelegationsByDelegatorKey = collections.NewPrefix(13)
	// UnbondingsKey: (release time in unix seconds, id of 20 bytes) -> Unbonding.
	UnbondingsKey = collections.NewPrefix(14)
	// UnbondingsByDelegatorKey: (delegator, (release time, id)) -> ().
	UnbondingsByDelegatorKey = collections.NewPrefix(15)
	// LivenessKey: operator -> Liveness.
	LivenessKey = collections.NewPrefix(16)
	// BenchedKey: (epoch, operator) -> ().
	BenchedKey = collections.NewPrefix(17)
	// BeaconKey: () -> Beacon.
	BeaconKey = collections.NewPrefix(18)
	// VaultKeyFaultsKey: epoch -> ().
	VaultKeyFaultsKey = collections.NewPrefix(19)
)

// BondAddress is the account that holds the bond of one operator. Nobody has a
// key to it. Genesis tools fund it in x/bank with at least the self-bond.
func BondAddress(operator sdk.AccAddress) sdk.AccAddress {
	return address.Module(ModuleName, []byte("bond"), operator)
}

// PoolAddress is the account that holds what is delegated to one operator, and what
// is on its way out.
func PoolAddress(operator sdk.AccAddress) sdk.AccAddress {
	return address.Module(ModuleName, []byte("pool"), operator)
}

// RewardsAddress is the account that holds the unpaid rewards of one operator and of
// its delegators.
func RewardsAddress(operator sdk.AccAddress) sdk.AccAddress {
	return address.Module(ModuleName, []byte("rewards"), operator)
}

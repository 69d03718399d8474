package types

import (
	"encoding/binary"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"
)

const (
	// ModuleName is also the name of the module account that is the treasury.
	ModuleName = "bounty"
	StoreKey   = ModuleName
)

var (
	ParamsPrefix         = collections.NewPrefix(0)  // -> Params
	SchedulePrefix       = collections.NewPrefix(1)  // -> Schedule
	AllocationPrefix     = collections.NewPrefix(2)  // -> Allocation
	LedgerPrefix         = collections.NewPrefix(3)  // -> Ledger
	NextEpochPrefix      = collections.NewPrefix(4)  // -> first epoch that is not settled
	EpochsPrefix         = collections.NewPrefix(5)  // epoch -> EpochRewards
	PointsPrefix         = collections.NewPrefix(6)  // (contributor, epoch) -> Points
	PointsByEpochPrefix  = collections.NewPrefix(7)  // (epoch, contributor) -> nothing
	StandingsPrefix      = collections.NewPrefix(8)  // contributor -> points of all epochs
	WorksPrefix          = collections.NewPrefix(9)  // (epoch, operator) -> OperatorWork
	ClosingsPrefix       = collections.NewPrefix(10) // (unix seconds int64, epoch) -> nothing
	ScoresPrefix         = collections.NewPrefix(11) // sha256 -> Score
	CreditsPrefix        = collections.NewPrefix(12) // (height int64, sha256) -> nothing
	ClustersPrefix       = collections.NewPrefix(13) // cluster -> Cluster
	KeysPrefix           = collections.NewPrefix(14) // (slot uint32, key) -> cluster
	ClusterKeysPrefix    = collections.NewPrefix(15) // (cluster, slot uint32, key) -> nothing
	ClusterMembersPrefix = collections.NewPrefix(16) // (cluster, sha256) -> nothing
	ClusterExpiryPrefix  = collections.NewPrefix(17) // (unix seconds int64, cluster) -> nothing
	SightingsPrefix      = collections.NewPrefix(18) // (sha256, operator) -> nothing
	SightingCountsPrefix = collections.NewPrefix(19) // (epoch, operator) -> sightings uint32
	BountiesPrefix       = collections.NewPrefix(20) // bounty -> Bounty
	StakesPrefix         = collections.NewPrefix(21) // (bounty, funder) -> Stake
	BountyExpiryPrefix   = collections.NewPrefix(22) // (unix seconds int64, bounty) -> nothing
	WantedPrefix         = collections.NewPrefix(23) // wanted bounty -> nothing
	MatchesPrefix        = collections.NewPrefix(24) // (bounty, sha256) -> due height int64, 0 while not certain enough
	ClosedEpochsPrefix   = collections.NewPrefix(25) // epoch whose points are being pruned -> nothing
	BountyPaymentsPrefix = collections.NewPrefix(26) // (due height int64, bounty, sha256) -> nothing
)

// EpochAddress is the account from which the rewards of an epoch are claimed.
func EpochAddress(epoch uint64) sdk.AccAddress {
	return address.Module(ModuleName, []byte("epoch"), binary.BigEndian.AppendUint64(nil, epoch))
}

// EscrowAddress is the account that holds a bounty.
func EscrowAddress(bounty []byte) sdk.AccAddress {
	return address.Module(ModuleName, []byte("escrow"), bounty)
}

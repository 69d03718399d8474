package types

import (
	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"
)

const (
	ModuleName = "verdicts"
	StoreKey   = ModuleName

	// PageSize is how many member hashes one page holds.
	PageSize = 256
)

var (
	ParamsPrefix       = collections.NewPrefix(0)  // -> Params
	EnginesPrefix      = collections.NewPrefix(1)  // (operator, name) -> Engine
	PendingPrefix      = collections.NewPrefix(2)  // (kind uint32, height int64, sha256) -> nothing
	RoundsPrefix       = collections.NewPrefix(3)  // round -> Round
	OpenRoundsPrefix   = collections.NewPrefix(4)  // round -> nothing
	MemberPagesPrefix  = collections.NewPrefix(5)  // (round, page uint32) -> concatenated hashes
	CommitmentsPrefix  = collections.NewPrefix(6)  // (round, operator) -> 32-byte commitment
	AttestationsPrefix = collections.NewPrefix(7)  // (round, operator) -> Attestation
	HistoryPrefix      = collections.NewPrefix(8)  // (sha256, round) -> outcome uint32
	NextRoundPrefix    = collections.NewPrefix(9)  // -> next round number
	PrunePrefix        = collections.NewPrefix(10) // (unix seconds int64, round) -> nothing
	SaltsPrefix        = collections.NewPrefix(11) // (round, operator) -> 32-byte salt of a reveal, until the tally
	StagesPrefix       = collections.NewPrefix(12) // (due unix seconds int64, stage uint32, source round) -> nothing
	ResolutionsPrefix  = collections.NewPrefix(13) // (judging round, source round) -> nothing
	WeightsPrefix      = collections.NewPrefix(14) // epoch -> WeightTable
	RecordsPrefix      = collections.NewPrefix(15) // (operator, engine, epoch) -> TrackRecord
	WindowsPrefix      = collections.NewPrefix(16) // (operator, engine) -> ErrorWindow
	WindowPosPrefix    = collections.NewPrefix(17) // -> position of the next resolved sample
	AppealsPrefix      = collections.NewPrefix(18) // sha256 -> Appeal
	AppealQueuePrefix  = collections.NewPrefix(19) // (status uint32, height or unix seconds int64, sha256) -> nothing
	TruthsPrefix       = collections.NewPrefix(20) // sha256 -> outcome uint32
	AppealRoundsPrefix = collections.NewPrefix(21) // open appeal round -> sha256
)

// AppealAddress is the account that holds the bonds of a sample's appeal.
func AppealAddress(sha256 []byte) sdk.AccAddress {
	return address.Module(ModuleName, []byte("appeal"), sha256)
}

// HistoryKeyCodec encodes the keys of the outcomes by (sha256, round).
var HistoryKeyCodec = collections.PairKeyCodec(collections.BytesKey, collections.Uint64Key)

// RoundStoreKey is the raw store key of a round, for proofs.
func RoundStoreKey(round uint64) ([]byte, error) {
	return collections.EncodeKeyWithPrefix(RoundsPrefix, collections.Uint64Key, round)
}

// HistoryStoreKey is the raw store key of a sample's outcome in a round, for proofs.
func HistoryStoreKey(sha256 []byte, round uint64) ([]byte, error) {
	return collections.EncodeKeyWithPrefix(HistoryPrefix, HistoryKeyCodec, collections.Join(sha256, round))
}

// WeightsStoreKey is the raw store key of an epoch's weights, for proofs.
func WeightsStoreKey(epoch uint64) ([]byte, error) {
	return collections.EncodeKeyWithPrefix(WeightsPrefix, collections.Uint64Key, epoch)
}

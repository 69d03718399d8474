// Package keeper holds the state machine of x/bounty.
package keeper

import (
	"context"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

type (
	// pointsKey is (contributor, epoch).
	pointsKey = collections.Pair[sdk.AccAddress, uint64]
	// workKey is (epoch, operator).
	workKey = collections.Pair[uint64, sdk.AccAddress]
	// creditKey is (height, sha256).
	creditKey = collections.Pair[int64, []byte]
	// similarityKey is (slot, key).
	similarityKey = collections.Pair[uint32, []byte]
	// clusterKey is (cluster, slot, key).
	clusterKey = collections.Triple[[]byte, uint32, []byte]
	// timeKey is (unix seconds, id).
	timeKey = collections.Pair[int64, []byte]
	// hashAddress is (a hash, an account).
	hashAddress = collections.Pair[[]byte, sdk.AccAddress]
	// hashPair is (a hash, another one).
	hashPair = collections.Pair[[]byte, []byte]
	// paymentKey is (due height, bounty, sha256).
	paymentKey = collections.Triple[int64, []byte, []byte]
)

// Keeper holds the treasury's books, the scores of samples and the bounties.
type Keeper struct {
	accounts  types.AccountKeeper
	bank      types.BankKeeper
	samples   types.SamplesKeeper
	verdicts  types.VerdictsKeeper
	supernode types.SupernodeKeeper
	authority string

	Schema     collections.Schema
	Params     collections.Item[types.Params]
	Schedule   collections.Item[types.Schedule]
	Allocation collections.Item[types.Allocation]
	Ledger     collections.Item[types.Ledger]
	// NextEpoch is the first epoch that is not settled.
	NextEpoch     collections.Item[uint64]
	Epochs        collections.Map[uint64, types.EpochRewards]
	Points        collections.Map[pointsKey, types.Points]
	PointsByEpoch collections.KeySet[workKey]
	Standings     collections.Map[sdk.AccAddress, uint64]
	Works         collections.Map[workKey, types.OperatorWork]
	// Closings queues the epochs by when their rewards cannot be claimed any more.
	Closings collections.KeySet[collections.Pair[int64, uint64]]
	// ClosedEpochs are those whose points are being pruned.
	ClosedEpochs collections.KeySet[uint64]

	Scores collections.Map[[]byte, types.Score]
	// Credits queues the samples whose points are to be given.
	Credits        collections.KeySet[creditKey]
	Clusters       collections.Map[[]byte, types.Cluster]
	Keys           collections.Map[similarityKey, []byte]
	ClusterKeys    collections.KeySet[clusterKey]
	ClusterMembers collections.KeySet[hashPair]
	ClusterExpiry  collections.KeySet[timeKey]
	Sightings      collections.KeySet[hashAddress]
	SightingCounts collections.Map[workKey, uint32]

	Bounties     collections.Map[[]byte, types.Bounty]
	Stakes       collections.Map[hashAddress, types.Stake]
	BountyExpiry collections.KeySet[timeKey]
	Wanted       collections.KeySet[[]byte]
	// Matches are (bounty, sha256) with the height from which on they are paid, or 0.
	Matches collections.Map[hashPair, int64]
	// BountyPayments queues the matches that are certain enough.
	BountyPayments collections.KeySet[paymentKey]
}

// NewKeeper builds the keeper; authority is the account that may change the parameters.
func NewKeeper(
	cdc codec.BinaryCodec, storeService store.KVStoreService,
	accounts types.AccountKeeper, bank types.BankKeeper, samples types.SamplesKeeper,
	verdicts types.VerdictsKeeper, supernode types.SupernodeKeeper, authority string,
) *Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	workCodec := collections.PairKeyCodec(collections.Uint64Key, sdk.AccAddressKey)
	timeCodec := collections.PairKeyCodec(collections.Int64Key, collections.BytesKey)
	hashAddressCodec := collections.PairKeyCodec(collections.BytesKey, sdk.AccAddressKey)
	hashPairCodec := collections.PairKeyCodec(collections.BytesKey, collections.BytesKey)
	k := &Keeper{
		accounts: accounts, bank: bank, samples: samples, verdicts: verdicts, supernode: supernode,
		authority: authority,

		Params:        collections.NewItem(sb, types.ParamsPrefix, "params", codec.CollValue[types.Params](cdc)),
		Schedule:      collections.NewItem(sb, types.SchedulePrefix, "schedule", codec.CollValue[types.Schedule](cdc)),
		Allocation:    collections.NewItem(sb, types.AllocationPrefix, "allocation", codec.CollValue[types.Allocation](cdc)),
		Ledger:        collections.NewItem(sb, types.LedgerPrefix, "ledger", codec.CollValue[types.Ledger](cdc)),
		NextEpoch:     collections.NewItem(sb, types.NextEpochPrefix, "next_epoch", collections.Uint64Value),
		Epochs:        collections.NewMap(sb, types.EpochsPrefix, "epochs", collections.Uint64Key, codec.CollValue[types.EpochRewards](cdc)),
		Points:        collections.NewMap(sb, types.PointsPrefix, "points", collections.PairKeyCodec(sdk.AccAddressKey, collections.Uint64Key), codec.CollValue[types.Points](cdc)),
		PointsByEpoch: collections.NewKeySet(sb, types.PointsByEpochPrefix, "points_by_epoch", workCodec),
		Standings:     collections.NewMap(sb, types.StandingsPrefix, "standings", sdk.AccAddressKey, collections.Uint64Value),
		Works:         collections.NewMap(sb, types.WorksPrefix, "works", workCodec, codec.CollValue[types.OperatorWork](cdc)),
		Closings:      collections.NewKeySet(sb, types.ClosingsPrefix, "closings", collections.PairKeyCodec(collections.Int64Key, collections.Uint64Key)),
		ClosedEpochs:  collections.NewKeySet(sb, types.ClosedEpochsPrefix, "closed_epochs", collections.Uint64Key),

		Scores:         collections.NewMap(sb, types.ScoresPrefix, "scores", collections.BytesKey, codec.CollValue[types.Score](cdc)),
		Credits:        collections.NewKeySet(sb, types.CreditsPrefix, "credits", timeCodec),
		Clusters:       collections.NewMap(sb, types.ClustersPrefix, "clusters", collections.BytesKey, codec.CollValue[types.Cluster](cdc)),
		Keys:           collections.NewMap(sb, types.KeysPrefix, "keys", collections.PairKeyCodec(collections.Uint32Key, collections.BytesKey), collections.BytesValue),
		ClusterKeys:    collections.NewKeySet(sb, types.ClusterKeysPrefix, "cluster_keys", collections.TripleKeyCodec(collections.BytesKey, collections.Uint32Key, collections.BytesKey)),
		ClusterMembers: collections.NewKeySet(sb, types.ClusterMembersPrefix, "cluster_members", hashPairCodec),
		ClusterExpiry:  collections.NewKeySet(sb, types.ClusterExpiryPrefix, "cluster_expiry", timeCodec),
		Sightings:      collections.NewKeySet(sb, types.SightingsPrefix, "sightings", hashAddressCodec),
		SightingCounts: collections.NewMap(sb, types.SightingCountsPrefix, "sighting_counts", workCodec, collections.Uint32Value),

		Bounties:       collections.NewMap(sb, types.BountiesPrefix, "bounties", collections.BytesKey, codec.CollValue[types.Bounty](cdc)),
		Stakes:         collections.NewMap(sb, types.StakesPrefix, "stakes", hashAddressCodec, codec.CollValue[types.Stake](cdc)),
		BountyExpiry:   collections.NewKeySet(sb, types.BountyExpiryPrefix, "bounty_expiry", timeCodec),
		Wanted:         collections.NewKeySet(sb, types.WantedPrefix, "wanted", collections.BytesKey),
		Matches:        collections.NewMap(sb, types.MatchesPrefix, "matches", hashPairCodec, collections.Int64Value),
		BountyPayments: collections.NewKeySet(sb, types.BountyPaymentsPrefix, "bounty_payments", collections.TripleKeyCodec(collections.Int64Key, collections.BytesKey, collections.BytesKey)),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}

// treasury is the module account from which contributions are paid.
func (k *Keeper) treasury() sdk.AccAddress { return k.accounts.GetModuleAddress(types.ModuleName) }

func emit(ctx context.Context, event proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

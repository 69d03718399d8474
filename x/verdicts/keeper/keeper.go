package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

type (
	engineKey  = collections.Pair[sdk.AccAddress, string]
	pendingKey = collections.Triple[uint32, int64, []byte]
	pageKey    = collections.Pair[uint64, uint32]
	seatKey    = collections.Pair[uint64, sdk.AccAddress]
	historyKey = collections.Pair[[]byte, uint64]
	pruneKey   = collections.Pair[int64, uint64]
	stageKey   = collections.Triple[int64, uint32, uint64]
	recordKey  = collections.Triple[sdk.AccAddress, string, uint64]
	appealKey  = collections.Triple[uint32, int64, []byte]
)

// Keeper holds the rounds and what was attested in them.
type Keeper struct {
	bank         types.BankKeeper
	distribution types.DistributionKeeper
	samples      types.SamplesKeeper
	supernode    types.SupernodeKeeper
	authority    string
	hooks        types.VerdictsHooks

	Schema       collections.Schema
	Params       collections.Item[types.Params]
	Engines      collections.Map[engineKey, types.Engine]
	Pending      collections.KeySet[pendingKey]
	NextRound    collections.Item[uint64]
	Rounds       collections.Map[uint64, types.Round]
	OpenRounds   collections.KeySet[uint64]
	MemberPages  collections.Map[pageKey, []byte]
	Commitments  collections.Map[seatKey, []byte]
	Attestations collections.Map[seatKey, types.Attestation]
	History      collections.Map[historyKey, uint32]
	Prune        collections.KeySet[pruneKey]
	Salts        collections.Map[seatKey, []byte]

	// Stages queues the initial rounds that are to be judged again.
	Stages collections.KeySet[stageKey]
	// Resolutions queues the judged stages that are to be accounted for.
	Resolutions    collections.KeySet[collections.Pair[uint64, uint64]]
	Weights        collections.Map[uint64, types.WeightTable]
	Records        collections.Map[recordKey, types.TrackRecord]
	Windows        collections.Map[engineKey, types.ErrorWindow]
	WindowPosition collections.Item[uint64]

	Appeals      collections.Map[[]byte, types.Appeal]
	AppealQueue  collections.KeySet[appealKey]
	AppealRounds collections.Map[uint64, []byte]
	Truths       collections.Map[[]byte, uint32]
}

// NewKeeper returns the keeper; authority may change the parameters.
func NewKeeper(
	cdc codec.BinaryCodec, storeService store.KVStoreService,
	bank types.BankKeeper, distribution types.DistributionKeeper,
	samples types.SamplesKeeper, supernode types.SupernodeKeeper, authority string,
) *Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	seatCodec := collections.PairKeyCodec(collections.Uint64Key, sdk.AccAddressKey)
	k := &Keeper{
		bank:         bank,
		distribution: distribution,
		samples:      samples,
		supernode:    supernode,
		authority:    authority,
		Params:       collections.NewItem(sb, types.ParamsPrefix, "params", codec.CollValue[types.Params](cdc)),
		Engines:      collections.NewMap(sb, types.EnginesPrefix, "engines", collections.PairKeyCodec(sdk.AccAddressKey, collections.StringKey), codec.CollValue[types.Engine](cdc)),
		Pending:      collections.NewKeySet(sb, types.PendingPrefix, "pending", collections.TripleKeyCodec(collections.Uint32Key, collections.Int64Key, collections.BytesKey)),
		NextRound:    collections.NewItem(sb, types.NextRoundPrefix, "next_round", collections.Uint64Value),
		Rounds:       collections.NewMap(sb, types.RoundsPrefix, "rounds", collections.Uint64Key, codec.CollValue[types.Round](cdc)),
		OpenRounds:   collections.NewKeySet(sb, types.OpenRoundsPrefix, "open_rounds", collections.Uint64Key),
		MemberPages:  collections.NewMap(sb, types.MemberPagesPrefix, "member_pages", collections.PairKeyCodec(collections.Uint64Key, collections.Uint32Key), collections.BytesValue),
		Commitments:  collections.NewMap(sb, types.CommitmentsPrefix, "commitments", seatCodec, collections.BytesValue),
		Attestations: collections.NewMap(sb, types.AttestationsPrefix, "attestations", seatCodec, codec.CollValue[types.Attestation](cdc)),
		History:      collections.NewMap(sb, types.HistoryPrefix, "history", types.HistoryKeyCodec, collections.Uint32Value),
		Prune:        collections.NewKeySet(sb, types.PrunePrefix, "prune", collections.PairKeyCodec(collections.Int64Key, collections.Uint64Key)),
		Salts:        collections.NewMap(sb, types.SaltsPrefix, "salts", seatCodec, collections.BytesValue),

		Stages:         collections.NewKeySet(sb, types.StagesPrefix, "stages", collections.TripleKeyCodec(collections.Int64Key, collections.Uint32Key, collections.Uint64Key)),
		Resolutions:    collections.NewKeySet(sb, types.ResolutionsPrefix, "resolutions", collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key)),
		Weights:        collections.NewMap(sb, types.WeightsPrefix, "weights", collections.Uint64Key, codec.CollValue[types.WeightTable](cdc)),
		Records:        collections.NewMap(sb, types.RecordsPrefix, "records", collections.TripleKeyCodec(sdk.AccAddressKey, collections.StringKey, collections.Uint64Key), codec.CollValue[types.TrackRecord](cdc)),
		Windows:        collections.NewMap(sb, types.WindowsPrefix, "windows", collections.PairKeyCodec(sdk.AccAddressKey, collections.StringKey), codec.CollValue[types.ErrorWindow](cdc)),
		WindowPosition: collections.NewItem(sb, types.WindowPosPrefix, "window_position", collections.Uint64Value),

		Appeals:      collections.NewMap(sb, types.AppealsPrefix, "appeals", collections.BytesKey, codec.CollValue[types.Appeal](cdc)),
		AppealQueue:  collections.NewKeySet(sb, types.AppealQueuePrefix, "appeal_queue", collections.TripleKeyCodec(collections.Uint32Key, collections.Int64Key, collections.BytesKey)),
		AppealRounds: collections.NewMap(sb, types.AppealRoundsPrefix, "appeal_rounds", collections.Uint64Key, collections.BytesValue),
		Truths:       collections.NewMap(sb, types.TruthsPrefix, "truths", collections.BytesKey, collections.Uint32Value),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}

// round returns a round or ErrRoundNotFound.
func (k *Keeper) round(ctx context.Context, number uint64) (types.Round, error) {
	round, err := k.Rounds.Get(ctx, number)
	if err != nil {
		return types.Round{}, types.ErrRoundNotFound.Wrapf("round %d: %s", number, err)
	}
	return round, nil
}

// openRounds returns the numbers of the unfinished rounds; max_open_rounds bounds them.
func (k *Keeper) openRounds(ctx context.Context) ([]uint64, error) {
	iterator, err := k.OpenRounds.Iterate(ctx, nil)
	if err != nil {
		return nil, err
	}
	return iterator.Keys()
}

// members returns the member hashes of a round in ascending order.
func (k *Keeper) members(ctx context.Context, round uint64) ([][]byte, error) {
	var hashes [][]byte
	err := k.MemberPages.Walk(ctx, collections.NewPrefixedPairRange[uint64, uint32](round), func(_ pageKey, page []byte) (bool, error) {
		for ; len(page) >= 32; page = page[32:] {
			hashes = append(hashes, page[:32:32])
		}
		return false, nil
	})
	return hashes, err
}

// count returns how many operators have an entry of a round in a collection.
func count[V any](ctx context.Context, entries collections.Map[seatKey, V], round uint64) (uint32, error) {
	iterator, err := entries.Iterate(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](round))
	if err != nil {
		return 0, err
	}
	keys, err := iterator.Keys()
	return uint32(len(keys)), err
}

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// Keeper holds the register of samples.
type Keeper struct {
	bank         types.BankKeeper
	distribution types.DistributionKeeper
	supernode    types.SupernodeKeeper
	hooks        types.SamplesHooks
	storageHooks types.StorageHooks
	authority    string

	Schema        collections.Schema
	Params        collections.Item[types.Params]
	Samples       collections.Map[[]byte, types.Sample]
	ByCID         collections.LookupMap[[]byte, []byte]
	ByContributor collections.KeySet[collections.Pair[sdk.AccAddress, []byte]]
	Expiry        collections.KeySet[collections.Pair[int64, []byte]]
	Claims        collections.Map[[]byte, int64]
	ClaimExpiry   collections.KeySet[collections.Pair[int64, []byte]]
	Challenges    collections.Map[challengeKey, types.Challenge]
	Deadlines     collections.KeySet[collections.Pair[int64, challengeKey]]
	Draws         collections.KeySet[collections.Pair[uint64, sdk.AccAddress]]
	// Stored is the size of all ciphertexts that must be stored, in bytes.
	Stored collections.Item[uint64]
}

// challengeKey is (operator, epoch, index).
type challengeKey = collections.Triple[sdk.AccAddress, uint64, uint32]

var challengeKeyCodec = collections.TripleKeyCodec(sdk.AccAddressKey, collections.Uint64Key, collections.Uint32Key)

// NewKeeper makes a keeper; authority is the address that may take samples down and
// change the parameters, unless the consensus parameters name another.
func NewKeeper(
	cdc codec.BinaryCodec,
	storeService store.KVStoreService,
	bank types.BankKeeper,
	distribution types.DistributionKeeper,
	supernode types.SupernodeKeeper,
	authority string,
) *Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	timeQueue := collections.PairKeyCodec(collections.Int64Key, collections.BytesKey)
	k := &Keeper{
		bank:          bank,
		distribution:  distribution,
		supernode:     supernode,
		authority:     authority,
		Params:        collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		Samples:       collections.NewMap(sb, types.SamplesPrefix, "samples", collections.BytesKey, codec.CollValue[types.Sample](cdc)),
		ByCID:         collections.NewLookupMap(sb, types.ByCIDPrefix, "by_cid", collections.BytesKey, collections.BytesValue),
		ByContributor: collections.NewKeySet(sb, types.ByContributorPrefix, "by_contributor", collections.PairKeyCodec(sdk.AccAddressKey, collections.BytesKey)),
		Expiry:        collections.NewKeySet(sb, types.ExpiryPrefix, "expiry", timeQueue),
		Claims:        collections.NewMap(sb, types.ClaimsPrefix, "claims", collections.BytesKey, collections.Int64Value),
		ClaimExpiry:   collections.NewKeySet(sb, types.ClaimExpiryPrefix, "claim_expiry", timeQueue),
		Challenges:    collections.NewMap(sb, types.ChallengesPrefix, "challenges", challengeKeyCodec, codec.CollValue[types.Challenge](cdc)),
		Deadlines:     collections.NewKeySet(sb, types.DeadlinesPrefix, "deadlines", collections.PairKeyCodec(collections.Int64Key, challengeKeyCodec)),
		Draws:         collections.NewKeySet(sb, types.DrawsPrefix, "draws", collections.PairKeyCodec(collections.Uint64Key, sdk.AccAddressKey)),
		Stored:        collections.NewItem(sb, types.StoredBytesPrefix, "stored_bytes", collections.Uint64Value),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}

// Get returns the record of a content, or ErrNotFound.
func (k *Keeper) Get(ctx context.Context, sha256 []byte) (types.Sample, error) {
	sample, err := k.Samples.Get(ctx, sha256)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Sample{}, types.ErrNotFound.Wrapf("sha256 %x", sha256)
	}
	return sample, err
}

// insert writes a new record of the contributor with its index entries.
func (k *Keeper) insert(ctx context.Context, sha256 []byte, contributor sdk.AccAddress, sample types.Sample) error {
	if err := k.Samples.Set(ctx, sha256, sample); err != nil {
		return err
	}
	if err := k.ByCID.Set(ctx, sample.Sealing.Cid, sha256); err != nil {
		return err
	}
	if err := k.ByContributor.Set(ctx, collections.Join(contributor, sha256)); err != nil {
		return err
	}
	if err := k.countStored(ctx, types.Sample{}, sample); err != nil {
		return err
	}
	return k.Expiry.Set(ctx, collections.Join(sample.ExpiryTime, sha256))
}

// remove drops a record with its index entries.
func (k *Keeper) remove(ctx context.Context, sha256 []byte, sample types.Sample) error {
	contributor, err := sdk.AccAddressFromBech32(sample.Contributor)
	if err != nil {
		return err
	}
	if err := k.Samples.Remove(ctx, sha256); err != nil {
		return err
	}
	if err := k.countStored(ctx, sample, types.Sample{}); err != nil {
		return err
	}
	if err := k.ByCID.Remove(ctx, sample.Sealing.Cid); err != nil {
		return err
	}
	if err := k.ByContributor.Remove(ctx, collections.Join(contributor, sha256)); err != nil {
		return err
	}
	return k.Expiry.Remove(ctx, collections.Join(sample.ExpiryTime, sha256))
}

// prolong gives a record, which the caller writes, a full time to live from now.
func (k *Keeper) prolong(ctx context.Context, sha256 []byte, sample *types.Sample, params types.Params) error {
	if err := k.Expiry.Remove(ctx, collections.Join(sample.ExpiryTime, sha256)); err != nil {
		return err
	}
	sample.ExpiryTime = expiryTime(ctx, params)
	return k.Expiry.Set(ctx, collections.Join(sample.ExpiryTime, sha256))
}

// expiryTime is when a record that is touched now may be dropped, in unix seconds.
func expiryTime(ctx context.Context, params types.Params) int64 {
	return sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(params.TtlSeconds)
}

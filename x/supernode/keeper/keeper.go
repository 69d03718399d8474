package keeper

import (
	"context"
	"errors"
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/collections"
	"cosmossdk.io/collections/indexes"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// Keeper holds the register of supernodes, the seats of each epoch and the vault keys.
type Keeper struct {
	bank      types.BankKeeper
	authority string
	hooks     types.SupernodeHooks

	Schema     collections.Schema
	Params     collections.Item[types.Params]
	Supernodes *collections.IndexedMap[sdk.AccAddress, types.Supernode, SupernodeIndexes]
	// Candidates holds the stake of everyone who can be seated.
	Candidates *collections.IndexedMap[sdk.AccAddress, uint64, CandidateIndexes]
	// Releases queues the bonds of the retired by time of payment.
	Releases   collections.KeySet[collections.Pair[int64, sdk.AccAddress]]
	Current    collections.Item[uint64]
	Epochs     collections.Map[uint64, types.Epoch]
	SeatTable  collections.Map[collections.Pair[uint64, sdk.AccAddress], types.Seat]
	VaultKeys  collections.Map[uint64, types.VaultKey]
	SealedKeys collections.Map[collections.Pair[uint64, sdk.AccAddress], types.SealedKey]

	Pools       collections.Map[sdk.AccAddress, types.Pool]
	Delegations *collections.IndexedMap[delegationKey, types.Delegation, DelegationIndexes]
	// Unbondings queues what leaves the pools by time of release.
	Unbondings *collections.IndexedMap[unbondingKey, types.Unbonding, UnbondingIndexes]
	Liveness   collections.Map[sdk.AccAddress, types.Liveness]
	// Benched are the seated operators that were jailed in the epoch.
	Benched collections.KeySet[collections.Pair[uint64, sdk.AccAddress]]
	Beacon  collections.Item[types.Beacon]
	// VaultKeyFaults are the epochs whose maker was slashed for its vault key.
	VaultKeyFaults collections.KeySet[uint64]
}

type (
	// delegationKey is (operator, delegator).
	delegationKey = collections.Pair[sdk.AccAddress, sdk.AccAddress]
	// unbondingKey is (release time, id).
	unbondingKey = collections.Pair[int64, []byte]
)

// DelegationIndexes finds the delegations of a delegator.
type DelegationIndexes struct {
	Delegator *indexes.ReversePair[sdk.AccAddress, sdk.AccAddress, types.Delegation]
}

// UnbondingIndexes finds the unbondings of a delegator.
type UnbondingIndexes struct {
	Delegator *indexes.Multi[sdk.AccAddress, unbondingKey, types.Unbonding]
}

// SupernodeIndexes finds the operator of a sidecar.
type SupernodeIndexes struct {
	Sidecar *indexes.Unique[sdk.AccAddress, sdk.AccAddress, types.Supernode]
}

// CandidateIndexes orders the candidates. Stakes are indexed by their complement,
// so that one walk forward gives the largest stake first and, among equal
// stakes, the smallest operator.
type CandidateIndexes struct {
	Stake *indexes.Multi[uint64, sdk.AccAddress, uint64]
}

// NewKeeper builds the keeper; authority is the account that may change the parameters.
func NewKeeper(cdc codec.BinaryCodec, storeService store.KVStoreService, bank types.BankKeeper, authority string) *Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	epochAndOperator := collections.PairKeyCodec(collections.Uint64Key, sdk.AccAddressKey)
	k := &Keeper{
		bank:      bank,
		authority: authority,

		Params:     collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		Supernodes: collections.NewIndexedMap(sb, types.SupernodesKey, "supernodes", sdk.AccAddressKey, codec.CollValue[types.Supernode](cdc), newSupernodeIndexes(sb)),
		Candidates: collections.NewIndexedMap(sb, types.CandidatesKey, "candidates", sdk.AccAddressKey, collections.Uint64Value, newCandidateIndexes(sb)),
		Releases:   collections.NewKeySet(sb, types.ReleasesKey, "releases", collections.PairKeyCodec(collections.Int64Key, sdk.AccAddressKey)),
		Current:    collections.NewItem(sb, types.CurrentKey, "current", collections.Uint64Value),
		Epochs:     collections.NewMap(sb, types.EpochsKey, "epochs", collections.Uint64Key, codec.CollValue[types.Epoch](cdc)),
		SeatTable:  collections.NewMap(sb, types.SeatsKey, "seats", epochAndOperator, codec.CollValue[types.Seat](cdc)),
		VaultKeys:  collections.NewMap(sb, types.VaultKeysKey, "vault_keys", collections.Uint64Key, codec.CollValue[types.VaultKey](cdc)),
		SealedKeys: collections.NewMap(sb, types.SealedKeysKey, "sealed_keys", epochAndOperator, codec.CollValue[types.SealedKey](cdc)),

		Pools:          collections.NewMap(sb, types.PoolsKey, "pools", sdk.AccAddressKey, codec.CollValue[types.Pool](cdc)),
		Delegations:    collections.NewIndexedMap(sb, types.DelegationsKey, "delegations", delegationKeyCodec, codec.CollValue[types.Delegation](cdc), newDelegationIndexes(sb)),
		Unbondings:     collections.NewIndexedMap(sb, types.UnbondingsKey, "unbondings", unbondingKeyCodec, codec.CollValue[types.Unbonding](cdc), newUnbondingIndexes(sb)),
		Liveness:       collections.NewMap(sb, types.LivenessKey, "liveness", sdk.AccAddressKey, codec.CollValue[types.Liveness](cdc)),
		Benched:        collections.NewKeySet(sb, types.BenchedKey, "benched", epochAndOperator),
		Beacon:         collections.NewItem(sb, types.BeaconKey, "beacon", codec.CollValue[types.Beacon](cdc)),
		VaultKeyFaults: collections.NewKeySet(sb, types.VaultKeyFaultsKey, "vault_key_faults", collections.Uint64Key),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}

func newSupernodeIndexes(sb *collections.SchemaBuilder) SupernodeIndexes {
	return SupernodeIndexes{
		Sidecar: indexes.NewUnique(sb, types.SidecarsKey, "sidecars", sdk.AccAddressKey, sdk.AccAddressKey,
			func(_ sdk.AccAddress, supernode types.Supernode) (sdk.AccAddress, error) {
				return types.ParseAddress("sidecar", supernode.Profile.Sidecar)
			}),
	}
}

func newCandidateIndexes(sb *collections.SchemaBuilder) CandidateIndexes {
	return CandidateIndexes{
		Stake: indexes.NewMulti(sb, types.CandidatesByStakeKey, "candidates_by_stake", collections.Uint64Key, sdk.AccAddressKey,
			func(_ sdk.AccAddress, stake uint64) (uint64, error) { return types.MaxStake - stake, nil }),
	}
}

var (
	delegationKeyCodec = collections.PairKeyCodec(sdk.AccAddressKey, sdk.AccAddressKey)
	unbondingKeyCodec  = collections.PairKeyCodec(collections.Int64Key, collections.BytesKey)
)

func newDelegationIndexes(sb *collections.SchemaBuilder) DelegationIndexes {
	return DelegationIndexes{
		Delegator: indexes.NewReversePair[types.Delegation](sb, types.DelegationsByDelegatorKey, "delegations_by_delegator", delegationKeyCodec),
	}
}

func newUnbondingIndexes(sb *collections.SchemaBuilder) UnbondingIndexes {
	return UnbondingIndexes{
		Delegator: indexes.NewMulti(sb, types.UnbondingsByDelegatorKey, "unbondings_by_delegator", sdk.AccAddressKey, unbondingKeyCodec,
			func(_ unbondingKey, unbonding types.Unbonding) (sdk.AccAddress, error) {
				return types.ParseAddress("delegator", unbonding.Delegator)
			}),
	}
}

// SetHooks sets the listeners, once, while the app is being wired.
func (k *Keeper) SetHooks(hooks types.SupernodeHooks) {
	if k.hooks != nil {
		panic("supernode: hooks are set already")
	}
	k.hooks = hooks
}

// Supernode returns the registration of an operator, or ErrNotFound.
func (k *Keeper) Supernode(ctx context.Context, operator sdk.AccAddress) (types.Supernode, error) {
	supernode, err := k.Supernodes.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Supernode{}, types.ErrNotFound.Wrapf("supernode of operator %s", operator)
	}
	return supernode, err
}

// SidecarOf returns the account that signs for an operator, or ErrNotFound.
func (k *Keeper) SidecarOf(ctx context.Context, operator sdk.AccAddress) (sdk.AccAddress, error) {
	supernode, err := k.Supernode(ctx, operator)
	if err != nil {
		return nil, err
	}
	return types.ParseAddress("sidecar", supernode.Profile.Sidecar)
}

// OperatorOf returns the operator whose sidecar an account is, nil when it is nobody's.
func (k *Keeper) OperatorOf(ctx context.Context, sidecar sdk.AccAddress) (sdk.AccAddress, error) {
	operator, err := k.Supernodes.Indexes.Sidecar.MatchExact(ctx, sidecar)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	return operator, err
}

// CurrentEpoch returns the newest epoch; its number is 0 before the first.
func (k *Keeper) CurrentEpoch(ctx context.Context) (types.Epoch, error) {
	number, err := k.Current.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Epoch{}, nil
	}
	if err != nil {
		return types.Epoch{}, err
	}
	epoch, err := k.Epochs.Get(ctx, number)
	if err != nil {
		return types.Epoch{}, fmt.Errorf("current epoch %d: %w", number, err)
	}
	return epoch, nil
}

// HasVaultKey tells whether the vault key of an epoch is published.
func (k *Keeper) HasVaultKey(ctx context.Context, epoch uint64) (bool, error) {
	return k.VaultKeys.Has(ctx, epoch)
}

func emit(ctx context.Context, event proto.Message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

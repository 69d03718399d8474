package keeper

import (
	"context"
	"crypto/sha256"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// LivenessMatches: each record belongs to a registration, and its count is that of its ring.
func (k *Keeper) LivenessMatches(ctx context.Context) error {
	return k.Liveness.Walk(ctx, nil, func(operator sdk.AccAddress, liveness types.Liveness) (bool, error) {
		owner, err := liveness.Validate("liveness")
		if err != nil {
			return true, types.ErrInvariant.Wrapf("liveness of %s: %v", operator, err)
		}
		registered, err := k.Supernodes.Has(ctx, operator)
		if err != nil {
			return true, err
		}
		if !registered || !owner.Equals(operator) {
			return true, types.ErrInvariant.Wrapf("liveness of %s at %s, registered: %t", owner, operator, registered)
		}
		return false, nil
	})
}

// JailMatches: exactly the jailed have a time from which on they may unjail, and none of them
// is a candidate.
func (k *Keeper) JailMatches(ctx context.Context) error {
	return k.Supernodes.Walk(ctx, nil, func(operator sdk.AccAddress, supernode types.Supernode) (bool, error) {
		jailed := supernode.Status == types.STATUS_JAILED
		stands, err := k.Candidates.Has(ctx, operator)
		if err != nil {
			return true, err
		}
		if jailed != (supernode.JailedUntil > 0) || jailed && stands {
			return true, types.ErrInvariant.Wrapf("operator %s is %s until %d, candidate: %t", operator, supernode.Status, supernode.JailedUntil, stands)
		}
		return false, nil
	})
}

// BenchedSeated: each benched operator has its seat, and somebody is left in each epoch.
func (k *Keeper) BenchedSeated(ctx context.Context) error {
	err := k.Benched.Walk(ctx, nil, func(key collections.Pair[uint64, sdk.AccAddress]) (bool, error) {
		seated, err := k.SeatTable.Has(ctx, key)
		if err != nil {
			return true, err
		}
		if !seated {
			return true, types.ErrInvariant.Wrapf("benched %s has no seat in epoch %d", key.K2(), key.K1())
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Epochs.Walk(ctx, nil, func(number uint64, epoch types.Epoch) (bool, error) {
		attesters, err := k.Attesters(ctx, number)
		if err != nil {
			return true, err
		}
		if epoch.Seats > 0 && len(attesters) == 0 {
			return true, types.ErrInvariant.Wrapf("all %d seats of epoch %d are benched", epoch.Seats, number)
		}
		return false, nil
	})
}

// VaultKeyFaultsMatch: a maker is at fault for published keys alone, and each sealed key has the
// whole hash of a recipient or none.
func (k *Keeper) VaultKeyFaultsMatch(ctx context.Context) error {
	err := k.VaultKeyFaults.Walk(ctx, nil, func(epoch uint64) (bool, error) {
		published, err := k.HasVaultKey(ctx, epoch)
		if err != nil {
			return true, err
		}
		if !published {
			return true, types.ErrInvariant.Wrapf("fault of epoch %d without a vault key", epoch)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.SealedKeys.Walk(ctx, nil, func(id collections.Pair[uint64, sdk.AccAddress], key types.SealedKey) (bool, error) {
		if size := len(key.RecipientHash); size != 0 && size != sha256.Size {
			return true, types.ErrInvariant.Wrapf("sealed key of epoch %d for %s has a recipient_hash of %d bytes", id.K1(), id.K2(), size)
		}
		return false, nil
	})
}

// BeaconWhole: the beacon has 32 bytes, hidden up to a height.
func (k *Keeper) BeaconWhole(ctx context.Context) error {
	beacon, err := k.Randomness(ctx)
	if err != nil {
		return err
	}
	if len(beacon.Value) != sha256.Size || beacon.HiddenHeight < 0 {
		return types.ErrInvariant.Wrapf("beacon has %d bytes and hidden_height %d", len(beacon.Value), beacon.HiddenHeight)
	}
	return nil
}

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// AllInvariants returns ErrInvariant for everything in which the state contradicts
// itself. It scans the whole state: for tests, simulation and debugging.
func (k *Keeper) AllInvariants(ctx context.Context) error {
	return errors.Join(
		k.BondsBacked(ctx),
		k.CandidatesMatch(ctx),
		k.ReleasesMatch(ctx),
		k.SidecarsMatch(ctx),
		k.SeatsRanked(ctx),
		k.SealedKeysOpen(ctx),
		k.PoolsBacked(ctx),
		k.DelegationsMatch(ctx),
		k.LivenessMatches(ctx),
		k.JailMatches(ctx),
		k.BenchedSeated(ctx),
		k.VaultKeyFaultsMatch(ctx),
		k.BeaconWhole(ctx),
	)
}

// BondsBacked: each bond account holds at least the recorded self-bond.
func (k *Keeper) BondsBacked(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	return k.Supernodes.Walk(ctx, nil, func(operator sdk.AccAddress, supernode types.Supernode) (bool, error) {
		held := k.bank.GetBalance(ctx, types.BondAddress(operator), params.MinSelfBond.Denom)
		if bond := params.Bond(supernode.SelfBond); held.IsLT(bond) {
			return true, types.ErrInvariant.Wrapf("bond account %s of operator %s holds %s, want %s", types.BondAddress(operator), operator, held, bond)
		}
		return false, nil
	})
}

// CandidatesMatch: the candidates are exactly the registrations that are neither
// retired nor jailed, each once in the order, at its stake.
func (k *Keeper) CandidatesMatch(ctx context.Context) error {
	standing, err := k.count(ctx, types.STATUS_CANDIDATE)
	if err != nil {
		return err
	}
	entries := 0
	err = k.Candidates.Indexes.Stake.Walk(ctx, nil, func(complement uint64, operator sdk.AccAddress) (bool, error) {
		entries++
		supernode, err := k.Supernode(ctx, operator)
		if err != nil {
			return true, err
		}
		stake, err := k.stake(ctx, operator)
		if err != nil {
			return true, err
		}
		entered, err := k.Candidates.Get(ctx, operator)
		if err != nil {
			return true, err
		}
		if supernode.Status != types.STATUS_CANDIDATE || stake.Uint64() != entered || types.MaxStake-complement != entered {
			return true, types.ErrInvariant.Wrapf("candidate %s is %s with stake %s, entered with %d at %d", operator, supernode.Status, stake, entered, complement)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if entries != standing {
		return types.ErrInvariant.Wrapf("%d entries for %d candidates", entries, standing)
	}
	return nil
}

// ReleasesMatch: the queue holds exactly the retired, each at its release time.
func (k *Keeper) ReleasesMatch(ctx context.Context) error {
	retired, err := k.count(ctx, types.STATUS_RETIRED)
	if err != nil {
		return err
	}
	entries := 0
	err = k.Releases.Walk(ctx, nil, func(key collections.Pair[int64, sdk.AccAddress]) (bool, error) {
		entries++
		supernode, err := k.Supernode(ctx, key.K2())
		if err != nil {
			return true, err
		}
		if supernode.Status != types.STATUS_RETIRED || supernode.ReleaseTime != key.K1() {
			return true, types.ErrInvariant.Wrapf("release of %s at %d, registration is %s with %d", key.K2(), key.K1(), supernode.Status, supernode.ReleaseTime)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if entries != retired {
		return types.ErrInvariant.Wrapf("%d releases for %d retired", entries, retired)
	}
	return nil
}

// SidecarsMatch: each registration is found by its sidecar, and nothing else is.
func (k *Keeper) SidecarsMatch(ctx context.Context) error {
	entries, registrations := 0, 0
	err := k.Supernodes.Indexes.Sidecar.Walk(ctx, nil, func(sdk.AccAddress, sdk.AccAddress) (bool, error) {
		entries++
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Supernodes.Walk(ctx, nil, func(operator sdk.AccAddress, supernode types.Supernode) (bool, error) {
		registrations++
		sidecar, err := types.ParseAddress("sidecar", supernode.Profile.Sidecar)
		if err != nil {
			return true, err
		}
		owner, err := k.Supernodes.Indexes.Sidecar.MatchExact(ctx, sidecar)
		if err != nil {
			return true, err
		}
		if !owner.Equals(operator) || supernode.Operator != operator.String() {
			return true, types.ErrInvariant.Wrapf("sidecar %s of operator %s leads to %s", sidecar, operator, owner)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if entries != registrations {
		return types.ErrInvariant.Wrapf("%d sidecars for %d registrations", entries, registrations)
	}
	return nil
}

// SeatsRanked: each epoch has its whole table in rank order, no seat is left
// without its epoch, and the current epoch is the newest.
func (k *Keeper) SeatsRanked(ctx context.Context) error {
	seats, newest := uint64(0), uint64(0)
	err := k.Epochs.Walk(ctx, nil, func(number uint64, epoch types.Epoch) (bool, error) {
		newest = number
		table, err := k.Seats(ctx, number)
		if err != nil {
			return true, err
		}
		seats += uint64(len(table))
		if err := epoch.ValidateSeats(table); err != nil {
			return true, types.ErrInvariant.Wrap(err.Error())
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	rows, err := values(ctx, k.SeatTable)
	if err != nil {
		return err
	}
	if uint64(len(rows)) != seats {
		return types.ErrInvariant.Wrapf("%d rows for %d seats", len(rows), seats)
	}
	current, err := k.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	if current.Number != newest {
		return types.ErrInvariant.Wrapf("current epoch is %d, the newest is %d", current.Number, newest)
	}
	return nil
}

// SealedKeysOpen: each sealed key belongs to a published vault key, and none of
// these to an epoch that has not begun.
func (k *Keeper) SealedKeysOpen(ctx context.Context) error {
	current, err := k.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	err = k.VaultKeys.Walk(ctx, nil, func(epoch uint64, key types.VaultKey) (bool, error) {
		if epoch > current.Number || key.Epoch != epoch {
			return true, types.ErrInvariant.Wrapf("vault key of epoch %d at %d in epoch %d", key.Epoch, epoch, current.Number)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.SealedKeys.Walk(ctx, nil, func(id collections.Pair[uint64, sdk.AccAddress], key types.SealedKey) (bool, error) {
		published, err := k.HasVaultKey(ctx, id.K1())
		if err != nil {
			return true, err
		}
		if !published || key.Epoch != id.K1() || key.Operator != id.K2().String() {
			return true, types.ErrInvariant.Wrapf("sealed key of epoch %d for %s at epoch %d for %s", key.Epoch, key.Operator, id.K1(), id.K2())
		}
		return false, nil
	})
}

func (k *Keeper) count(ctx context.Context, status types.Status) (int, error) {
	count := 0
	err := k.Supernodes.Walk(ctx, nil, func(_ sdk.AccAddress, supernode types.Supernode) (bool, error) {
		if supernode.Status == status {
			count++
		}
		return false, nil
	})
	return count, err
}

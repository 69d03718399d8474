package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// RecordRound records how a seated operator performed in a round of an epoch. It reads and
// writes the operator's own records alone, and says nothing about who is not registered.
func (k *Keeper) RecordRound(ctx context.Context, epoch uint64, operator sdk.AccAddress, duty types.Duty) error {
	return k.record(ctx, epoch, operator, duty.Name(), duty != types.DutyDone,
		func(params types.Params, liveness *types.Liveness) (faults []types.Fault) {
			switch duty {
			case types.DutyDone:
				liveness.Attested++
				liveness.AttestedHeight = sdk.UnwrapSDKContext(ctx).BlockHeight()
			case types.DutyUnrevealed:
				liveness.Unrevealed++
				if liveness.Unrevealed > params.UnrevealedTolerance {
					faults = append(faults, types.FAULT_UNREVEALED)
				}
			}
			return faults
		})
}

// AfterStorageChallenge records a storage challenge of an epoch that was answered or missed.
// Who is away misses a duty; who attests at or after the middle of the window, a height,
// was there long enough to answer.
func (k *Keeper) AfterStorageChallenge(ctx context.Context, epoch uint64, operator sdk.AccAddress, proved bool, middle int64) error {
	return k.record(ctx, epoch, operator, types.DutyNameStorage, !proved,
		func(_ types.Params, liveness *types.Liveness) []types.Fault {
			switch {
			case proved:
				liveness.StorageProved++
			case liveness.AttestedHeight >= middle:
				liveness.StorageMissed++
			}
			return nil
		})
}

// missVaultKey records that an operator let the time pass in which it had to publish the
// vault key of an epoch.
func (k *Keeper) missVaultKey(ctx context.Context, epoch uint64, operator sdk.AccAddress) error {
	return k.record(ctx, epoch, operator, types.DutyNameVaultKey, true,
		func(types.Params, *types.Liveness) []types.Fault { return nil })
}

// record enters a duty into the ring of its operator. Unless a newer epoch has begun for the
// operator, count adds it to the epoch's counters and returns what it is slashed for. Then the
// operator is jailed when it has missed too much.
func (k *Keeper) record(ctx context.Context, epoch uint64, operator sdk.AccAddress, duty string, missed bool,
	count func(types.Params, *types.Liveness) []types.Fault,
) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	liveness, known, err := k.livenessOf(ctx, operator)
	if err != nil || !known {
		return err
	}
	liveness.Push(missed, params.LivenessWindow)
	var faults []types.Fault
	if liveness.Enter(epoch) {
		faults = count(params, &liveness)
		if liveness.StorageFraud(params) {
			liveness.StorageSlashed = true
			faults = append(faults, types.FAULT_STORAGE)
		}
	}
	if err := k.Liveness.Set(ctx, operator, liveness); err != nil {
		return err
	}
	if missed {
		if err := emit(ctx, types.NewEventDutyMissed(liveness, epoch, duty)); err != nil {
			return err
		}
	}
	for _, fault := range faults {
		if err := k.Slash(ctx, operator, fault); err != nil {
			return err
		}
	}
	return k.judge(ctx, params, operator, liveness)
}

// judge jails an operator that has missed too much, and forgets the jailings of one that got
// through a full window of duties without another.
func (k *Keeper) judge(ctx context.Context, params types.Params, operator sdk.AccAddress, liveness types.Liveness) error {
	if liveness.MissesTooMuch(params) {
		return k.jail(ctx, params, operator)
	}
	if liveness.UnjailedDuties%params.LivenessWindow == 0 {
		return k.forgive(ctx, operator)
	}
	return nil
}

// livenessOf returns the record of an operator, a new one before its first duty; known is
// false when there is no registration.
func (k *Keeper) livenessOf(ctx context.Context, operator sdk.AccAddress) (liveness types.Liveness, known bool, err error) {
	liveness, err = k.Liveness.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		known, err = k.Supernodes.Has(ctx, operator)
		return types.Liveness{Operator: operator.String()}, known, err
	}
	return liveness, err == nil, err
}

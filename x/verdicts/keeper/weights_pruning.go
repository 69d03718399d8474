package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// maxTablesPerSeating bounds the tables that one seating deletes; it adds one.
	maxTablesPerSeating = 4
	// maxSweptPerSeating bounds the records, and the windows, that one seating looks at.
	maxSweptPerSeating = 2048
)

// pruneWeights deletes tables that no stored vector was weighed by, and in one slice of
// all operators the records and windows that count no more.
func (k *Keeper) pruneWeights(ctx context.Context, params types.Params, epoch uint64) error {
	if err := k.pruneTables(ctx, params, epoch); err != nil {
		return err
	}
	kept := 2 * uint64(params.SkillEpochs)
	if epoch <= kept {
		return nil
	}
	if err := k.pruneRecords(ctx, epoch, epoch-kept); err != nil {
		return err
	}
	return k.pruneWindows(ctx, epoch, epoch-kept)
}

// pruneTables deletes the oldest of the tables from more than skill_epochs before the
// oldest round in the state. The margin covers rounds that did not end in the order in
// which they opened.
func (k *Keeper) pruneTables(ctx context.Context, params types.Params, epoch uint64) error {
	oldest, err := k.oldestEpoch(ctx, epoch)
	if err != nil {
		return err
	}
	if oldest <= uint64(params.SkillEpochs) {
		return nil
	}
	past := new(collections.Range[uint64]).EndExclusive(oldest - uint64(params.SkillEpochs))
	_, err = removeUpTo(ctx, k.Weights, past, maxTablesPerSeating)
	return err
}

// oldestEpoch is the epoch of the oldest round that is open or not pruned, else newest.
func (k *Keeper) oldestEpoch(ctx context.Context, newest uint64) (uint64, error) {
	rounds, err := k.openRounds(ctx)
	if err != nil {
		return 0, err
	}
	err = k.Prune.Walk(ctx, nil, func(key pruneKey) (bool, error) {
		rounds = append(rounds, key.K2())
		return true, nil
	})
	if err != nil {
		return 0, err
	}
	oldest := newest
	for _, number := range rounds {
		round, err := k.round(ctx, number)
		if err != nil {
			return 0, err
		}
		oldest = min(oldest, round.Epoch)
	}
	return oldest, nil
}

// pruneRecords deletes the slice's records from before an epoch.
func (k *Keeper) pruneRecords(ctx context.Context, epoch, before uint64) error {
	from, to := slice(epoch)
	operators := new(collections.Range[recordKey]).
		StartInclusive(collections.Join3(from, "", uint64(0))).
		EndInclusive(collections.Join3(to, "", uint64(0)))
	var stale []recordKey
	swept := 0
	err := k.Records.Walk(ctx, operators, func(key recordKey, _ types.TrackRecord) (bool, error) {
		if key.K3() < before {
			stale = append(stale, key)
		}
		swept++
		return swept >= maxSweptPerSeating, nil
	})
	if err != nil {
		return err
	}
	for _, key := range stale {
		if err := k.Records.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// pruneWindows deletes the slice's windows of retired engines that have not changed since
// an epoch.
func (k *Keeper) pruneWindows(ctx context.Context, epoch, before uint64) error {
	from, to := slice(epoch)
	operators := new(collections.Range[engineKey]).
		StartInclusive(collections.Join(from, "")).
		EndInclusive(collections.Join(to, ""))
	var stale []engineKey
	swept := 0
	err := k.Windows.Walk(ctx, operators, func(key engineKey, window types.ErrorWindow) (bool, error) {
		registered, err := k.Engines.Has(ctx, key)
		if err != nil {
			return true, err
		}
		if !registered && window.Epoch < before {
			stale = append(stale, key)
		}
		swept++
		return swept >= maxSweptPerSeating, nil
	})
	if err != nil {
		return err
	}
	for _, key := range stale {
		if err := k.Windows.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// slice is the 256th of all addresses whose turn it is: those that begin with the low
// byte of the epoch. Addresses are hashes, so that each slice is as large as the others
// and all come round in 256 epochs.
func slice(epoch uint64) (from, to sdk.AccAddress) {
	const addressBytes = 20
	from, to = make(sdk.AccAddress, addressBytes), make(sdk.AccAddress, addressBytes)
	for i := range to {
		to[i] = 0xff
	}
	from[0], to[0] = byte(epoch), byte(epoch)
	return from, to
}

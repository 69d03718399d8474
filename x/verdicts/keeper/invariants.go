package keeper

import (
	"bytes"
	"context"
	"fmt"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// AllInvariants checks everything that must hold between blocks.
func (k *Keeper) AllInvariants(ctx context.Context) error {
	for _, invariant := range []func(context.Context) error{
		k.OpenRoundsInvariant, k.MembersInvariant, k.PendingInvariant, k.AttestationsInvariant,
		k.WeightsInvariant, k.StagesInvariant, k.RecordsInvariant, k.AppealsInvariant,
	} {
		if err := invariant(ctx); err != nil {
			return err
		}
	}
	return nil
}

// OpenRoundsInvariant: a round is open exactly when it has no final height, no
// round number is at or past the next one, and a finished round that is not pruned
// waits for its pruning.
func (k *Keeper) OpenRoundsInvariant(ctx context.Context) error {
	next, err := k.NextRound.Get(ctx)
	if err != nil {
		return err
	}
	waiting := make(map[uint64]bool)
	err = k.Prune.Walk(ctx, nil, func(key pruneKey) (bool, error) {
		waiting[key.K2()] = true
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Rounds.Walk(ctx, nil, func(number uint64, round types.Round) (bool, error) {
		open, err := k.OpenRounds.Has(ctx, number)
		switch {
		case err != nil:
			return true, err
		case number != round.Number || number >= next:
			return true, fmt.Errorf("round %d is stored under %d, next is %d", round.Number, number, next)
		case open != (round.FinalHeight == 0):
			return true, fmt.Errorf("round %d: open %t with final height %d", number, open, round.FinalHeight)
		case !open && !round.Pruned && !waiting[number]:
			return true, fmt.Errorf("round %d is finished but will never be pruned", number)
		}
		return false, nil
	})
}

// MembersInvariant: the members of a round that is not pruned ascend and match
// its root; those of an open one that scans them and are not tallied yet are being scanned in it.
func (k *Keeper) MembersInvariant(ctx context.Context) error {
	return k.Rounds.Walk(ctx, nil, func(number uint64, round types.Round) (bool, error) {
		if round.Pruned {
			return false, nil
		}
		hashes, err := k.members(ctx, number)
		if err != nil {
			return true, err
		}
		if len(hashes) != int(round.Samples) || !bytes.Equal(types.MembersRoot(hashes), round.MembersRoot) {
			return true, fmt.Errorf("round %d: %d members do not match its root", number, len(hashes))
		}
		for i, hash := range hashes {
			if i > 0 && bytes.Compare(hashes[i-1], hash) >= 0 {
				return true, fmt.Errorf("round %d: members do not ascend at %d", number, i)
			}
			if round.FinalHeight != 0 || i < int(round.Tallied) || round.Kind.JudgesAgain() {
				continue
			}
			sample, err := k.samples.Get(ctx, hash)
			if err != nil {
				return true, err
			}
			if sample.Status != samplestypes.STATUS_BLOCKED && (sample.Status != samplestypes.STATUS_SCANNING || sample.Round != number) {
				return true, fmt.Errorf("round %d: member %x is %s in round %d", number, hash, sample.Status, sample.Round)
			}
		}
		return false, nil
	})
}

// PendingInvariant: no sample waits twice for one kind of round.
func (k *Keeper) PendingInvariant(ctx context.Context) error {
	seen := make(map[string]bool)
	return k.Pending.Walk(ctx, nil, func(key pendingKey) (bool, error) {
		id := fmt.Sprintf("%d/%x", key.K1(), key.K3())
		if seen[id] {
			return true, fmt.Errorf("pending %s stands twice", id)
		}
		seen[id] = true
		return false, nil
	})
}

// AttestationsInvariant: every attestation has its commitment, and those of a
// final round match its root.
func (k *Keeper) AttestationsInvariant(ctx context.Context) error {
	err := k.Attestations.Walk(ctx, nil, func(key seatKey, _ types.Attestation) (bool, error) {
		round, err := k.round(ctx, key.K1())
		if err != nil || round.Pruned {
			return err != nil, err
		}
		committed, err := k.Commitments.Has(ctx, collections.Join(key.K1(), key.K2()))
		if err == nil && !committed {
			err = fmt.Errorf("round %d: attestation of %s without commitment", key.K1(), key.K2())
		}
		return err != nil, err
	})
	if err != nil {
		return err
	}
	return k.Rounds.Walk(ctx, nil, func(number uint64, round types.Round) (bool, error) {
		if round.Pruned || round.Status != types.ROUND_STATUS_FINAL {
			return false, nil
		}
		root, err := k.attestationsRoot(ctx, number)
		if err == nil && !bytes.Equal(root, round.AttestationsRoot) {
			err = fmt.Errorf("round %d: attestations do not match its root", number)
		}
		return err != nil, err
	})
}

// WeightsInvariant: every table and window stands under its own key and is valid.
func (k *Keeper) WeightsInvariant(ctx context.Context) error {
	err := k.Weights.Walk(ctx, nil, func(epoch uint64, table types.WeightTable) (bool, error) {
		if table.Epoch != epoch {
			return true, fmt.Errorf("weights of epoch %d are stored under %d", table.Epoch, epoch)
		}
		err := table.Validate()
		return err != nil, err
	})
	if err != nil {
		return err
	}
	return k.Windows.Walk(ctx, nil, func(key engineKey, window types.ErrorWindow) (bool, error) {
		if window.Operator != key.K1().String() || window.Engine != key.K2() {
			return true, fmt.Errorf("window of %s/%s is stored under %s/%s", window.Operator, window.Engine, key.K1(), key.K2())
		}
		err := window.Validate()
		return err != nil, err
	})
}

package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// AppealsInvariant: every appeal waits in exactly one place, the one its status calls
// for, and its account holds at least its bonds. It may hold more, because anybody can
// send coins to it.
func (k *Keeper) AppealsInvariant(ctx context.Context) error {
	appeals := 0
	err := k.Appeals.Walk(ctx, nil, func(sha256 []byte, appeal types.Appeal) (bool, error) {
		appeals++
		waits, err := k.waits(ctx, appeal)
		if err != nil {
			return true, err
		}
		if !waits {
			return true, types.ErrInvariant.Wrapf("appeal of %x is in %s but waits for nothing", sha256, appeal.Status)
		}
		bonds := types.BondSum(appeal.Bonds)
		held := k.bank.GetBalance(ctx, types.AppealAddress(sha256), samplestypes.Denom).Amount
		if held.LT(bonds) {
			return true, types.ErrInvariant.Wrapf("appeal of %x has bonds of %s, its account holds %s", sha256, bonds, held)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	waiting := 0
	err = k.AppealQueue.Walk(ctx, nil, func(appealKey) (bool, error) { waiting++; return false, nil })
	if err != nil {
		return err
	}
	rounds, err := k.openAppealRounds(ctx)
	if err != nil {
		return err
	}
	if waiting+len(rounds) != appeals {
		return types.ErrInvariant.Wrapf("%d appeals, but %d wait and %d are in a round", appeals, waiting, len(rounds))
	}
	return nil
}

// waits tells whether an appeal stands where its status calls for; one in a round is
// the round's own and the round runs.
func (k *Keeper) waits(ctx context.Context, appeal types.Appeal) (bool, error) {
	if appeal.Status != types.APPEAL_STATUS_ROUND {
		return k.AppealQueue.Has(ctx, appealQueueKey(appeal))
	}
	sha256, err := k.AppealRounds.Get(ctx, appeal.NewestRound())
	if errors.Is(err, collections.ErrNotFound) {
		return false, nil
	}
	if err != nil || !bytes.Equal(sha256, appeal.Sha256) {
		return false, err
	}
	return k.OpenRounds.Has(ctx, appeal.NewestRound())
}

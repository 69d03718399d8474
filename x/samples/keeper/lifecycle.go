package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// submit registers one sample, or tells that its hash is known. An INVALID record gives
// way to another ciphertext: else anybody could keep a content out of the register by
// submitting its hash over junk first.
func (k *Keeper) submit(ctx context.Context, params types.Params, submitter sdk.AccAddress, submission types.Submission) (accepted bool, err error) {
	contributor := submitter
	if submission.Contributor != "" {
		if contributor, err = types.ParseAddress("contributor", submission.Contributor); err != nil {
			return false, err
		}
	}
	priority, err := k.priorityHeight(ctx, params, submission, contributor)
	if err != nil {
		return false, err
	}
	known, err := k.Samples.Get(ctx, submission.Sha256)
	switch {
	case errors.Is(err, collections.ErrNotFound):
	case err != nil:
		return false, err
	case known.Status == types.STATUS_INVALID && !submission.Describes(known):
		if err := k.remove(ctx, submission.Sha256, known); err != nil {
			return false, err
		}
	default:
		return false, k.replaceContributor(ctx, submission.Sha256, known, contributor, priority)
	}
	return true, k.register(ctx, params, submitter, contributor, priority, submission)
}

// register writes a new record, queues it and tells of it.
func (k *Keeper) register(ctx context.Context, params types.Params, submitter, contributor sdk.AccAddress, priority int64, submission types.Submission) error {
	holder, err := k.ByCID.Get(ctx, submission.Sealing.Cid)
	if err == nil {
		return types.ErrCIDTaken.Wrapf("sealing.cid: sample %x has it", holder)
	}
	if !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	sample := types.Sample{
		Kind:            submission.Kind,
		SizeBytes:       submission.SizeBytes,
		Sealing:         submission.Sealing,
		Contributor:     contributor.String(),
		Deposit:         params.Deposit.Amount,
		SubmittedHeight: sdkCtx.BlockHeight(),
		SubmittedTime:   sdkCtx.BlockTime().Unix(),
		PriorityHeight:  priority,
		Status:          types.STATUS_QUEUED,
		ExpiryTime:      expiryTime(ctx, params),
	}
	if !submitter.Equals(contributor) {
		sample.Gateway = submitter.String()
	}
	if err := k.insert(ctx, submission.Sha256, contributor, sample); err != nil {
		return err
	}
	if err := k.afterSampleQueued(ctx, submission.Sha256, false); err != nil {
		return err
	}
	return sdkCtx.EventManager().EmitTypedEvent(types.NewEventSubmitted(submission.Sha256, sample))
}

// replaceContributor credits who opened a claim that is older than what ranked the
// present contributor. A claim that can be opened lies within the claim window, hence so
// does the first submission, which is younger.
func (k *Keeper) replaceContributor(ctx context.Context, sha256 []byte, sample types.Sample, contributor sdk.AccAddress, priority int64) error {
	if priority >= sample.PriorityHeight {
		return nil
	}
	previous, err := sdk.AccAddressFromBech32(sample.Contributor)
	if err != nil {
		return err
	}
	sample.PriorityHeight = priority
	sample.ReplaceContributor(contributor.String())
	if err := k.Samples.Set(ctx, sha256, sample); err != nil {
		return err
	}
	if err := k.ByContributor.Remove(ctx, collections.Join(previous, sha256)); err != nil {
		return err
	}
	if err := k.ByContributor.Set(ctx, collections.Join(contributor, sha256)); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		types.NewEventContributorReplaced(sha256, previous.String(), contributor.String()))
}

// BeginScan makes a QUEUED sample a member of an open round. In any other status it
// gives ErrStatus.
func (k *Keeper) BeginScan(ctx context.Context, sha256 []byte, round uint64) error {
	sample, err := k.Get(ctx, sha256)
	if err != nil {
		return err
	}
	if sample.Status != types.STATUS_QUEUED {
		return types.ErrStatus.Wrapf("scan of %x: it is %s", sha256, sample.Status)
	}
	sample.Status, sample.Round = types.STATUS_SCANNING, round
	return k.Samples.Set(ctx, sha256, sample)
}

// AbortScan takes a SCANNING sample out of its round and queues it again, without the
// hook: the caller sees to the next round. A sample that was taken down during the
// round stays BLOCKED and its deposit returns. Other statuses give ErrStatus.
func (k *Keeper) AbortScan(ctx context.Context, sha256 []byte) error {
	sample, err := k.Get(ctx, sha256)
	if err != nil {
		return err
	}
	settlement := newSettlement()
	switch sample.Status {
	case types.STATUS_SCANNING:
		sample.Status = types.STATUS_QUEUED
	case types.STATUS_BLOCKED:
		settlement.refund(&sample)
	default:
		return types.ErrStatus.Wrapf("abort of %x: it is %s", sha256, sample.Status)
	}
	if err := k.Samples.Set(ctx, sha256, sample); err != nil {
		return err
	}
	return k.settle(ctx, settlement)
}

// Conclude ends the scan of a round's samples. SCANNING becomes FINAL and the deposit
// returns to its payer, or INVALID and the deposit is burned. A sample that was taken
// down during the round stays BLOCKED and its deposit returns; one that has expired
// since is passed over. Other statuses give ErrStatus. It is all or nothing when the
// caller drops its writes on an error.
func (k *Keeper) Conclude(ctx context.Context, conclusions []types.Conclusion) error {
	settlement := newSettlement()
	for _, conclusion := range conclusions {
		sample, err := k.Samples.Get(ctx, conclusion.SHA256)
		if errors.Is(err, collections.ErrNotFound) {
			continue
		}
		if err != nil {
			return errorsmod.Wrapf(err, "sample %x", conclusion.SHA256)
		}
		before := sample
		switch {
		case sample.Status == types.STATUS_BLOCKED:
			settlement.refund(&sample)
		case sample.Status != types.STATUS_SCANNING:
			return types.ErrStatus.Wrapf("conclusion of %x: it is %s", conclusion.SHA256, sample.Status)
		case conclusion.Valid:
			sample.Status = types.STATUS_FINAL
			sample.Opened = sample.Opened || conclusion.Opened
			settlement.refund(&sample)
		default:
			sample.Status = types.STATUS_INVALID
			settlement.burn(&sample)
		}
		if err := k.countStored(ctx, before, sample); err != nil {
			return err
		}
		if err := k.Samples.Set(ctx, conclusion.SHA256, sample); err != nil {
			return err
		}
	}
	return k.settle(ctx, settlement)
}

// Rescan queues a FINAL sample again and gives it a new time to live. In any other
// status it gives ErrStatus.
func (k *Keeper) Rescan(ctx context.Context, sha256 []byte) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	sample, err := k.Get(ctx, sha256)
	if err != nil {
		return err
	}
	if sample.Status != types.STATUS_FINAL {
		return types.ErrStatus.Wrapf("rescan of %x: it is %s, not %s", sha256, sample.Status, types.STATUS_FINAL)
	}
	sample.Status = types.STATUS_QUEUED
	if err := k.prolong(ctx, sha256, &sample, params); err != nil {
		return err
	}
	if err := k.Samples.Set(ctx, sha256, sample); err != nil {
		return err
	}
	return k.afterSampleQueued(ctx, sha256, true)
}

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

var _ types.MsgServer = msgServer{}

type msgServer struct{ *Keeper }

// NewMsgServer answers the module's messages.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// SubmitSamples registers and queues what is new; a known hash changes nothing, except
// that an earlier claim may take the credit for it.
func (s msgServer) SubmitSamples(ctx context.Context, msg *types.MsgSubmitSamples) (*types.MsgSubmitSamplesResponse, error) {
	submitter, err := types.ParseAddress("submitter", msg.Submitter)
	if err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := msg.Validate(params); err != nil {
		return nil, err
	}
	if err := s.checkVaultKeys(ctx, msg.Samples); err != nil {
		return nil, err
	}
	response := &types.MsgSubmitSamplesResponse{}
	for i, submission := range msg.Samples {
		accepted, err := s.submit(ctx, params, submitter, submission)
		if err != nil {
			return nil, errorsmod.Wrapf(err, "samples[%d]", i)
		}
		if accepted {
			response.Accepted++
		} else {
			response.Known++
		}
	}
	return response, s.collectDeposits(ctx, submitter, params.Deposit, response.Accepted)
}

// ClaimSubmissions stores claims with the height they are made at. An older claim of
// the same hash stays as long as it can be opened.
func (s msgServer) ClaimSubmissions(ctx context.Context, msg *types.MsgClaimSubmissions) (*types.MsgClaimSubmissionsResponse, error) {
	if _, err := types.ParseAddress("claimant", msg.Claimant); err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := msg.Validate(params); err != nil {
		return nil, err
	}
	fresh := uint32(0)
	for _, hash := range msg.Hashes {
		stored, err := s.claim(ctx, params, hash)
		if err != nil {
			return nil, err
		}
		if stored {
			fresh++
		}
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	return &types.MsgClaimSubmissionsResponse{}, sdkCtx.EventManager().EmitTypedEvent(types.NewEventClaimed(msg.Claimant, fresh))
}

// RequestRescan queues a FINAL sample again for a fee and gives it a new time to live.
func (s msgServer) RequestRescan(ctx context.Context, msg *types.MsgRequestRescan) (*types.MsgRequestRescanResponse, error) {
	requester, err := types.ParseAddress("requester", msg.Requester)
	if err != nil {
		return nil, err
	}
	if err := types.ValidateSHA256(msg.Sha256); err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if params.RescanFee.IsPositive() {
		if err := s.distribution.FundCommunityPool(ctx, sdk.NewCoins(params.RescanFee), requester); err != nil {
			return nil, errorsmod.Wrap(err, "rescan_fee")
		}
	}
	if err := s.Rescan(ctx, msg.Sha256); err != nil {
		return nil, err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	return &types.MsgRequestRescanResponse{}, sdkCtx.EventManager().EmitTypedEvent(types.NewEventRescanRequested(msg.Sha256, msg.Requester))
}

// BlockSample takes a sample down, for a full time to live from now. The deposit of a
// QUEUED sample returns at once, that of a SCANNING one when its round ends.
func (s msgServer) BlockSample(ctx context.Context, msg *types.MsgBlockSample) (*types.MsgBlockSampleResponse, error) {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	if err := sdk.ValidateAuthority(sdkCtx, s.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := types.ValidateSHA256(msg.Sha256); err != nil {
		return nil, err
	}
	if err := types.ValidateReason(msg.Reason); err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	sample, err := s.Get(ctx, msg.Sha256)
	if err != nil {
		return nil, err
	}
	settlement := newSettlement()
	if sample.Status == types.STATUS_QUEUED {
		settlement.refund(&sample)
	}
	sample.Status = types.STATUS_BLOCKED
	if err := s.prolong(ctx, msg.Sha256, &sample, params); err != nil {
		return nil, err
	}
	if err := s.Samples.Set(ctx, msg.Sha256, sample); err != nil {
		return nil, err
	}
	if err := s.settle(ctx, settlement); err != nil {
		return nil, err
	}
	return &types.MsgBlockSampleResponse{}, sdkCtx.EventManager().EmitTypedEvent(types.NewEventBlocked(msg.Sha256, msg.Reason))
}

// UpdateParams replaces the parameters.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.Params.Set(ctx, msg.Params)
}

// checkVaultKeys refuses samples whose file key is wrapped to a vault key that nobody
// can have.
func (k *Keeper) checkVaultKeys(ctx context.Context, samples []types.Submission) error {
	checked := make(map[uint64]bool)
	for i, submission := range samples {
		epoch := submission.Sealing.VaultEpoch
		if checked[epoch] {
			continue
		}
		found, err := k.supernode.HasVaultKey(ctx, epoch)
		if err != nil {
			return err
		}
		if !found {
			return types.ErrNoVaultKey.Wrapf("samples[%d].sealing.vault_epoch: %d", i, epoch)
		}
		checked[epoch] = true
	}
	return nil
}

// priorityHeight is the height of the claim that the submission opens, else the
// present height. A salt that opens no claim, or one past its window, has no effect.
func (k *Keeper) priorityHeight(ctx context.Context, params types.Params, submission types.Submission, contributor sdk.AccAddress) (int64, error) {
	now := sdk.UnwrapSDKContext(ctx).BlockHeight()
	if len(submission.ClaimSalt) == 0 {
		return now, nil
	}
	height, err := k.Claims.Get(ctx, types.ClaimHash(submission.Sha256, contributor, submission.ClaimSalt))
	if errors.Is(err, collections.ErrNotFound) {
		return now, nil
	}
	if err != nil || claimExpired(params, height, now) {
		return now, err
	}
	return height, nil
}

// claim stores a claim made now, unless an older one can still be opened.
func (k *Keeper) claim(ctx context.Context, params types.Params, hash []byte) (stored bool, err error) {
	now := sdk.UnwrapSDKContext(ctx).BlockHeight()
	height, err := k.Claims.Get(ctx, hash)
	switch {
	case errors.Is(err, collections.ErrNotFound):
	case err != nil:
		return false, err
	case !claimExpired(params, height, now):
		return false, nil
	default:
		if err := k.ClaimExpiry.Remove(ctx, collections.Join(height, hash)); err != nil {
			return false, err
		}
	}
	return true, k.insertClaim(ctx, hash, now)
}

// insertClaim writes a claim with its queue entry.
func (k *Keeper) insertClaim(ctx context.Context, hash []byte, height int64) error {
	if err := k.Claims.Set(ctx, hash, height); err != nil {
		return err
	}
	return k.ClaimExpiry.Set(ctx, collections.Join(height, hash))
}

func claimExpired(params types.Params, height, now int64) bool {
	return height+int64(params.ClaimWindowBlocks) < now
}

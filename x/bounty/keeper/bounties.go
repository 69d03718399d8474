package keeper

import (
	"context"
	"encoding/hex"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// PostBounty opens a bounty and burns its fee. A bounty on a sample moves the sample to the
// front of its queue; one that was judged before is queued again.
func (s msgServer) PostBounty(ctx context.Context, msg *types.MsgPostBounty) (*types.MsgPostBountyResponse, error) {
	funder, err := types.ParseAddress("funder", msg.Funder)
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
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	now := sdkCtx.BlockTime().Unix()
	bounty := types.Bounty{
		Id:   types.BountyID(msg.Kind, msg.Target, funder),
		Kind: msg.Kind, Target: msg.Target, Funder: funder.String(), Amount: math.ZeroInt(), Stage: msg.Stage,
		PostedHeight: sdkCtx.BlockHeight(), PostedTime: now, ExpiryTime: now + int64(msg.DurationSeconds),
	}
	if err := s.checkNew(ctx, params, bounty); err != nil {
		return nil, err
	}

	if err := s.burnFee(ctx, funder, params.BountyFee); err != nil {
		return nil, err
	}
	if err := s.addStake(ctx, &bounty, funder, msg.Amount); err != nil {
		return nil, err
	}
	if err := s.insertBounty(ctx, bounty); err != nil {
		return nil, err
	}
	if err := s.scanFirst(ctx, bounty); err != nil {
		return nil, err
	}
	return &types.MsgPostBountyResponse{Id: bounty.Id}, emit(ctx, &types.EventBountyPosted{
		Bounty: bounty.Id, Kind: bounty.Kind, Target: bounty.Target, Funder: bounty.Funder,
		Amount: bounty.Amount.String(), ExpiryTime: bounty.ExpiryTime,
	})
}

// TopUpBounty adds to a running bounty.
func (s msgServer) TopUpBounty(ctx context.Context, msg *types.MsgTopUpBounty) (*types.MsgTopUpBountyResponse, error) {
	funder, err := types.ParseAddress("funder", msg.Funder)
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
	bounty, err := s.bounty(ctx, msg.Id)
	if err != nil {
		return nil, err
	}
	if now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix(); now >= bounty.ExpiryTime {
		return nil, types.ErrBountyNotFound.Wrapf("%x: its time was over at %d, now is %d", msg.Id, bounty.ExpiryTime, now)
	}
	if err := s.checkFunders(ctx, params, bounty.Id, funder); err != nil {
		return nil, err
	}

	if err := s.addStake(ctx, &bounty, funder, msg.Amount); err != nil {
		return nil, err
	}
	if err := s.Bounties.Set(ctx, bounty.Id, bounty); err != nil {
		return nil, err
	}
	return &types.MsgTopUpBountyResponse{}, emit(ctx, &types.EventBountyToppedUp{
		Bounty: bounty.Id, Funder: funder.String(), Amount: msg.Amount.Amount.String(),
	})
}

// bounty returns a running bounty or ErrBountyNotFound.
func (k *Keeper) bounty(ctx context.Context, id []byte) (types.Bounty, error) {
	bounty, err := k.Bounties.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return bounty, types.ErrBountyNotFound.Wrapf("%x", id)
	}
	return bounty, err
}

func (k *Keeper) checkNew(ctx context.Context, params types.Params, bounty types.Bounty) error {
	running, err := k.Bounties.Has(ctx, bounty.Id)
	if err != nil {
		return err
	}
	if running {
		return types.ErrBountyExists.Wrapf("%x: of one funder for one target there is one; add to it", bounty.Id)
	}
	if !bounty.Kind.Wanted() {
		return k.checkScannable(ctx, bounty)
	}
	if err := k.checkMissing(ctx, bounty); err != nil {
		return err
	}
	return k.checkWanted(ctx, params)
}

// checkScannable wants a sample that waits for a round, is in one, or can be judged again.
func (k *Keeper) checkScannable(ctx context.Context, bounty types.Bounty) error {
	sample, err := k.target(ctx, bounty)
	if err != nil {
		return err
	}
	switch sample.Status {
	case samplestypes.STATUS_QUEUED, samplestypes.STATUS_SCANNING, samplestypes.STATUS_FINAL:
		return nil
	default:
		return types.ErrInvalidBounty.Wrapf("target: sample %s is %s", bounty.Target, sample.Status)
	}
}

// checkMissing refuses to want a SHA-256 whose content is here. An INVALID record has only
// junk under the hash, which whoever brings the content replaces.
func (k *Keeper) checkMissing(ctx context.Context, bounty types.Bounty) error {
	if bounty.Kind != types.BOUNTY_KIND_HASH || len(bounty.Target) != 64 {
		return nil
	}
	sample, err := k.target(ctx, bounty)
	if samplestypes.ErrNotFound.Is(err) {
		return nil
	}
	if err == nil && sample.Status != samplestypes.STATUS_INVALID {
		err = types.ErrInvalidBounty.Wrapf("target: sample %s is known already", bounty.Target)
	}
	return err
}

// target is the sample that a SHA-256 names.
func (k *Keeper) target(ctx context.Context, bounty types.Bounty) (samplestypes.Sample, error) {
	sha256, err := hex.DecodeString(bounty.Target)
	if err != nil {
		return samplestypes.Sample{}, err
	}
	return k.samples.Get(ctx, sha256)
}

// checkWanted counts, as no handler may keep a count that all of them share.
func (k *Keeper) checkWanted(ctx context.Context, params types.Params) error {
	wanted := uint32(0)
	err := k.Wanted.Walk(ctx, nil, func([]byte) (bool, error) {
		wanted++
		return wanted >= params.MaxWanted, nil
	})
	if err != nil {
		return err
	}
	if wanted >= params.MaxWanted {
		return types.ErrTooMany.Wrapf("wanted bounties: %d run, max_wanted is %d", wanted, params.MaxWanted)
	}
	return nil
}

func (k *Keeper) checkFunders(ctx context.Context, params types.Params, id []byte, funder sdk.AccAddress) error {
	known, err := k.Stakes.Has(ctx, collections.Join(id, funder))
	if err != nil || known {
		return err
	}
	stakes, err := k.stakes(ctx, id)
	if err != nil {
		return err
	}
	if len(stakes) >= int(params.MaxFunders) {
		return types.ErrTooMany.Wrapf("funders: bounty %x has %d, max_funders is %d", id, len(stakes), params.MaxFunders)
	}
	return nil
}

// burnFee burns through the module account. All posts meet there, which is rare enough.
func (k *Keeper) burnFee(ctx context.Context, funder sdk.AccAddress, fee sdk.Coin) error {
	if fee.IsZero() {
		return nil
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, funder, types.ModuleName, sdk.NewCoins(fee)); err != nil {
		return err
	}
	return k.bank.BurnCoins(ctx, types.ModuleName, sdk.NewCoins(fee))
}

// addStake moves money into the escrow and notes whose it is. The caller stores the bounty.
func (k *Keeper) addStake(ctx context.Context, bounty *types.Bounty, funder sdk.AccAddress, amount sdk.Coin) error {
	if err := k.bank.SendCoins(ctx, funder, types.EscrowAddress(bounty.Id), sdk.NewCoins(amount)); err != nil {
		return err
	}
	key := collections.Join(bounty.Id, funder)
	stake, err := k.Stakes.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		stake, err = types.Stake{Bounty: bounty.Id, Funder: funder.String(), Amount: math.ZeroInt()}, nil
	}
	if err != nil {
		return err
	}
	stake.Amount = stake.Amount.Add(amount.Amount)
	bounty.Amount = bounty.Amount.Add(amount.Amount)
	return k.Stakes.Set(ctx, key, stake)
}

// stakes returns who funds a bounty, by address.
func (k *Keeper) stakes(ctx context.Context, id []byte) ([]types.Stake, error) {
	iterator, err := k.Stakes.Iterate(ctx, collections.NewPrefixedPairRange[[]byte, sdk.AccAddress](id))
	if err != nil {
		return nil, err
	}
	return iterator.Values()
}

// insertBounty stores a bounty and enters it where it waits.
func (k *Keeper) insertBounty(ctx context.Context, bounty types.Bounty) error {
	if err := k.Bounties.Set(ctx, bounty.Id, bounty); err != nil {
		return err
	}
	if err := k.BountyExpiry.Set(ctx, collections.Join(bounty.ExpiryTime, bounty.Id)); err != nil {
		return err
	}
	if !bounty.Kind.Wanted() {
		return nil
	}
	return k.Wanted.Set(ctx, bounty.Id)
}

// scanFirst lets the sample of a bounty be judged before others.
func (k *Keeper) scanFirst(ctx context.Context, bounty types.Bounty) error {
	if bounty.Kind.Wanted() {
		return nil
	}
	sha256, err := hex.DecodeString(bounty.Target)
	if err != nil {
		return err
	}
	sample, err := k.samples.Get(ctx, sha256)
	if err != nil {
		return err
	}
	if sample.Status == samplestypes.STATUS_FINAL {
		if err := k.samples.Rescan(ctx, sha256); err != nil {
			return err
		}
	}
	return k.verdicts.Prioritise(ctx, sha256)
}

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// Unjail lets a supernode stand for seats again. It attests from the next seating on: who
// was jailed stays benched for the epoch.
func (m msgServer) Unjail(ctx context.Context, msg *types.MsgUnjail) (*types.MsgUnjailResponse, error) {
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	supernode, err := m.Supernode(ctx, operator)
	if err != nil {
		return nil, err
	}
	if supernode.Status != types.STATUS_JAILED {
		return nil, types.ErrNotJailed.Wrapf("operator %s is %s", operator, supernode.Status)
	}
	if now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix(); now < supernode.JailedUntil {
		return nil, types.ErrJailed.Wrapf("operator %s may unjail from unix time %d on, it is %d", operator, supernode.JailedUntil, now)
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if supernode.SelfBond.LT(params.MinSelfBond.Amount) {
		return nil, types.ErrInvalidBond.Wrapf("self_bond is %s, want at least %s", params.Bond(supernode.SelfBond), params.MinSelfBond)
	}

	supernode.Status, supernode.JailedUntil = types.STATUS_CANDIDATE, 0
	if err := m.Supernodes.Set(ctx, operator, supernode); err != nil {
		return nil, err
	}
	if err := m.stand(ctx, operator); err != nil {
		return nil, err
	}
	// What it missed in jail, such as storage challenges, is not held against it.
	if err := m.clearLiveness(ctx, params, operator); err != nil {
		return nil, err
	}
	return &types.MsgUnjailResponse{}, emit(ctx, types.NewEventUnjailed(supernode))
}

// jail takes a candidate out of the seatings and off its seat of the current epoch; at
// max_jails it is ejected. The last attester of the epoch is left alone, for a network in
// which nobody scans helps nobody; its ring stays, so its next miss leads here again.
func (k *Keeper) jail(ctx context.Context, params types.Params, operator sdk.AccAddress) error {
	supernode, err := k.Supernode(ctx, operator)
	if err != nil || supernode.Status != types.STATUS_CANDIDATE {
		return err
	}
	last, err := k.bench(ctx, operator)
	if err != nil || last {
		return err
	}
	if err := k.Candidates.Remove(ctx, operator); err != nil {
		return err
	}
	if err := k.clearLiveness(ctx, params, operator); err != nil {
		return err
	}
	supernode.Jails++
	if supernode.Jails >= params.MaxJails {
		return k.eject(ctx, params, operator, supernode)
	}
	supernode.Status = types.STATUS_JAILED
	supernode.JailedUntil = sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(params.JailSeconds)
	if err := k.Supernodes.Set(ctx, operator, supernode); err != nil {
		return err
	}
	return emit(ctx, types.NewEventJailed(supernode))
}

// eject retires a supernode by force.
func (k *Keeper) eject(ctx context.Context, params types.Params, operator sdk.AccAddress, supernode types.Supernode) error {
	if err := k.queueRelease(ctx, params, operator, &supernode); err != nil {
		return err
	}
	return emit(ctx, types.NewEventEjected(supernode))
}

// bench takes an operator off its seat of the current epoch, if it has one. It does not, and
// tells so, when that is the last one that attests.
func (k *Keeper) bench(ctx context.Context, operator sdk.AccAddress) (last bool, err error) {
	epoch, err := k.CurrentEpoch(ctx)
	if err != nil {
		return false, err
	}
	seated, err := k.IsSeated(ctx, epoch.Number, operator)
	if err != nil || !seated {
		return false, err
	}
	attesters, err := k.Attesters(ctx, epoch.Number)
	if err != nil || len(attesters) == 1 {
		return err == nil, err
	}
	return false, k.Benched.Set(ctx, collections.Join(epoch.Number, operator))
}

// forgive forgets the jailings of a candidate.
func (k *Keeper) forgive(ctx context.Context, operator sdk.AccAddress) error {
	supernode, err := k.Supernode(ctx, operator)
	if err != nil || supernode.Status != types.STATUS_CANDIDATE || supernode.Jails == 0 {
		return err
	}
	supernode.Jails = 0
	return k.Supernodes.Set(ctx, operator, supernode)
}

// clearLiveness empties the ring of a registered operator and counts its duties anew.
func (k *Keeper) clearLiveness(ctx context.Context, params types.Params, operator sdk.AccAddress) error {
	liveness, _, err := k.livenessOf(ctx, operator)
	if err != nil {
		return err
	}
	liveness.Clear(params.LivenessWindow)
	liveness.UnjailedDuties = 0
	return k.Liveness.Set(ctx, operator, liveness)
}

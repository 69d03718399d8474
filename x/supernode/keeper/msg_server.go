package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

type msgServer struct{ *Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer serves the messages.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// Register enters a supernode and takes its bond.
func (m msgServer) Register(ctx context.Context, msg *types.MsgRegister) (*types.MsgRegisterResponse, error) {
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	if err := msg.Profile.Validate(); err != nil {
		return nil, err
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.CheckBond("self_bond", msg.SelfBond); err != nil {
		return nil, err
	}
	if msg.SelfBond.IsLT(params.MinSelfBond) {
		return nil, types.ErrInvalidBond.Wrapf("self_bond is %s, want at least %s", msg.SelfBond, params.MinSelfBond)
	}
	known, err := m.Supernodes.Has(ctx, operator)
	if err != nil {
		return nil, err
	}
	if known {
		return nil, types.ErrAlreadyRegistered.Wrapf("operator %s", operator)
	}
	if err := m.keepsRecipient(ctx, operator, "", msg.Profile.Recipient); err != nil {
		return nil, err
	}
	profile, err := m.admit(ctx, operator, msg.Profile)
	if err != nil {
		return nil, err
	}

	if err := m.bank.SendCoins(ctx, operator, types.BondAddress(operator), sdk.NewCoins(msg.SelfBond)); err != nil {
		return nil, err
	}
	supernode := types.Supernode{
		Operator:         operator.String(),
		Profile:          profile,
		SelfBond:         msg.SelfBond.Amount,
		Status:           types.STATUS_CANDIDATE,
		RegisteredHeight: sdk.UnwrapSDKContext(ctx).BlockHeight(),
	}
	if err := m.Supernodes.Set(ctx, operator, supernode); err != nil {
		return nil, err
	}
	if err := m.stand(ctx, operator); err != nil {
		return nil, err
	}
	return &types.MsgRegisterResponse{}, emit(ctx, types.NewEventRegistered(supernode, msg.SelfBond))
}

// Edit replaces the profile of a supernode that has not retired.
func (m msgServer) Edit(ctx context.Context, msg *types.MsgEdit) (*types.MsgEditResponse, error) {
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	if err := msg.Profile.Validate(); err != nil {
		return nil, err
	}
	supernode, err := m.unretired(ctx, operator)
	if err != nil {
		return nil, err
	}
	if err := m.keepsRecipient(ctx, operator, supernode.Profile.Recipient, msg.Profile.Recipient); err != nil {
		return nil, err
	}
	supernode.Profile, err = m.admit(ctx, operator, msg.Profile)
	if err != nil {
		return nil, err
	}

	if err := m.Supernodes.Set(ctx, operator, supernode); err != nil {
		return nil, err
	}
	return &types.MsgEditResponse{}, emit(ctx, types.NewEventEdited(supernode))
}

// AddBond adds to the bond of a supernode that has not retired.
func (m msgServer) AddBond(ctx context.Context, msg *types.MsgAddBond) (*types.MsgAddBondResponse, error) {
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.CheckBond("amount", msg.Amount); err != nil {
		return nil, err
	}
	supernode, err := m.unretired(ctx, operator)
	if err != nil {
		return nil, err
	}
	stake, err := m.stake(ctx, operator)
	if err != nil {
		return nil, err
	}
	if err := types.CheckStake(stake.Add(msg.Amount.Amount)); err != nil {
		return nil, types.ErrInvalidBond.Wrapf("amount: whole stake: %v", err)
	}
	supernode.SelfBond = supernode.SelfBond.Add(msg.Amount.Amount)

	if err := m.bank.SendCoins(ctx, operator, types.BondAddress(operator), sdk.NewCoins(msg.Amount)); err != nil {
		return nil, err
	}
	if err := m.Supernodes.Set(ctx, operator, supernode); err != nil {
		return nil, err
	}
	if err := m.restand(ctx, operator); err != nil {
		return nil, err
	}
	return &types.MsgAddBondResponse{}, emit(ctx, types.NewEventBonded(supernode, params.Bond(supernode.SelfBond)))
}

// Retire takes a supernode out of all later seatings and queues its bond.
func (m msgServer) Retire(ctx context.Context, msg *types.MsgRetire) (*types.MsgRetireResponse, error) {
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	supernode, err := m.unretired(ctx, operator)
	if err != nil {
		return nil, err
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}

	if err := m.stepDown(ctx, operator); err != nil {
		return nil, err
	}
	if err := m.queueRelease(ctx, params, operator, &supernode); err != nil {
		return nil, err
	}
	return &types.MsgRetireResponse{ReleaseTime: supernode.ReleaseTime}, emit(ctx, types.NewEventRetired(supernode))
}

// UpdateParams replaces the parameters; authority only.
func (m msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), m.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.ValidateChange(msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, m.Params.Set(ctx, msg.Params)
}

// unretired returns a registration that has not retired.
func (k *Keeper) unretired(ctx context.Context, operator sdk.AccAddress) (types.Supernode, error) {
	supernode, err := k.Supernode(ctx, operator)
	if err != nil {
		return types.Supernode{}, err
	}
	if supernode.Status == types.STATUS_RETIRED {
		return types.Supernode{}, types.ErrRetired.Wrapf("operator %s, bond is released at unix time %d", operator, supernode.ReleaseTime)
	}
	return supernode, nil
}

// keepsRecipient returns ErrInvalidProfile while the current epoch's vault key is about to be
// sealed to the recipient of a seated operator. Whoever could change it then could make the
// maker seal to another one than the chain takes down, and blame it for that.
func (m msgServer) keepsRecipient(ctx context.Context, operator sdk.AccAddress, recipient, next string) error {
	if next == recipient {
		return nil
	}
	epoch, err := m.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	seated, err := m.SeatTable.Has(ctx, collections.Join(epoch.Number, operator))
	if err != nil || !seated {
		return err
	}
	published, err := m.HasVaultKey(ctx, epoch.Number)
	if err == nil && !published {
		err = types.ErrInvalidProfile.Wrapf("recipient is fixed until the vault key of epoch %d is published", epoch.Number)
	}
	return err
}

// admit returns a valid profile as it is stored: its sidecar is nobody else's and
// spelled as the chain spells addresses.
func (m msgServer) admit(ctx context.Context, operator sdk.AccAddress, profile types.Profile) (types.Profile, error) {
	sidecar, err := types.ParseAddress("sidecar", profile.Sidecar)
	if err != nil {
		return types.Profile{}, err
	}
	owner, err := m.Supernodes.Indexes.Sidecar.MatchExact(ctx, sidecar)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return types.Profile{}, err
	}
	if err == nil && !bytes.Equal(owner, operator) {
		return types.Profile{}, types.ErrSidecarTaken.Wrapf("sidecar %s serves operator %s", sidecar, owner)
	}
	profile.Sidecar = sidecar.String()
	return profile, nil
}

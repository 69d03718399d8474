package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// PublishVaultKey gives the current epoch its vault key, sealed to all its seats.
func (m msgServer) PublishVaultKey(ctx context.Context, msg *types.MsgPublishVaultKey) (*types.MsgPublishVaultKeyResponse, error) {
	sidecar, operator, err := parseSigner(msg.Sidecar, msg.Operator)
	if err != nil {
		return nil, err
	}
	if _, err := types.ParseRecipient("recipient", msg.Recipient); err != nil {
		return nil, err
	}
	holders, err := types.ParseSealedKeys(msg.Sealed)
	if err != nil {
		return nil, err
	}
	epoch, err := m.CurrentEpoch(ctx)
	if err != nil {
		return nil, err
	}
	if msg.Epoch == 0 || msg.Epoch != epoch.Number {
		return nil, types.ErrWrongEpoch.Wrapf("epoch is %d, the current one is %d", msg.Epoch, epoch.Number)
	}
	published, err := m.HasVaultKey(ctx, epoch.Number)
	if err != nil {
		return nil, err
	}
	if published {
		return nil, types.ErrVaultKeyExists.Wrapf("epoch %d", epoch.Number)
	}
	if err := m.signsFor(ctx, sidecar, operator); err != nil {
		return nil, err
	}
	rank, err := m.mayPublish(ctx, epoch, operator)
	if err != nil {
		return nil, err
	}
	if err := m.covers(ctx, epoch.Number, msg.Sealed, holders); err != nil {
		return nil, err
	}

	key := types.VaultKey{
		Epoch:     epoch.Number,
		Maker:     operator.String(),
		Recipient: msg.Recipient,
		Height:    sdk.UnwrapSDKContext(ctx).BlockHeight(),
	}
	if err := m.VaultKeys.Set(ctx, key.Epoch, key); err != nil {
		return nil, err
	}
	for i, sealed := range msg.Sealed {
		if err := m.keepMade(ctx, sealed, holders[i]); err != nil {
			return nil, err
		}
	}
	if err := m.blameLate(ctx, epoch.Number, rank); err != nil {
		return nil, err
	}
	return &types.MsgPublishVaultKeyResponse{}, emit(ctx, types.NewEventVaultKeyPublished(key))
}

// SealVaultKey hands published vault keys on to supernodes that lack them.
func (m msgServer) SealVaultKey(ctx context.Context, msg *types.MsgSealVaultKey) (*types.MsgSealVaultKeyResponse, error) {
	sidecar, operator, err := parseSigner(msg.Sidecar, msg.Operator)
	if err != nil {
		return nil, err
	}
	holders, err := types.ParseSealedKeys(msg.Sealed)
	if err != nil {
		return nil, err
	}
	for i, sealed := range msg.Sealed {
		if err := m.wanted(ctx, i, sealed, holders[i]); err != nil {
			return nil, err
		}
	}
	if err := m.signsFor(ctx, sidecar, operator); err != nil {
		return nil, err
	}
	epoch, err := m.CurrentEpoch(ctx)
	if err != nil {
		return nil, err
	}
	seated, err := m.IsSeated(ctx, epoch.Number, operator)
	if err != nil {
		return nil, err
	}
	if !seated {
		return nil, types.ErrNotSeated.Wrapf("operator %s in epoch %d", operator, epoch.Number)
	}

	for i, sealed := range msg.Sealed {
		if err := m.keepHanded(ctx, sealed, operator, holders[i]); err != nil {
			return nil, err
		}
	}
	return &types.MsgSealVaultKeyResponse{}, nil
}

// mayPublish returns the rank of an operator, or ErrNotSeated, or ErrTooEarly while the rank
// has to wait. The first rank never waits, also when an exported chain starts again
// at a height below the one at which the epoch began.
func (m msgServer) mayPublish(ctx context.Context, epoch types.Epoch, operator sdk.AccAddress) (rank uint32, err error) {
	seat, err := m.SeatTable.Get(ctx, collections.Join(epoch.Number, operator))
	if errors.Is(err, collections.ErrNotFound) {
		return 0, types.ErrNotSeated.Wrapf("operator %s in epoch %d", operator, epoch.Number)
	}
	if err != nil {
		return 0, err
	}
	params, err := m.Params.Get(ctx)
	if err != nil {
		return 0, err
	}
	passed := max(sdk.UnwrapSDKContext(ctx).BlockHeight()-epoch.StartHeight, 0)
	wait := int64(seat.Rank) * int64(params.VaultKeyGraceBlocks)
	if passed < wait {
		return 0, types.ErrTooEarly.Wrapf("rank %d may publish from height %d on", seat.Rank, epoch.StartHeight+wait)
	}
	return seat.Rank, nil
}

// blameLate records a missed duty for each attester that ranks before the one who published:
// each of them had its time alone. It happens once an epoch.
func (m msgServer) blameLate(ctx context.Context, epoch uint64, rank uint32) error {
	attesters, err := m.Attesters(ctx, epoch)
	if err != nil {
		return err
	}
	for _, seat := range attesters {
		if seat.Rank >= rank {
			return nil
		}
		operator, err := types.ParseAddress("operator", seat.Operator)
		if err != nil {
			return err
		}
		if err := m.missVaultKey(ctx, epoch, operator); err != nil {
			return err
		}
	}
	return nil
}

// covers returns ErrInvalidSealedKeys unless sealed holds exactly the seats of the
// epoch in ascending operator order.
func (m msgServer) covers(ctx context.Context, epoch uint64, sealed []types.SealedKey, holders []sdk.AccAddress) error {
	seats, err := m.seatsByOperator(ctx, epoch)
	if err != nil {
		return err
	}
	if len(sealed) != len(seats) {
		return types.ErrInvalidSealedKeys.Wrapf("sealed: got %d, epoch %d has %d seats", len(sealed), epoch, len(seats))
	}
	for i, seat := range seats {
		if sealed[i].Epoch != epoch {
			return types.ErrInvalidSealedKeys.Wrapf("sealed[%d].epoch is %d, want %d", i, sealed[i].Epoch, epoch)
		}
		if holders[i].String() != seat.Operator {
			return types.ErrInvalidSealedKeys.Wrapf("sealed[%d].operator is %s, want %s (seats in ascending order)", i, holders[i], seat.Operator)
		}
	}
	return nil
}

// wanted returns ErrNotFound unless the epoch of a sealed key has a vault key and
// its holder is registered.
func (m msgServer) wanted(ctx context.Context, i int, sealed types.SealedKey, holder sdk.AccAddress) error {
	published, err := m.HasVaultKey(ctx, sealed.Epoch)
	if err != nil {
		return err
	}
	if !published {
		return types.ErrNotFound.Wrapf("sealed[%d]: vault key of epoch %d", i, sealed.Epoch)
	}
	registered, err := m.Supernodes.Has(ctx, holder)
	if err != nil {
		return err
	}
	if !registered {
		return types.ErrNotFound.Wrapf("sealed[%d]: supernode of operator %s", i, holder)
	}
	return nil
}

// keepMade stores a key as its maker sealed it. The recipient that the holder has published is
// taken down, so that it can be proved later that the key was not sealed to it.
func (m msgServer) keepMade(ctx context.Context, sealed types.SealedKey, holder sdk.AccAddress) error {
	supernode, err := m.Supernodes.Get(ctx, holder)
	if err != nil && !errors.Is(err, collections.ErrNotFound) { // its bond may be paid by now
		return err
	}
	sealed.RecipientHash = types.RecipientHash(supernode.Profile.Recipient)
	return m.keepSealed(ctx, sealed, holder)
}

// keepHanded stores a key that a seated supernode hands on to a holder that has none, or none
// it can use: a reported one is replaced by another holder that can use its own. The maker
// may not replace what it sealed, for it would remove the evidence.
func (m msgServer) keepHanded(ctx context.Context, sealed types.SealedKey, from, holder sdk.AccAddress) error {
	present, err := m.SealedKeys.Get(ctx, collections.Join(sealed.Epoch, holder))
	if errors.Is(err, collections.ErrNotFound) {
		return m.keepSealed(ctx, sealed, holder)
	}
	if err != nil || !present.Reported || from.Equals(holder) {
		return err
	}
	key, err := m.VaultKeys.Get(ctx, sealed.Epoch)
	if err != nil || key.Maker == from.String() {
		return err
	}
	own, err := m.SealedKeys.Get(ctx, collections.Join(sealed.Epoch, from))
	if errors.Is(err, collections.ErrNotFound) || own.Reported {
		return nil
	}
	if err != nil {
		return err
	}
	return m.keepSealed(ctx, sealed, holder)
}

func (m msgServer) keepSealed(ctx context.Context, sealed types.SealedKey, holder sdk.AccAddress) error {
	sealed.Operator = holder.String()
	if err := m.SealedKeys.Set(ctx, collections.Join(sealed.Epoch, holder), sealed); err != nil {
		return err
	}
	return emit(ctx, types.NewEventVaultKeySealed(sealed))
}

// signsFor returns ErrNotFound or ErrNotSidecar unless the sidecar serves the operator.
func (m msgServer) signsFor(ctx context.Context, sidecar, operator sdk.AccAddress) error {
	actual, err := m.SidecarOf(ctx, operator)
	if err != nil {
		return err
	}
	if !bytes.Equal(actual, sidecar) {
		return types.ErrNotSidecar.Wrapf("signer %s, operator %s", sidecar, operator)
	}
	return nil
}

func parseSigner(sidecar, operator string) (signer, owner sdk.AccAddress, err error) {
	if signer, err = types.ParseAddress("sidecar", sidecar); err != nil {
		return nil, nil, err
	}
	owner, err = types.ParseAddress("operator", operator)
	return signer, owner, err
}

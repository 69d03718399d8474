package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// ProveStorage notes that a challenge is answered. It writes the challenge alone.
func (s msgServer) ProveStorage(ctx context.Context, msg *types.MsgProveStorage) (*types.MsgProveStorageResponse, error) {
	key, challenge, err := s.checkProof(ctx, msg)
	if err != nil {
		return nil, err
	}
	challenge.Proved = true
	if err := s.Keeper.Challenges.Set(ctx, key, challenge); err != nil {
		return nil, err
	}
	event := types.NewEventStorageProved(challenge)
	return &types.MsgProveStorageResponse{}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

// ExpectsFree tells whether a message is the proof that a challenge waits for; such a
// message pays no fee. Others cost it no more than a look at their type.
func (k *Keeper) ExpectsFree(ctx context.Context, msg sdk.Msg) bool {
	proof, ok := msg.(*types.MsgProveStorage)
	if !ok {
		return false
	}
	_, _, err := k.checkProof(ctx, proof)
	return err == nil
}

// checkProof gives the challenge that the message answers, or why it answers none.
func (k *Keeper) checkProof(ctx context.Context, msg *types.MsgProveStorage) (key challengeKey, challenge types.Challenge, err error) {
	sidecar, err := types.ParseAddress("sidecar", msg.Sidecar)
	if err != nil {
		return key, challenge, err
	}
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return key, challenge, err
	}
	if err := msg.Validate(); err != nil {
		return key, challenge, err
	}
	key = collections.Join3(operator, msg.Epoch, msg.Index)
	challenge, err = k.Challenges.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return key, challenge, types.ErrNotChallenged.Wrapf("%s in epoch %d, index %d", msg.Operator, msg.Epoch, msg.Index)
	}
	if err != nil {
		return key, challenge, err
	}
	if challenge.Proved {
		return key, challenge, types.ErrProved.Wrapf("%s in epoch %d, index %d", msg.Operator, msg.Epoch, msg.Index)
	}
	if now := sdk.UnwrapSDKContext(ctx).BlockHeight(); now > challenge.DeadlineHeight {
		return key, challenge, types.ErrDeadline.Wrapf("height %d, the last was %d", now, challenge.DeadlineHeight)
	}
	registered, err := k.supernode.SidecarOf(ctx, operator)
	if err != nil {
		return key, challenge, err
	}
	if !registered.Equals(sidecar) {
		return key, challenge, types.ErrForeignSidecar.Wrapf("%s signs for %s", msg.Sidecar, msg.Operator)
	}
	sample, err := k.Get(ctx, challenge.Sha256)
	if err != nil {
		return key, challenge, err
	}
	return key, challenge, types.VerifyChunk(sample.Sealing, challenge.Chunk, msg.Chunk, msg.Path)
}

package keeper

import (
	"context"
	"errors"

	"github.com/virusmap/virusmap/x/market/types"
)

func (s msgServer) Subscribe(ctx context.Context, msg *types.MsgSubscribe) (*types.MsgSubscribeResponse, error) {
	return nil, errors.New("not written")
}

func (s msgServer) CancelSubscription(ctx context.Context, msg *types.MsgCancelSubscription) (*types.MsgCancelSubscriptionResponse, error) {
	return nil, errors.New("not written")
}

func (s msgServer) RevokeApiKeys(ctx context.Context, msg *types.MsgRevokeApiKeys) (*types.MsgRevokeApiKeysResponse, error) {
	return nil, errors.New("not written")
}

func (k *Keeper) payPeriods(ctx context.Context) error { return nil }

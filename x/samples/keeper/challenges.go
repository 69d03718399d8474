package keeper

import (
	"context"
	"errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

var errUnwritten = errors.New("unwritten")

func (s msgServer) ProveStorage(ctx context.Context, msg *types.MsgProveStorage) (*types.MsgProveStorageResponse, error) {
	return nil, errUnwritten
}

// ExpectsFree tells whether a message is the proof that a challenge waits for.
func (k *Keeper) ExpectsFree(ctx context.Context, msg sdk.Msg) bool { return false }

func (s queryServer) Holders(ctx context.Context, req *types.QueryHoldersRequest) (*types.QueryHoldersResponse, error) {
	return nil, errUnwritten
}

func (s queryServer) Challenges(ctx context.Context, req *types.QueryChallengesRequest) (*types.QueryChallengesResponse, error) {
	return nil, errUnwritten
}

package keeper

import (
	"context"
	"crypto/sha256"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

const beaconDomain = "virusmap/beacon/v1"

// Randomness returns the beacon. Whoever asked for a draw at a height takes the first
// value whose hidden_height is above that height: nobody could know it when asking.
func (k *Keeper) Randomness(ctx context.Context) (types.Beacon, error) {
	beacon, err := k.Beacon.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Beacon{Value: make([]byte, sha256.Size)}, nil
	}
	return beacon, err
}

// Stir mixes entropy into the beacon. hiddenHeight is the last block in which the
// entropy was unknown to anybody who did not make it.
func (k *Keeper) Stir(ctx context.Context, hiddenHeight int64, entropy []byte) error {
	beacon, err := k.Randomness(ctx)
	if err != nil {
		return err
	}
	hash := sha256.New()
	hash.Write([]byte(beaconDomain))
	hash.Write(beacon.Value)
	hash.Write(entropy)
	return k.Beacon.Set(ctx, types.Beacon{
		Value:        hash.Sum(nil),
		HiddenHeight: max(beacon.HiddenHeight, hiddenHeight),
		Height:       sdk.UnwrapSDKContext(ctx).BlockHeight(),
	})
}

// stirIdle takes in the hash of this block when no round has stirred the beacon for
// beacon_idle_blocks. Its proposer could choose among hashes, which is why the salts
// of rounds come first.
func (k *Keeper) stirIdle(ctx context.Context, params types.Params) error {
	beacon, err := k.Randomness(ctx)
	if err != nil {
		return err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	if sdkCtx.BlockHeight() < beacon.Height+int64(params.BeaconIdleBlocks) {
		return nil
	}
	return k.Stir(ctx, sdkCtx.BlockHeight()-1, sdkCtx.HeaderHash())
}

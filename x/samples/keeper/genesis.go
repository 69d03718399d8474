package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	"github.com/virusmap/virusmap/x/samples/types"
)

// InitGenesis writes the state and rebuilds its indexes. The bank must have its state
// already: deposits that no account holds are refused.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := k.Params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, entry := range gs.Samples {
		contributor, err := types.ParseAddress("contributor", entry.Sample.Contributor)
		if err != nil {
			return errorsmod.Wrapf(err, "sample %x", entry.Sha256)
		}
		if err := k.insert(ctx, entry.Sha256, contributor, entry.Sample); err != nil {
			return errorsmod.Wrapf(err, "sample %x", entry.Sha256)
		}
	}
	for _, claim := range gs.Claims {
		if err := k.insertClaim(ctx, claim.Hash, claim.Height); err != nil {
			return errorsmod.Wrapf(err, "claim %x", claim.Hash)
		}
	}
	return k.checkDeposits(ctx)
}

// ExportGenesis reads the state in the order of its keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	err = k.Samples.Walk(ctx, nil, func(sha256 []byte, sample types.Sample) (bool, error) {
		gs.Samples = append(gs.Samples, types.SampleEntry{Sha256: sha256, Sample: sample})
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.Claims.Walk(ctx, nil, func(hash []byte, height int64) (bool, error) {
		gs.Claims = append(gs.Claims, types.Claim{Hash: hash, Height: height})
		return false, nil
	})
	return gs, err
}

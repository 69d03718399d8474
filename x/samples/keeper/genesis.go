package keeper

import (
	"context"

	"cosmossdk.io/collections"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// InitGenesis writes the state and rebuilds its indexes. The bank must have its state
// already: deposits that no account holds are refused.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
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
	if err := k.initChallenges(ctx, gs); err != nil {
		return err
	}
	return k.checkDeposits(ctx)
}

// initChallenges writes the challenges with their deadlines, and who waits for some.
func (k *Keeper) initChallenges(ctx context.Context, gs types.GenesisState) error {
	for i, challenge := range gs.Challenges {
		operator, err := types.ParseAddress("operator", challenge.Operator)
		if err != nil {
			return errorsmod.Wrapf(err, "challenges[%d]", i)
		}
		if err := k.insertChallenge(ctx, operator, challenge); err != nil {
			return errorsmod.Wrapf(err, "challenges[%d]", i)
		}
	}
	for i, draw := range gs.Draws {
		operator, err := types.ParseAddress("operator", draw.Operator)
		if err != nil {
			return errorsmod.Wrapf(err, "draws[%d]", i)
		}
		if err := k.Draws.Set(ctx, collections.Join(draw.Epoch, operator)); err != nil {
			return errorsmod.Wrapf(err, "draws[%d]", i)
		}
	}
	return nil
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
	if err != nil {
		return nil, err
	}
	return gs, k.exportChallenges(ctx, gs)
}

// exportChallenges adds the challenges, and who waits for some, in the order of the keys.
func (k *Keeper) exportChallenges(ctx context.Context, gs *types.GenesisState) error {
	err := k.Challenges.Walk(ctx, nil, func(_ challengeKey, challenge types.Challenge) (bool, error) {
		gs.Challenges = append(gs.Challenges, challenge)
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Draws.Walk(ctx, nil, func(key collections.Pair[uint64, sdk.AccAddress]) (bool, error) {
		gs.Draws = append(gs.Draws, types.Draw{Epoch: key.K1(), Operator: key.K2().String()})
		return false, nil
	})
}

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// initBounties writes the bounties with the queues they wait in. Bounties whose escrow does
// not hold their money are refused.
func (k *Keeper) initBounties(ctx context.Context, gs types.GenesisState) error {
	for _, bounty := range gs.Bounties {
		if err := k.insertBounty(ctx, bounty); err != nil {
			return err
		}
	}
	for _, stake := range gs.Stakes {
		funder, err := types.ParseAddress("funder", stake.Funder)
		if err != nil {
			return err
		}
		if err := k.Stakes.Set(ctx, collections.Join(stake.Bounty, funder), stake); err != nil {
			return err
		}
	}
	for _, match := range gs.Matches {
		// Nothing is queued yet that setDue could take out.
		if err := k.setDue(ctx, types.Match{Bounty: match.Bounty, Sha256: match.Sha256}, match.DueHeight); err != nil {
			return err
		}
	}
	return k.checkEscrows(ctx)
}

// exportBounties reads the bounties in the order of their keys.
func (k *Keeper) exportBounties(ctx context.Context, gs *types.GenesisState) error {
	bounties, err := k.Bounties.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.Bounties, err = bounties.Values(); err != nil {
		return err
	}
	stakes, err := k.Stakes.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	if gs.Stakes, err = stakes.Values(); err != nil {
		return err
	}
	return k.Matches.Walk(ctx, nil, func(key hashPair, due int64) (bool, error) {
		gs.Matches = append(gs.Matches, types.Match{Bounty: key.K1(), Sha256: key.K2(), DueHeight: due})
		return false, nil
	})
}

package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/internal/endblock"
)

// retrySeconds is when a bounty that could not be ended is tried again.
const retrySeconds = 60 * 60

// endBounties pays for the wanted samples that are due, then ends the bounties whose time
// is over, max_bounties_per_block in all: what is due is never overtaken by its expiry.
func (k *Keeper) endBounties(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	paid, err := k.payMatches(ctx, int(params.MaxBountiesPerBlock))
	if err != nil {
		return err
	}
	return k.expireBounties(ctx, int(params.MaxBountiesPerBlock)-paid)
}

// expireBounties judges the bounties on samples and refunds the wanted ones. One that
// fails keeps its money and is tried again in an hour.
func (k *Keeper) expireBounties(ctx context.Context, limit int) error {
	due, err := k.expired(ctx, limit)
	if err != nil {
		return err
	}
	for _, id := range due {
		err := endblock.Isolate(ctx, fmt.Sprintf("end of bounty %x", id), func(ctx context.Context) error {
			return k.closeBounty(ctx, id, k.payEngines)
		})
		if err != nil {
			if err := k.putOffExpiry(ctx, id, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// expired returns up to limit bounties whose time is over.
func (k *Keeper) expired(ctx context.Context, limit int) ([][]byte, error) {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	var ids [][]byte
	if limit <= 0 {
		return nil, nil
	}
	err := k.BountyExpiry.Walk(ctx, nil, func(key timeKey) (bool, error) {
		if key.K1() > now {
			return true, nil
		}
		ids = append(ids, key.K2())
		return len(ids) >= limit, nil
	})
	return ids, err
}

func (k *Keeper) putOffExpiry(ctx context.Context, id []byte, cause error) error {
	bounty, err := k.bounty(ctx, id)
	if err != nil {
		return err
	}
	if err := k.BountyExpiry.Remove(ctx, collections.Join(bounty.ExpiryTime, id)); err != nil {
		return err
	}
	bounty.ExpiryTime = sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + retrySeconds
	if err := k.insertBounty(ctx, bounty); err != nil {
		return err
	}
	return emit(ctx, &types.EventItemFailed{Queue: "bounty_expiry", Item: fmt.Sprintf("%x", id), Error: cause.Error()})
}

// closeBounty is how every bounty ends. pay takes out of the escrow what it pays and
// returns which part of the amount it could pay to nobody; that returns to the funders,
// and no record stays. A bounty that has ended already is left alone.
func (k *Keeper) closeBounty(ctx context.Context, id []byte, pay func(context.Context, types.Bounty) (unpaid math.Int, err error)) error {
	bounty, err := k.Bounties.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	unpaid, err := pay(ctx, bounty)
	if err != nil {
		return err
	}
	if err := k.refund(ctx, bounty, unpaid); err != nil {
		return err
	}
	return k.removeBounty(ctx, bounty)
}

// refund parts what was not paid among the funders, in proportion to their stakes:
//
//	refund = stake · unpaid / amount
//
// so that each gets its stake when nothing was. All else that the escrow has, dust or what
// somebody sent to it, goes to who posted the bounty.
func (k *Keeper) refund(ctx context.Context, bounty types.Bounty, unpaid math.Int) error {
	escrow := types.EscrowAddress(bounty.Id)
	returned := k.bank.GetBalance(ctx, escrow, types.Denom)
	if returned.IsZero() {
		return nil
	}
	stakes, err := k.stakes(ctx, bounty.Id)
	if err != nil {
		return err
	}
	for _, stake := range stakes {
		if err := k.sendTo(ctx, escrow, stake.Funder, stake.Amount.Mul(unpaid).Quo(bounty.Amount)); err != nil {
			return err
		}
	}
	rest := k.bank.GetBalance(ctx, escrow, types.Denom).Amount
	if err := k.sendTo(ctx, escrow, bounty.Funder, rest); err != nil {
		return err
	}
	return emit(ctx, &types.EventBountyRefunded{Bounty: bounty.Id, Amount: returned.Amount.String()})
}

func (k *Keeper) sendTo(ctx context.Context, from sdk.AccAddress, recipient string, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	to, err := types.ParseAddress("recipient", recipient)
	if err != nil {
		return err
	}
	return k.bank.SendCoins(ctx, from, to, sdk.NewCoins(sdk.NewCoin(types.Denom, amount)))
}

// removeBounty removes all records of a bounty.
func (k *Keeper) removeBounty(ctx context.Context, bounty types.Bounty) error {
	matches, err := k.matchesOf(ctx, bounty.Id)
	if err != nil {
		return err
	}
	for _, match := range matches {
		if err := k.removeMatch(ctx, match); err != nil {
			return err
		}
	}
	if err := k.Stakes.Clear(ctx, collections.NewPrefixedPairRange[[]byte, sdk.AccAddress](bounty.Id)); err != nil {
		return err
	}
	if err := k.BountyExpiry.Remove(ctx, collections.Join(bounty.ExpiryTime, bounty.Id)); err != nil {
		return err
	}
	if err := k.Wanted.Remove(ctx, bounty.Id); err != nil {
		return err
	}
	return k.Bounties.Remove(ctx, bounty.Id)
}

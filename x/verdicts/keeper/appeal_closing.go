package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// closeAppeals closes the appeals whose decision nobody took further in time. One that
// cannot be paid out keeps its bonds and is tried again a window later.
func (k *Keeper) closeAppeals(ctx context.Context, params types.Params) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	due, err := k.dueAppeals(ctx, types.APPEAL_STATUS_DECIDED, now, int(params.MaxAppealsPerBlock))
	if err != nil {
		return err
	}
	conclude := func(ctx context.Context, sha256 []byte) error { return k.closeDecided(ctx, params, sha256) }
	later := func(ctx context.Context, sha256 []byte) error {
		appeal, err := k.appeal(ctx, sha256)
		if err != nil {
			return err
		}
		if err := k.unqueueAppeal(ctx, appeal); err != nil {
			return err
		}
		appeal.CloseTime = now + int64(params.AppealWindowSeconds)
		return k.queueAppeal(ctx, appeal)
	}
	return k.eachAppeal(ctx, "appeal_closings", due, conclude, later)
}

// closeDecided lets the newest decision stand. The losing bonds pay the panel and the
// winners; a supernode that took the appeal further and lost is slashed.
func (k *Keeper) closeDecided(ctx context.Context, params types.Params, sha256 []byte) error {
	appeal, err := k.appeal(ctx, sha256)
	if err != nil {
		return err
	}
	truth, withdrawn, err := k.establish(ctx, appeal)
	if err != nil {
		return err
	}
	winners, losers := appeal.Sides()
	lost := types.BondSum(losers)
	paid, err := k.payPanels(ctx, appeal, params.PanelShare(lost))
	if err != nil {
		return err
	}
	if err := k.payBonds(ctx, appeal, winners, lost.Sub(paid)); err != nil {
		return err
	}
	if err := k.slashLosers(ctx, appeal); err != nil {
		return err
	}
	return k.forget(ctx, appeal, &types.EventAppealClosed{
		Sha256: sha256, Overturned: appeal.Prevailed(), Truth: truth, TruthWithdrawn: withdrawn,
		Returned: coin(types.BondSum(winners)).String(), Lost: coin(lost).String(),
	})
}

// closeUndecided returns all bonds. The contested outcome stands.
func (k *Keeper) closeUndecided(ctx context.Context, appeal types.Appeal) error {
	if err := k.payBonds(ctx, appeal, appeal.Bonds, math.ZeroInt()); err != nil {
		return err
	}
	return k.forget(ctx, appeal, &types.EventAppealClosed{
		Sha256: appeal.Sha256, Returned: coin(types.BondSum(appeal.Bonds)).String(), Lost: coin(math.ZeroInt()).String(),
	})
}

// establish makes a claim that prevailed the truth of its sample and the newest entry of
// its history, and returns it. A
// claim that lost is the truth no longer, if an earlier appeal made it so.
func (k *Keeper) establish(ctx context.Context, appeal types.Appeal) (truth types.Outcome, withdrawn bool, err error) {
	if appeal.Prevailed() {
		err := k.History.Set(ctx, collections.Join(appeal.Sha256, appeal.NewestRound()), uint32(appeal.Claimed))
		if err != nil {
			return types.OUTCOME_UNSPECIFIED, false, err
		}
		return appeal.Claimed, false, k.Truths.Set(ctx, appeal.Sha256, uint32(appeal.Claimed))
	}
	former, err := k.Truths.Get(ctx, appeal.Sha256)
	if errors.Is(err, collections.ErrNotFound) {
		return types.OUTCOME_UNSPECIFIED, false, nil
	}
	if err != nil || types.Outcome(former) != appeal.Claimed {
		return types.OUTCOME_UNSPECIFIED, false, err
	}
	return types.OUTCOME_UNSPECIFIED, true, k.Truths.Remove(ctx, appeal.Sha256)
}

// payPanels parts an amount equally among those who revealed on a panel that was right,
// once per panel, and returns what was paid. It pays nothing for a panel whose round is
// pruned, and what a supernode cannot take, for instance because it has left, stays in
// the account.
func (k *Keeper) payPanels(ctx context.Context, appeal types.Appeal, amount math.Int) (math.Int, error) {
	paid := math.ZeroInt()
	panelists, err := k.rightPanelists(ctx, appeal)
	if err != nil || len(panelists) == 0 {
		return paid, err
	}
	share := amount.QuoRaw(int64(len(panelists)))
	if share.IsZero() {
		return paid, nil
	}
	for _, operator := range panelists {
		err := endblock.Isolate(ctx, "reward of "+operator.String(), func(ctx context.Context) error {
			return k.supernode.AllocateRewards(ctx, types.AppealAddress(appeal.Sha256), operator, share)
		})
		if err == nil {
			paid = paid.Add(share)
			continue
		}
		if err := emit(ctx, &types.EventItemFailed{Queue: "appeal_rewards", Item: operator.String(), Error: err.Error()}); err != nil {
			return paid, err
		}
	}
	return paid, nil
}

// rightPanelists returns who revealed in the rounds that decided as the newest one did
// on whether the claim prevails.
func (k *Keeper) rightPanelists(ctx context.Context, appeal types.Appeal) ([]sdk.AccAddress, error) {
	var operators []sdk.AccAddress
	for _, round := range appeal.Rounds {
		decision, err := k.decisionOf(ctx, round)
		if err != nil {
			return nil, err
		}
		if decision == types.OUTCOME_UNSPECIFIED || (decision == appeal.Claimed) != appeal.Prevailed() {
			continue
		}
		iterator, err := k.Attestations.Iterate(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](round))
		if err != nil {
			return nil, err
		}
		keys, err := iterator.Keys()
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			operators = append(operators, key.K2())
		}
	}
	return operators, nil
}

// payBonds returns the bonds, each with its part of the prize pro rata, and empties the
// account into the community pool.
func (k *Keeper) payBonds(ctx context.Context, appeal types.Appeal, bonds []types.AppealBond, prize math.Int) error {
	account, sum := types.AppealAddress(appeal.Sha256), types.BondSum(bonds)
	for _, bond := range bonds {
		party, err := sdk.AccAddressFromBech32(bond.Address)
		if err != nil {
			return err
		}
		won := prize.Mul(bond.Amount).Quo(sum)
		if err := k.bank.SendCoins(ctx, account, party, sdk.NewCoins(coin(bond.Amount.Add(won)))); err != nil {
			return err
		}
	}
	left := k.bank.GetBalance(ctx, account, samplestypes.Denom)
	if left.IsZero() {
		return nil
	}
	return k.distribution.FundCommunityPool(ctx, sdk.NewCoins(left), account)
}

// slashLosers slashes each supernode that took the appeal further and lost. Who made
// the appeal, or is no supernode, loses its bond alone.
func (k *Keeper) slashLosers(ctx context.Context, appeal types.Appeal) error {
	slashed := make(map[string]bool)
	for _, bond := range appeal.Bonds[1:] {
		if bond.ForAppeal == appeal.Prevailed() || slashed[bond.Address] {
			continue
		}
		slashed[bond.Address] = true
		operator, err := sdk.AccAddressFromBech32(bond.Address)
		if err != nil {
			return err
		}
		if _, err := k.supernode.SidecarOf(ctx, operator); supernodetypes.ErrNotFound.Is(err) {
			continue
		} else if err != nil {
			return err
		}
		err = endblock.Isolate(ctx, "slash of "+bond.Address, func(ctx context.Context) error {
			return k.supernode.Slash(ctx, operator, supernodetypes.FAULT_LOST_APPEAL)
		})
		if err == nil {
			continue
		}
		if err := emit(ctx, &types.EventItemFailed{Queue: "appeal_slashes", Item: bond.Address, Error: err.Error()}); err != nil {
			return err
		}
	}
	return nil
}

// forget removes a closed appeal and tells how it ended.
func (k *Keeper) forget(ctx context.Context, appeal types.Appeal, event *types.EventAppealClosed) error {
	if err := k.unqueueAppeal(ctx, appeal); err != nil {
		return err
	}
	if err := k.Appeals.Remove(ctx, appeal.Sha256); err != nil {
		return err
	}
	return emit(ctx, event)
}

func coin(amount math.Int) sdk.Coin { return sdk.NewCoin(samplestypes.Denom, amount) }

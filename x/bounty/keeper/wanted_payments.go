package keeper

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/internal/endblock"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// retryBlocks is after how many blocks a payment that failed is tried again: an hour of
// blocks of a second.
const retryBlocks = 3600

// duePayment is a bounty with matches that are paid from a height on.
type duePayment struct {
	height int64
	bounty []byte
}

// queuePayment lets a match be paid when no older claim can replace the sample's
// contributor any more.
func (k *Keeper) queuePayment(ctx context.Context, match types.Match) error {
	sample, err := k.samples.Get(ctx, match.Sha256)
	if samplestypes.ErrNotFound.Is(err) {
		return k.removeMatch(ctx, match)
	}
	if err != nil {
		return err
	}
	height, err := k.settledHeight(ctx, sample)
	if err != nil {
		return err
	}
	return k.setDue(ctx, match, max(sdk.UnwrapSDKContext(ctx).BlockHeight(), height))
}

// settledHeight is from when on nobody can replace the contributor of a sample.
func (k *Keeper) settledHeight(ctx context.Context, sample samplestypes.Sample) (int64, error) {
	window, err := k.samples.ClaimWindowBlocks(ctx)
	return sample.SubmittedHeight + int64(window), err
}

// payMatches pays up to limit bounties whose matches are due and returns how many it
// looked at. One that fails keeps its money and is tried again later.
func (k *Keeper) payMatches(ctx context.Context, limit int) (int, error) {
	due, err := k.duePayments(ctx, limit)
	if err != nil {
		return 0, err
	}
	for _, payment := range due {
		err := endblock.Isolate(ctx, fmt.Sprintf("payment of bounty %x", payment.bounty), func(ctx context.Context) error {
			return k.payFirst(ctx, payment)
		})
		if err != nil {
			if err := k.putOffPayment(ctx, payment, err); err != nil {
				return 0, err
			}
		}
	}
	return len(due), nil
}

// duePayments returns up to limit bounties, those first whose matches are due longest.
func (k *Keeper) duePayments(ctx context.Context, limit int) ([]duePayment, error) {
	now := sdk.UnwrapSDKContext(ctx).BlockHeight()
	var due []duePayment
	err := k.BountyPayments.Walk(ctx, nil, func(key paymentKey) (bool, error) {
		if key.K1() > now {
			return true, nil
		}
		if n := len(due); n > 0 && due[n-1].height == key.K1() && bytes.Equal(due[n-1].bounty, key.K2()) {
			return false, nil // another match of the same bounty
		}
		if len(due) >= limit {
			return true, nil
		}
		due = append(due, duePayment{key.K1(), key.K2()})
		return false, nil
	})
	return due, err
}

// payFirst pays a bounty to the contributor of the sample that was found first among those
// that are due. Matches whose samples were taken down or are gone are dropped.
func (k *Keeper) payFirst(ctx context.Context, payment duePayment) error {
	due, err := k.dueCandidates(ctx, payment)
	if err != nil {
		return err
	}
	for _, c := range due {
		match := types.Match{Bounty: payment.bounty, Sha256: c.sha256, DueHeight: payment.height}
		if !canBePaid(c.sample) {
			if err := k.removeMatch(ctx, match); err != nil {
				return err
			}
			continue
		}
		// A sample that was submitted anew meanwhile can be claimed anew.
		settled, err := k.settledHeight(ctx, c.sample)
		if err != nil {
			return err
		}
		if settled > sdk.UnwrapSDKContext(ctx).BlockHeight() {
			if err := k.setDue(ctx, match, settled); err != nil {
				return err
			}
			continue
		}
		return k.closeBounty(ctx, payment.bounty, payContributor(k, c))
	}
	return nil
}

// dueCandidates returns the samples of the matches that are due, in the order in which they
// were found. It drops the matches whose samples are gone.
func (k *Keeper) dueCandidates(ctx context.Context, payment duePayment) ([]wantedSample, error) {
	matches, err := k.matchesOf(ctx, payment.bounty)
	if err != nil {
		return nil, err
	}
	var due []wantedSample
	for _, match := range matches {
		if match.DueHeight != payment.height {
			continue
		}
		sample, err := k.samples.Get(ctx, match.Sha256)
		switch {
		case samplestypes.ErrNotFound.Is(err):
			err = k.removeMatch(ctx, match)
		case err == nil:
			due = append(due, wantedSample{sha256: match.Sha256, sample: sample})
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(due, byPriority)
	return due, nil
}

// payContributor pays all that the escrow has.
func payContributor(k *Keeper, c wantedSample) func(context.Context, types.Bounty) (math.Int, error) {
	return func(ctx context.Context, bounty types.Bounty) (math.Int, error) {
		escrow := types.EscrowAddress(bounty.Id)
		held := k.bank.GetBalance(ctx, escrow, types.Denom).Amount
		if held.LT(bounty.Amount) {
			return math.Int{}, types.ErrInvariant.Wrapf("escrow of bounty %x holds %s, want %s", bounty.Id, held, bounty.Amount)
		}
		if err := k.sendTo(ctx, escrow, c.sample.Contributor, held); err != nil {
			return math.Int{}, err
		}
		return math.ZeroInt(), emit(ctx, &types.EventBountyPaid{
			Bounty: bounty.Id, Sha256: c.sha256, Recipient: c.sample.Contributor, Amount: held.String(),
		})
	}
}

func (k *Keeper) putOffPayment(ctx context.Context, payment duePayment, cause error) error {
	matches, err := k.matchesOf(ctx, payment.bounty)
	if err != nil {
		return err
	}
	for _, match := range matches {
		if match.DueHeight != payment.height {
			continue
		}
		if err := k.setDue(ctx, match, sdk.UnwrapSDKContext(ctx).BlockHeight()+retryBlocks); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventItemFailed{
		Queue: "bounty_payments", Item: fmt.Sprintf("%x", payment.bounty), Error: cause.Error(),
	})
}

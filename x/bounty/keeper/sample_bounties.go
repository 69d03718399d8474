package keeper

import (
	"context"
	"encoding/hex"

	"cosmossdk.io/math"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// payEngines pays a bounty on a sample to the operators whose engines were right about it
// in the first round that opened after the posting, by the weight w of those engines:
//
//	share = amount · w / Σ w
//
// and returns what nobody earned: the shares of operators that are not registered any more,
// or everything where there is no such round, truth or engine. Nobody earns a bounty for a
// wanted sample this way.
func (k *Keeper) payEngines(ctx context.Context, bounty types.Bounty) (math.Int, error) {
	if bounty.Kind.Wanted() {
		return bounty.Amount, nil
	}
	sha256, err := hex.DecodeString(bounty.Target)
	if err != nil {
		return math.Int{}, err
	}
	right, total, err := k.rightOperators(ctx, sha256, bounty.PostedHeight)
	if err != nil || total == 0 {
		return bounty.Amount, err
	}
	unpaid := math.ZeroInt()
	for _, r := range right {
		share := bounty.Amount.Mul(math.NewIntFromUint64(r.Weight)).Quo(math.NewIntFromUint64(total))
		paid, err := k.payShare(ctx, bounty, sha256, r.Operator, share)
		if err != nil {
			return math.Int{}, err
		}
		if !paid {
			unpaid = unpaid.Add(share)
		}
	}
	return unpaid, nil
}

// payShare pays an operator with its delegators; paid is false when it is gone.
func (k *Keeper) payShare(ctx context.Context, bounty types.Bounty, sha256 []byte, operator string, share math.Int) (paid bool, err error) {
	address, err := types.ParseAddress("operator", operator)
	if err != nil {
		return false, err
	}
	err = k.supernode.AllocateRewards(ctx, types.EscrowAddress(bounty.Id), address, share)
	if supernodetypes.ErrNotFound.Is(err) {
		return false, nil
	}
	if err != nil || share.IsZero() {
		return true, err
	}
	return true, emit(ctx, &types.EventBountyPaid{Bounty: bounty.Id, Sha256: sha256, Recipient: operator, Amount: share.String()})
}

// rightOperators returns whose engines were right about a sample in the round that counts,
// in operator order, and what all of those weigh.
func (k *Keeper) rightOperators(ctx context.Context, sha256 []byte, posted int64) (right []verdictstypes.OperatorWeight, total uint64, err error) {
	truth, err := k.verdicts.Truth(ctx, sha256)
	if err != nil || !truth.IsTruth() {
		return nil, 0, err
	}
	round, err := k.firstRoundSince(ctx, sha256, posted)
	if err != nil || round == 0 {
		return nil, 0, err
	}
	report, err := k.verdicts.Report(ctx, sha256, round)
	if err != nil {
		return nil, 0, err
	}
	right, total = report.RightOperators(truth)
	return right, total, nil
}

// firstRoundSince returns the first final round that scanned a sample and was opened at or
// after a height; 0 when there is none. Each round of a sample costs a fee or a delay, so
// they are few.
func (k *Keeper) firstRoundSince(ctx context.Context, sha256 []byte, posted int64) (uint64, error) {
	outcomes, err := k.verdicts.Outcomes(ctx, sha256)
	if err != nil {
		return 0, err
	}
	for _, outcome := range outcomes {
		round, err := k.verdicts.Round(ctx, outcome.Round)
		if err != nil {
			return 0, err
		}
		if round.OpenedHeight >= posted && !round.Kind.JudgesAgain() {
			return round.Number, nil
		}
	}
	return 0, nil
}

package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// settle divides the price of a delivered order by its rates. What finds nobody to be paid
// to is burned, and so is the bond of a buyer who disputed a right key.
func (k *Keeper) settle(ctx context.Context, order types.Order) error {
	bond, err := k.lostBond(ctx, order)
	if err != nil {
		return err
	}
	parts, paid := order.Rates.Divide(order.Price), types.NoSplit()
	contributor, err := k.contributor(ctx, order)
	if err != nil {
		return err
	}
	if paid.Contributor, err = k.payContributor(ctx, order, contributor, parts.Contributor); err != nil {
		return err
	}
	if paid.Engines, err = k.payEngines(ctx, order, parts.Engines); err != nil {
		return err
	}
	if paid.Deliverer, err = k.payOperator(ctx, order, order.Operator, parts.Deliverer); err != nil {
		return err
	}
	if paid.Storage, err = k.payHolders(ctx, order, parts.Storage); err != nil {
		return err
	}
	paid.Burned = order.Price.Sub(paid.Sum())
	if err := k.burn(ctx, types.EscrowAddress(order.Id), paid.Burned.Add(bond)); err != nil {
		return err
	}
	if order.Ending == types.ENDING_UNSPECIFIED {
		order.Ending = types.ENDING_UNDISPUTED
	}
	order.Status, order.Split = types.ORDER_STATUS_SETTLED, paid
	return k.end(ctx, order, types.EventOrderEnded{ContributorAccount: contributor.String()})
}

// lostBond is what the escrow of a dispute that was lost holds above the price, up to the
// bond.
func (k *Keeper) lostBond(ctx context.Context, order types.Order) (math.Int, error) {
	if order.Ending != types.ENDING_RIGHT_KEY {
		return math.ZeroInt(), nil
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return math.Int{}, err
	}
	held := k.bank.GetBalance(ctx, types.EscrowAddress(order.Id), types.Denom).Amount
	return math.MinInt(params.DisputeBond.Amount, held.Sub(order.Price)), nil
}

// contributor is who is paid for a sample: the one of its first sales if that is settled,
// else the one of its record. It is settled with the first sale after which no older claim
// can replace it, and holds for ever, whoever submits the content anew.
func (k *Keeper) contributor(ctx context.Context, order types.Order) (sdk.AccAddress, error) {
	first, err := k.FirstContributors.Get(ctx, order.Sha256)
	if err == nil || !errors.Is(err, collections.ErrNotFound) {
		return first, err
	}
	sample, there, err := k.ordered(ctx, order)
	if err != nil {
		return nil, err
	}
	if !there {
		return types.ParseAddress("contributor", order.Contributor)
	}
	contributor, err := types.ParseAddress("contributor", sample.Contributor)
	if err != nil {
		return nil, err
	}
	window, err := k.samples.ClaimWindowBlocks(ctx)
	if err != nil || sdk.UnwrapSDKContext(ctx).BlockHeight() < sample.SubmittedHeight+int64(window) {
		return contributor, err
	}
	return contributor, k.FirstContributors.Set(ctx, order.Sha256, contributor)
}

func (k *Keeper) payContributor(ctx context.Context, order types.Order, contributor sdk.AccAddress, part math.Int) (paid math.Int, err error) {
	if k.bank.BlockedAddr(contributor) {
		return math.ZeroInt(), nil
	}
	return part, k.send(ctx, types.EscrowAddress(order.Id), contributor, part)
}

// payEngines pays the operators whose engines were right about the sample in its newest
// round, by the weight w of those engines:
//
//	share = part · w / Σ w
//
// Nobody is paid where nothing counts as true, or the record of the round is gone.
func (k *Keeper) payEngines(ctx context.Context, order types.Order, part math.Int) (paid math.Int, err error) {
	paid = math.ZeroInt()
	truth, err := k.verdicts.Truth(ctx, order.Sha256)
	if err != nil || !truth.IsTruth() {
		return paid, err
	}
	report, err := k.verdicts.Report(ctx, order.Sha256, 0)
	if status.Code(err) == codes.NotFound {
		return paid, nil
	}
	if err != nil {
		return paid, err
	}
	right, total := report.RightOperators(truth)
	if total == 0 {
		return paid, nil
	}
	for _, r := range right {
		share := part.Mul(math.NewIntFromUint64(r.Weight)).Quo(math.NewIntFromUint64(total))
		share, err := k.payOperator(ctx, order, r.Operator, share)
		if err != nil {
			return paid, err
		}
		paid = paid.Add(share)
	}
	return paid, nil
}

// payHolders pays those who must store the sample now equal parts.
func (k *Keeper) payHolders(ctx context.Context, order types.Order, part math.Int) (paid math.Int, err error) {
	paid = math.ZeroInt()
	operators, err := k.attesters(ctx)
	if err != nil {
		return paid, err
	}
	replication, err := k.samples.Replication(ctx)
	if err != nil {
		return paid, err
	}
	holders := samplestypes.Holders(order.Sha256, operators, int(replication))
	for _, holder := range holders {
		share, err := k.payOperator(ctx, order, holder.String(), part.QuoRaw(int64(len(holders))))
		if err != nil {
			return paid, err
		}
		paid = paid.Add(share)
	}
	return paid, nil
}

// payOperator pays an operator with its delegators, and nothing when it is gone.
func (k *Keeper) payOperator(ctx context.Context, order types.Order, operator string, amount math.Int) (paid math.Int, err error) {
	address, err := types.ParseAddress("operator", operator)
	if err != nil {
		return math.Int{}, err
	}
	err = k.supernode.AllocateRewards(ctx, types.EscrowAddress(order.Id), address, amount)
	if supernodetypes.ErrNotFound.Is(err) {
		return math.ZeroInt(), nil
	}
	return amount, err
}

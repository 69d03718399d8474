package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/market/types"
)

const (
	// maxTrancheEndsPerBlock bounds the tranches that end in a block. Each was a decision of
	// the authority, so they are few.
	maxTrancheEndsPerBlock = 10
	// trancheRetrySeconds is when an end that failed is tried again.
	trancheRetrySeconds = 100
)

// CreateTranche moves the amount of a tranche from the reserve to its account.
func (s msgServer) CreateTranche(ctx context.Context, msg *types.MsgCreateTranche) (*types.MsgCreateTrancheResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.authority, msg.Authority); err != nil {
		return nil, err
	}
	tranche, err := types.NewTranche(msg)
	if err != nil {
		return nil, err
	}
	if err := s.checkNewTranche(ctx, tranche); err != nil {
		return nil, err
	}
	if err := s.send(ctx, s.reserve(), types.TrancheAddress(tranche.Id), tranche.Amount); err != nil {
		return nil, err
	}
	if err := s.insertTranche(ctx, tranche); err != nil {
		return nil, err
	}
	return &types.MsgCreateTrancheResponse{Id: tranche.Id}, emit(ctx, &types.EventTrancheCreated{
		Tranche: tranche.Id, Amount: tranche.Amount.String(), Price: tranche.Price.String(), PayDenom: tranche.PayDenom,
		StartTime: tranche.StartTime, EndTime: tranche.EndTime,
	})
}

// checkNewTranche checks a tranche against the state.
func (k *Keeper) checkNewTranche(ctx context.Context, tranche types.Tranche) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	if tranche.EndTime <= now {
		return types.ErrInvalidTranche.Wrapf("end_time: %d is not after %d", tranche.EndTime, now)
	}
	proceeds, err := types.ParseAddress("proceeds", tranche.Proceeds)
	if err != nil {
		return err
	}
	if k.bank.BlockedAddr(proceeds) {
		return types.ErrInvalidTranche.Wrapf("proceeds: %s may not receive", tranche.Proceeds)
	}
	exists, err := k.Tranches.Has(ctx, tranche.Id)
	if err != nil {
		return err
	}
	if exists {
		return types.ErrInvalidTranche.Wrapf("%x exists already", tranche.Id)
	}
	if left := k.bank.GetBalance(ctx, k.reserve(), types.Denom).Amount; tranche.Amount.GT(left) {
		return types.ErrInvalidTranche.Wrapf("amount: %s is above the reserve of %s", tranche.Amount, left)
	}
	return nil
}

// insertTranche writes a tranche, and queues its end unless that is over.
func (k *Keeper) insertTranche(ctx context.Context, tranche types.Tranche) error {
	if err := k.Tranches.Set(ctx, tranche.Id, tranche); err != nil || tranche.Ended {
		return err
	}
	return k.TrancheEnds.Set(ctx, collections.Join(tranche.EndTime, tranche.Id))
}

// BuyTokens pays for uvmt of a tranche, and hands them over.
func (s msgServer) BuyTokens(ctx context.Context, msg *types.MsgBuyTokens) (*types.MsgBuyTokensResponse, error) {
	buyer, err := types.ParseAddress("buyer", msg.Buyer)
	if err != nil {
		return nil, err
	}
	if msg.Amount.Denom != types.Denom || msg.Amount.Amount.IsNil() || !msg.Amount.Amount.IsPositive() {
		return nil, types.ErrInvalidAmount.Wrapf("amount: %s, want a positive one of %s", msg.Amount, types.Denom)
	}
	tranche, err := s.tranche(ctx, msg.Tranche)
	if err != nil {
		return nil, err
	}
	bought, err := s.buy(ctx, tranche, buyer, msg.Amount.Amount)
	if err != nil {
		return nil, err
	}
	paid := tranche.Cost(msg.Amount.Amount)
	if err := s.exchange(ctx, tranche, buyer, paid, msg.Amount); err != nil {
		return nil, err
	}
	tranche.Sold = tranche.Sold.Add(msg.Amount.Amount)
	if err := s.Tranches.Set(ctx, tranche.Id, tranche); err != nil {
		return nil, err
	}
	if err := s.Purchases.Set(ctx, collections.Join(tranche.Id, buyer), bought); err != nil {
		return nil, err
	}
	return &types.MsgBuyTokensResponse{Paid: paid}, emit(ctx, &types.EventTokensBought{
		Tranche: tranche.Id, Buyer: msg.Buyer, Amount: msg.Amount.String(), Paid: paid.String(),
	})
}

// buy checks that a tranche has an amount for a buyer now, and returns what the buyer then
// has bought of it.
func (k *Keeper) buy(ctx context.Context, tranche types.Tranche, buyer sdk.AccAddress, amount math.Int) (math.Int, error) {
	none := math.Int{}
	if now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix(); !tranche.OpenAt(now) {
		return none, types.ErrTrancheClosed.Wrapf("it is sold from %d to before %d, now is %d", tranche.StartTime, tranche.EndTime, now)
	}
	if amount.GT(tranche.Left()) {
		return none, types.ErrSoldOut.Wrapf("amount: %s, but %s are left", amount, tranche.Left())
	}
	bought, err := k.Purchases.Get(ctx, collections.Join(tranche.Id, buyer))
	if errors.Is(err, collections.ErrNotFound) {
		bought, err = math.ZeroInt(), nil
	}
	if err != nil {
		return none, err
	}
	if bought = bought.Add(amount); bought.GT(tranche.Cap) {
		return none, types.ErrAccountCap.Wrapf("amount: %s make %s, the cap is %s", amount, bought, tranche.Cap)
	}
	return bought, nil
}

// exchange moves the payment one way and what was bought the other.
func (k *Keeper) exchange(ctx context.Context, tranche types.Tranche, buyer sdk.AccAddress, paid, amount sdk.Coin) error {
	proceeds, err := types.ParseAddress("proceeds", tranche.Proceeds)
	if err != nil {
		return err
	}
	if err := k.bank.SendCoins(ctx, buyer, proceeds, sdk.NewCoins(paid)); err != nil {
		return err
	}
	return k.bank.SendCoins(ctx, types.TrancheAddress(tranche.Id), buyer, sdk.NewCoins(amount))
}

// endTranches burns what is left of the tranches that are over. What fails is tried again.
func (k *Keeper) endTranches(ctx context.Context) error {
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	due, err := endblock.Take(ctx, k.TrancheEnds, collections.NewPrefixUntilPairRange[int64, []byte](now), maxTrancheEndsPerBlock)
	if err != nil {
		return err
	}
	for _, key := range due {
		failed := endblock.Isolate(ctx, fmt.Sprintf("end of tranche %x", key.K2()), func(ctx context.Context) error {
			return k.endTranche(ctx, key.K2())
		})
		if failed == nil {
			continue
		}
		if err := k.TrancheEnds.Set(ctx, collections.Join(now+trancheRetrySeconds, key.K2())); err != nil {
			return err
		}
	}
	return nil
}

// endTranche burns exactly what was not sold; a gift to the account goes to the proceeds.
// It happens once: an ended tranche is in no queue, and is left alone.
func (k *Keeper) endTranche(ctx context.Context, id []byte) error {
	tranche, err := k.tranche(ctx, id)
	if err != nil || tranche.Ended {
		return err
	}
	if err := k.burn(ctx, types.TrancheAddress(id), tranche.Left()); err != nil {
		return err
	}
	proceeds, err := types.ParseAddress("proceeds", tranche.Proceeds)
	if err != nil {
		return err
	}
	account := types.TrancheAddress(id)
	gift := sdk.NewCoins(k.bank.GetBalance(ctx, account, types.Denom), k.bank.GetBalance(ctx, account, tranche.PayDenom))
	if !gift.IsZero() {
		if err := k.bank.SendCoins(ctx, account, proceeds, gift); err != nil {
			return err
		}
	}
	tranche.Ended = true
	if err := k.Tranches.Set(ctx, id, tranche); err != nil {
		return err
	}
	return emit(ctx, &types.EventTrancheEnded{Tranche: id, Sold: tranche.Sold.String(), Burned: tranche.Left().String()})
}

// tranche returns a tranche, or ErrNotFound.
func (k *Keeper) tranche(ctx context.Context, id []byte) (types.Tranche, error) {
	tranche, err := k.Tranches.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Tranche{}, types.ErrNotFound.Wrapf("tranche %.40x", id)
	}
	return tranche, err
}

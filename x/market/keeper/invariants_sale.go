package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

// SaleInvariant: each open tranche has what it can still sell and waits for its end once;
// what accounts bought of a tranche is what it sold.
func (k *Keeper) SaleInvariant(ctx context.Context) error {
	open := make(map[string]int64) // only looked up
	err := k.Tranches.Walk(ctx, nil, func(id []byte, tranche types.Tranche) (bool, error) {
		if !tranche.Ended {
			open[string(id)] = tranche.EndTime
		}
		return false, k.checkTranche(ctx, id, tranche)
	})
	if err != nil {
		return err
	}
	if err := k.checkTrancheEnds(ctx, open); err != nil {
		return err
	}
	return k.Purchases.Walk(ctx, nil, func(key purchaseKey, _ math.Int) (bool, error) {
		_, err := k.Tranches.Get(ctx, key.K1())
		if err != nil {
			err = types.ErrInvariant.Wrapf("%s bought of tranche %x: %s", key.K2(), key.K1(), err)
		}
		return false, err
	})
}

// checkTranche: a tranche is sound, has its coins, and sold what was bought.
func (k *Keeper) checkTranche(ctx context.Context, id []byte, tranche types.Tranche) error {
	if err := tranche.Validate(); err != nil || !bytes.Equal(id, tranche.Id) {
		return types.ErrInvariant.Wrapf("tranche %x: it says %x (error %v)", id, tranche.Id, err)
	}
	sum := math.ZeroInt()
	of := collections.NewPrefixedPairRange[[]byte, sdk.AccAddress](id)
	err := k.Purchases.Walk(ctx, of, func(key purchaseKey, amount math.Int) (bool, error) {
		if !amount.IsPositive() || amount.GT(tranche.Cap) {
			return true, types.ErrInvariant.Wrapf("tranche %x: %s bought %s, the cap is %s", id, key.K2(), amount, tranche.Cap)
		}
		sum = sum.Add(amount)
		return false, nil
	})
	if err != nil {
		return err
	}
	if !sum.Equal(tranche.Sold) {
		return types.ErrInvariant.Wrapf("tranche %x: sold %s, bought %s", id, tranche.Sold, sum)
	}
	return k.checkTrancheAccount(ctx, tranche)
}

// checkTrancheAccount: an open tranche has at least what it can still sell. It may have
// more, because anybody can send coins to it.
func (k *Keeper) checkTrancheAccount(ctx context.Context, tranche types.Tranche) error {
	held := k.bank.GetBalance(ctx, types.TrancheAddress(tranche.Id), types.Denom).Amount
	if !tranche.Ended && held.LT(tranche.Left()) {
		return types.ErrInvariant.Wrapf("tranche %x has %s left, its account holds %s", tranche.Id, tranche.Left(), held)
	}
	return nil
}

// checkTrancheEnds: the queue has each open tranche once, not before its end, and no other.
func (k *Keeper) checkTrancheEnds(ctx context.Context, open map[string]int64) error {
	queued := make(map[string]bool, len(open)) // only looked up
	err := k.TrancheEnds.Walk(ctx, nil, func(key dueKey) (bool, error) {
		id := string(key.K2())
		if end, isOpen := open[id]; !isOpen || queued[id] || key.K1() < end {
			return true, types.ErrInvariant.Wrapf("end of tranche %x at %d: it is open: %t, until %d, queued before: %t", id, key.K1(), isOpen, end, queued[id])
		}
		queued[id] = true
		return false, nil
	})
	if err == nil && len(queued) != len(open) {
		err = types.ErrInvariant.Wrapf("%d tranches are open, %d wait for their end", len(open), len(queued))
	}
	return err
}

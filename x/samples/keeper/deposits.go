package keeper

import (
	"context"
	"maps"
	"slices"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// collectDeposits takes the deposits of count new samples from their payer at once.
func (k *Keeper) collectDeposits(ctx context.Context, payer sdk.AccAddress, deposit sdk.Coin, count uint32) error {
	total := deposit.Amount.MulRaw(int64(count))
	if total.IsZero() {
		return nil
	}
	return k.bank.SendCoins(ctx, payer, types.DepositAddress(payer), coins(total))
}

// settlement sums what a set of samples moves out of the deposit accounts, so that a
// payer costs one send however many samples are settled.
type settlement struct {
	refunds, burns map[string]math.Int // by payer
}

func newSettlement() *settlement {
	return &settlement{refunds: make(map[string]math.Int), burns: make(map[string]math.Int)}
}

// refund takes the deposit off the record, to go back to its payer.
func (s *settlement) refund(sample *types.Sample) { take(s.refunds, sample) }

// burn takes the deposit off the record, to be burned.
func (s *settlement) burn(sample *types.Sample) { take(s.burns, sample) }

func take(sums map[string]math.Int, sample *types.Sample) {
	if !sample.Deposit.IsPositive() {
		return
	}
	sum, found := sums[sample.Payer()]
	if !found {
		sum = math.ZeroInt()
	}
	sums[sample.Payer()] = sum.Add(sample.Deposit)
	sample.Deposit = math.ZeroInt()
}

// settle moves the summed deposits, payers in ascending order.
func (k *Keeper) settle(ctx context.Context, s *settlement) error {
	for _, text := range slices.Sorted(maps.Keys(s.refunds)) {
		payer, err := sdk.AccAddressFromBech32(text)
		if err != nil {
			return err
		}
		if err := k.bank.SendCoins(ctx, types.DepositAddress(payer), payer, coins(s.refunds[text])); err != nil {
			return err
		}
	}
	burned := math.ZeroInt()
	for _, text := range slices.Sorted(maps.Keys(s.burns)) {
		payer, err := sdk.AccAddressFromBech32(text)
		if err != nil {
			return err
		}
		if err := k.bank.SendCoinsFromAccountToModule(ctx, types.DepositAddress(payer), types.ModuleName, coins(s.burns[text])); err != nil {
			return err
		}
		burned = burned.Add(s.burns[text])
	}
	if burned.IsZero() {
		return nil
	}
	return k.bank.BurnCoins(ctx, types.ModuleName, coins(burned))
}

func coins(amount math.Int) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(types.Denom, amount))
}

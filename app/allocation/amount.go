package allocation

import (
	"errors"
	"fmt"
	"strings"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
)

// Amount is a share of what contains it, as "12.5%", or exact, as "1000000uvmt".
type Amount string

// of reads the amount in uvmt, of which whole is all. field names it in errors.
func (a Amount) of(field string, whole math.Int) (math.Int, error) {
	amount, err := a.parse(whole)
	if err != nil {
		return math.Int{}, fmt.Errorf("%s: %q: %w", field, a, err)
	}
	if !amount.IsInteger() {
		return math.Int{}, fmt.Errorf("%s: %q is no whole number of %s", field, a, app.Denom)
	}
	return amount.TruncateInt(), nil
}

func (a Amount) parse(whole math.Int) (none math.LegacyDec, err error) {
	if share, isShare := strings.CutSuffix(string(a), "%"); isShare {
		percent, err := math.LegacyNewDecFromStr(share)
		if err != nil {
			return none, err
		}
		if percent.IsNegative() || percent.GT(math.LegacyNewDec(100)) {
			return none, errors.New("want 0%..100%")
		}
		return percent.MulInt(whole).QuoInt64(100), nil
	}
	coin, err := sdk.ParseDecCoin(string(a))
	if err != nil {
		return none, fmt.Errorf("want a share as 12.5%% or an amount as 1000000%s", app.Denom)
	}
	if coin.Denom != app.Denom {
		return none, fmt.Errorf("denomination %q is not %s", coin.Denom, app.Denom)
	}
	if coin.Amount.GT(math.LegacyNewDecFromInt(whole)) {
		return none, fmt.Errorf("want 0..%s%s", whole, app.Denom)
	}
	return coin.Amount, nil
}

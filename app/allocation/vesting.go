package allocation

import (
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"

	"github.com/virusmap/virusmap/app"
)

const (
	day = 24 * 60 * 60
	// maxVesting bounds how many seconds coins vest, and so the instalments of an account.
	maxVesting = 20 * 365 * day
	// instalment is after how many seconds more is freed, once the cliff has passed.
	instalment = 30 * day
)

// Vesting is when coins become free to be sent; all of them can be staked before. They
// vest evenly from Start to End. With a Cliff nothing is free before it, and from then on
// what has vested is freed every 30 days.
type Vesting struct {
	Start time.Time `json:"vesting_start,omitzero"`
	Cliff time.Time `json:"vesting_cliff,omitzero"`
	End   time.Time `json:"vesting_end,omitzero"`
}

// validate checks the times of coins that vest on a chain that starts at genesis.
func (v Vesting) validate(genesis time.Time) error {
	start, cliff, end := v.Start.Unix(), v.Cliff.Unix(), v.End.Unix()
	switch {
	case v.Start.IsZero():
		return errors.New("vesting_start is missing")
	case v.End.IsZero():
		return errors.New("vesting_end is missing")
	case start < 0:
		return fmt.Errorf("vesting_start %s is before 1970", text(v.Start))
	case end <= start:
		return fmt.Errorf("vesting_end %s is not after vesting_start %s", text(v.End), text(v.Start))
	case end-start > maxVesting:
		return fmt.Errorf("vesting_end %s is more than %d seconds after vesting_start %s", text(v.End), maxVesting, text(v.Start))
	case !v.End.After(genesis):
		return fmt.Errorf("vesting_end %s is not after genesis_time %s: nothing would vest", text(v.End), text(genesis))
	case !v.Cliff.IsZero() && (cliff <= start || cliff > end):
		return fmt.Errorf("vesting_cliff %s is not after vesting_start %s and until vesting_end %s",
			text(v.Cliff), text(v.Start), text(v.End))
	}
	return nil
}

// account is one of the SDK's accounts whose amount in uvmt vests.
func (v Vesting) account(address sdk.AccAddress, amount math.Int) (authtypes.GenesisAccount, error) {
	base := authtypes.NewBaseAccountWithAddress(address)
	if v.Cliff.IsZero() {
		return vestingtypes.NewContinuousVestingAccount(base, coins(amount), v.Start.Unix(), v.End.Unix())
	}
	return vestingtypes.NewPeriodicVestingAccount(base, coins(amount), v.Start.Unix(), v.periods(amount))
}

// periods frees at the cliff and every 30 days after it what has vested by then.
func (v Vesting) periods(amount math.Int) (periods vestingtypes.Periods) {
	start, end := v.Start.Unix(), v.End.Unix()
	last, freed := start, math.ZeroInt()
	for at := v.Cliff.Unix(); ; at = min(at+instalment, end) {
		vested := amount.MulRaw(at - start).QuoRaw(end - start)
		// The SDK refuses an instalment of nothing.
		if vested.GT(freed) {
			periods = append(periods, vestingtypes.Period{Length: at - last, Amount: coins(vested.Sub(freed))})
			last, freed = at, vested
		}
		if at == end {
			return periods
		}
	}
}

// String is for the table of an allocation.
func (v Vesting) String() string {
	switch {
	case v.End.IsZero():
		return ""
	case v.Cliff.IsZero():
		return fmt.Sprintf("%s to %s", text(v.Start), text(v.End))
	}
	return fmt.Sprintf("%s to %s, nothing before %s", text(v.Start), text(v.End), text(v.Cliff))
}

func text(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func coins(amount math.Int) sdk.Coins { return sdk.NewCoins(sdk.NewCoin(app.Denom, amount)) }

package allocation_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/allocation"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

var genesisTime = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// byName knows every name but "nobody", as a keyring would.
func byName(name string) (sdk.AccAddress, error) {
	if name == "nobody" {
		return nil, errors.New("no such key")
	}
	if address, err := sdk.AccAddressFromBech32(name); err == nil {
		return address, nil
	}
	return chaintest.NewAccount(name).Address, nil
}

func TestExampleIsAPlan(t *testing.T) {
	bz, err := json.Marshal(allocation.Example(genesisTime))
	require.NoError(t, err)
	plan, err := allocation.ParsePlan(strings.NewReader(string(bz)))
	require.NoError(t, err)
	require.Equal(t, allocation.Example(genesisTime), plan)

	supply, err := plan.Resolve(genesisTime, byName)
	require.NoError(t, err)
	require.Equal(t, bountytypes.DefaultAllocation(), supply.Allocation)
	require.Equal(t, supply.Allocation.Contribution, supply.Schedule.Treasury)
	require.EqualValues(t, bountytypes.DefaultPeriodEpochs, supply.Schedule.PeriodEpochs)

	var out strings.Builder
	require.NoError(t, supply.Print(&out))
	for _, line := range []string{
		`(?m)^ALLOCATION +PERCENT +VMT +VESTING *$`,
		`(?m)^contribution +60 +600000000 *$`,
		`(?m)^  module account bounty +60 +600000000 *$`,
		`(?m)^  vmt1\w+ +0\.002 +20000 *$`,
		`(?m)^  module account market +19\.898 +198980000 *$`,
		`(?m)^  vmt1\w+ +6\.25 +62500000 +2030-01-01T00:00:00Z to 2034-01-01T00:00:00Z, nothing before 2031-01-01T00:00:00Z$`,
		`(?m)^  vmt1\w+ +5 +50000000 +2030-01-01T00:00:00Z to 2032-01-01T00:00:00Z$`,
		`(?m)^all +100 +1000000000 *$`,
	} {
		require.Regexp(t, line, out.String())
	}
}

// The plan in the guide is one that the tool takes.
func TestGuideHasAPlan(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guides/genesis.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(guide), "```json\n")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "```")
	plan, err := allocation.ParsePlan(strings.NewReader(text))
	require.NoError(t, err)
	supply, err := plan.Resolve(genesisTime, byName)
	require.NoError(t, err)
	require.Equal(t, bountytypes.DefaultAllocation(), supply.Allocation)
}

func TestPlansThatAreNoPlans(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"an unknown field", `{"contribution":"60%","marketing":"5%"}`, `unknown field "marketing"`},
		{"an unknown field of an account", `{"sale":{"accounts":[{"address":"a","memo":"b"}]}}`, `unknown field "memo"`},
		{"a number", `{"contribution":60}`, "cannot unmarshal number"},
		{"a time of another form", `{"developers":{"accounts":[{"vesting_start":"tomorrow"}]}}`, "tomorrow"},
		{"two of them", `{}{}`, "something follows its end"},
		{"nothing", ``, "EOF"},
		{"too much", strings.Repeat(" ", 1<<20) + "{}", "larger than 1048576 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := allocation.ParsePlan(strings.NewReader(test.text))
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestPlansThatAreRefused(t *testing.T) {
	module := authtypes.NewModuleAddress(bountytypes.ModuleName).String()
	year := func(n int) time.Time { return genesisTime.AddDate(n, 0, 0) }
	for _, test := range []struct {
		name   string
		change func(p *allocation.Plan)
		want   string
	}{
		{"nothing for anybody", func(p *allocation.Plan) {
			*p = allocation.Plan{Contribution: "0%", Community: "0%"}
			p.Sale.Amount, p.Developers.Amount, p.Supporters.Amount = "0%", "0%", "0%"
		}, "allocates nothing"},
		{"half for contributors", func(p *allocation.Plan) { p.Contribution, p.Community = "50%", "15%" }, "contributors must hold the majority"},
		{"less than all", func(p *allocation.Plan) { p.Community = "4.999999%" }, "allocation sums up to 999999990000000, want 1000000000000000uvmt"},
		{"more than all", func(p *allocation.Plan) { p.Community = "6%" }, "allocation sums up to 1010000000000000"},
		{"no amount", func(p *allocation.Plan) { p.Community = "" }, `community: "": want a share as 12.5% or an amount as 1000000uvmt`},
		{"a number alone", func(p *allocation.Plan) { p.Community = "5" }, `community: "5": want a share`},
		{"a share below nothing", func(p *allocation.Plan) { p.Community = "-5%" }, `community: "-5%": want 0%..100%`},
		{"a share of more than all", func(p *allocation.Plan) { p.Contribution = "101%" }, `contribution: "101%": want 0%..100%`},
		{"a share that is no number", func(p *allocation.Plan) { p.Contribution = "most%" }, `contribution: "most%"`},
		{"an amount below nothing", func(p *allocation.Plan) { p.Community = "-5uvmt" }, `community: "-5uvmt": want a share`},
		{"an amount of more than all", func(p *allocation.Plan) { p.Community = "1000000000000001uvmt" }, "want 0..1000000000000000uvmt"},
		{"a part of a uvmt", func(p *allocation.Plan) { p.Community = "0.5uvmt" }, `"0.5uvmt" is no whole number of uvmt`},
		{"a share that is no whole uvmt", func(p *allocation.Plan) { p.Community = "5.00000000000000001%" }, "is no whole number of uvmt"},
		{"VMT", func(p *allocation.Plan) { p.Community = "50000000VMT" }, `denomination "VMT" is not uvmt`},
		{"another denomination", func(p *allocation.Plan) { p.Sale.Accounts[0].Amount = "5uatom" }, `sale.accounts[0].amount: "5uatom": denomination "uatom" is not uvmt`},

		{"an account that nobody knows", func(p *allocation.Plan) { p.Sale.Accounts[0].Address = "nobody" }, "sale.accounts[0].address: no such key"},
		{"an account twice in the sale", func(p *allocation.Plan) { p.Sale.Accounts[1].Address = p.Sale.Accounts[0].Address }, "stands twice in sale"},
		{"an account twice among developers", func(p *allocation.Plan) { p.Developers.Accounts[1].Address = p.Developers.Accounts[0].Address }, "stands twice in developers"},
		{"a developer among supporters", func(p *allocation.Plan) { p.Supporters.Accounts[0].Address = p.Developers.Accounts[1].Address }, "stands in developers and in supporters: an account vests once"},
		{"the treasury as a buyer", func(p *allocation.Plan) { p.Sale.Accounts[0].Address = module }, "sale.accounts[0].address: " + module + " is a module account"},
		{"an account that gets nothing", func(p *allocation.Plan) { p.Sale.Accounts[0].Amount = "0uvmt" }, "sale.accounts[0].amount is 0uvmt"},
		{"more sold than there is", func(p *allocation.Plan) { p.Sale.Accounts[0].Amount = "100%" }, "sale.accounts[1].amount: 20000000000uvmt more than the 200000000000000uvmt of sale are given"},
		{"developers' coins for nobody", func(p *allocation.Plan) { p.Developers.Accounts = p.Developers.Accounts[:1] }, "developers: 37500000000000uvmt of 100000000000000uvmt are given to nobody"},
		{"supporters' coins for nobody", func(p *allocation.Plan) { p.Supporters.Accounts = nil }, "supporters: 50000000000000uvmt of 50000000000000uvmt are given to nobody"},

		{"a sale that vests", func(p *allocation.Plan) { p.Sale.Accounts[0].Vesting = p.Supporters.Accounts[0].Vesting }, "sale.accounts[0]: what is sold does not vest"},
		{"a developer that does not vest", func(p *allocation.Plan) { p.Developers.Accounts[1].Vesting = allocation.Vesting{} }, "developers.accounts[1]: vesting_start is missing"},
		{"no end of vesting", func(p *allocation.Plan) { p.Developers.Accounts[0].End = time.Time{} }, "developers.accounts[0]: vesting_end is missing"},
		{"an end before the start", func(p *allocation.Plan) { p.Supporters.Accounts[0].End = year(-1) }, "supporters.accounts[0]: vesting_end 2029-01-01T00:00:00Z is not after vesting_start"},
		{"an end in the second of the start", func(p *allocation.Plan) { p.Supporters.Accounts[0].End = genesisTime.Add(time.Millisecond) }, "is not after vesting_start"},
		{"an end before genesis", func(p *allocation.Plan) {
			p.Supporters.Accounts[0].Start, p.Supporters.Accounts[0].End = year(-2), year(-1)
		}, "vesting_end 2029-01-01T00:00:00Z is not after genesis_time"},
		{"an end that none will see", func(p *allocation.Plan) { p.Supporters.Accounts[0].End = year(21) }, "is more than 630720000 seconds after vesting_start"},
		{"a start before 1970", func(p *allocation.Plan) { p.Supporters.Accounts[0].Start = year(-61) }, "is before 1970"},
		{"a cliff at the start", func(p *allocation.Plan) { p.Developers.Accounts[0].Cliff = genesisTime }, "developers.accounts[0]: vesting_cliff 2030-01-01T00:00:00Z is not after vesting_start"},
		{"a cliff behind the end", func(p *allocation.Plan) { p.Developers.Accounts[0].Cliff = year(5) }, "until vesting_end"},

		{"a tail that is no amount", func(p *allocation.Plan) { p.Emission.Tail = "some" }, `emission.tail: "some"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := allocation.Example(genesisTime)
			test.change(&plan)
			_, err := plan.Resolve(genesisTime, byName)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// Nothing is lost by rounding, whatever the shares are.
func TestSharesSumUp(t *testing.T) {
	plan := allocation.Example(genesisTime)
	plan.Contribution, plan.Sale.Amount, plan.Community = "50.000001%", "29.999998%", "5.000001%"
	plan.Sale.Accounts[0].Amount = "33.3333%"
	plan.Emission = nil
	supply, err := plan.Resolve(genesisTime, byName)
	require.NoError(t, err)
	sum := supply.Grants[0].Amount
	for _, grant := range supply.Grants[1:] {
		sum = sum.Add(grant.Amount)
	}
	require.Equal(t, bountytypes.TotalSupply, sum)
	require.Equal(t, "500000010000000", supply.Schedule.Treasury.String())
	require.Equal(t, "99999893333340", supply.Grants[1].Amount.String(), "33.3333 % of 299,999,980 VMT")
	require.Equal(t, app.SaleAccount, supply.Grants[3].Module)
}

// FuzzPlan: whatever a plan says, it is refused or gives out the whole supply.
func FuzzPlan(f *testing.F) {
	bz, err := json.Marshal(allocation.Example(genesisTime))
	require.NoError(f, err)
	f.Add(bz)
	f.Add([]byte(`{"contribution":"100%","sale":{"amount":"0%"},"developers":{"amount":"0uvmt"},"supporters":{"amount":"0%"},"community":"0%"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		plan, err := allocation.ParsePlan(strings.NewReader(string(text)))
		if err != nil {
			return
		}
		supply, err := plan.Resolve(genesisTime, byName)
		if err != nil {
			return
		}
		sum := supply.Grants[0].Amount
		for _, grant := range supply.Grants[1:] {
			sum = sum.Add(grant.Amount)
		}
		require.Equal(t, bountytypes.TotalSupply, sum)
		require.True(t, supply.Schedule.Treasury.MulRaw(2).GT(bountytypes.TotalSupply))
	})
}

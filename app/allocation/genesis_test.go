package allocation_test

import (
	"maps"
	"testing"
	"time"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/allocation"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

func newState(t *testing.T) (codec.Codec, app.GenesisState) {
	t.Helper()
	node := app.New(log.NewNopLogger(), dbm.NewMemDB(), false, chaintest.Options{flags.FlagHome: t.TempDir()})
	return node.Codec, node.DefaultGenesis()
}

func resolve(t *testing.T, plan allocation.Plan) *allocation.Supply {
	t.Helper()
	supply, err := plan.Resolve(genesisTime, byName)
	require.NoError(t, err)
	return supply
}

func TestWriteTo(t *testing.T) {
	cdc, state := newState(t)
	plan := allocation.Example(genesisTime)
	plan.Developers.Accounts[1].Cliff = time.Time{}
	// A developer may also buy; that stays free.
	plan.Sale.Accounts[1].Address = plan.Developers.Accounts[0].Address
	require.NoError(t, resolve(t, plan).WriteTo(cdc, state))

	var bank banktypes.GenesisState
	cdc.MustUnmarshalJSON(state[banktypes.ModuleName], &bank)
	require.Equal(t, "1000000000000000uvmt", bank.Supply.String())
	balances := make(map[string]string)
	for _, balance := range bank.Balances {
		balances[balance.Address] = balance.Coins.String()
	}
	of := func(name string) string { return chaintest.NewAccount(name).Address.String() }
	module := func(name string) string { return authtypes.NewModuleAddress(name).String() }
	require.Equal(t, map[string]string{
		module(bountytypes.ModuleName):       "600000000000000uvmt",
		module(distributiontypes.ModuleName): "50000000000000uvmt",
		module(app.SaleAccount):              "198980000000000uvmt",
		of("validator"):                      "1000000000000uvmt",
		of("lead-developer"):                 "62520000000000uvmt",
		of("engine-developer"):               "37500000000000uvmt",
		of("first-supporter"):                "50000000000000uvmt",
	}, balances)

	var auth authtypes.GenesisState
	cdc.MustUnmarshalJSON(state[authtypes.ModuleName], &auth)
	unpacked, err := authtypes.UnpackAccounts(auth.Accounts)
	require.NoError(t, err)
	require.Len(t, unpacked, 5, "modules make their own accounts, but for the sale")
	accounts := make(map[string]authtypes.GenesisAccount)
	for _, account := range unpacked {
		require.NoError(t, account.Validate())
		accounts[account.GetAddress().String()] = account
	}
	require.IsType(t, &authtypes.BaseAccount{}, accounts[of("validator")])
	require.IsType(t, &vestingtypes.ContinuousVestingAccount{}, accounts[of("engine-developer")])
	require.IsType(t, &vestingtypes.ContinuousVestingAccount{}, accounts[of("first-supporter")])
	require.IsType(t, &authtypes.ModuleAccount{}, accounts[module(app.SaleAccount)])
	lead, ok := accounts[of("lead-developer")].(*vestingtypes.PeriodicVestingAccount)
	require.True(t, ok)
	require.Equal(t, "62500000000000uvmt", lead.OriginalVesting.String(), "what was bought is free")

	var bounty bountytypes.GenesisState
	cdc.MustUnmarshalJSON(state[bountytypes.ModuleName], &bounty)
	require.Equal(t, bountytypes.DefaultAllocation(), bounty.Allocation)
	require.Equal(t, bounty.Allocation.Contribution, bounty.Schedule.Treasury)

	var distribution distributiontypes.GenesisState
	cdc.MustUnmarshalJSON(state[distributiontypes.ModuleName], &distribution)
	require.Equal(t, "50000000000000.000000000000000000uvmt", distribution.FeePool.CommunityPool.String())

	err = resolve(t, plan).WriteTo(cdc, state)
	require.ErrorContains(t, err, "the genesis has an allocation already")
}

func TestVesting(t *testing.T) {
	year := func(n int) time.Time { return genesisTime.AddDate(n, 0, 0) }
	at := func(days int) time.Time { return genesisTime.AddDate(0, 0, days) }
	for _, test := range []struct {
		name    string
		vesting allocation.Vesting
		want    map[time.Time]int64 // locked VMT of 50,000,000
	}{
		{
			"evenly",
			allocation.Vesting{Start: genesisTime, End: at(1000)},
			map[time.Time]int64{genesisTime: 50_000_000, at(1): 49_950_000, at(500): 25_000_000, at(1000): 0},
		},
		{
			"evenly, from later on",
			allocation.Vesting{Start: at(100), End: at(200)},
			map[time.Time]int64{genesisTime: 50_000_000, at(100): 50_000_000, at(150): 25_000_000, at(200): 0},
		},
		{
			"with a cliff",
			allocation.Vesting{Start: genesisTime, Cliff: at(250), End: at(1000)},
			map[time.Time]int64{
				at(249): 50_000_000, at(250): 37_500_000, at(279): 37_500_000, at(280): 36_000_000, at(310): 34_500_000,
				at(999): 1_500_000, at(1000): 0,
			},
		},
		{
			"all at once",
			allocation.Vesting{Start: genesisTime, Cliff: year(1), End: year(1)},
			map[time.Time]int64{at(364): 50_000_000, year(1): 0},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			cdc, state := newState(t)
			plan := allocation.Example(genesisTime)
			plan.Supporters.Accounts[0].Vesting = test.vesting
			require.NoError(t, resolve(t, plan).WriteTo(cdc, state))
			var auth authtypes.GenesisState
			cdc.MustUnmarshalJSON(state[authtypes.ModuleName], &auth)
			accounts, err := authtypes.UnpackAccounts(auth.Accounts)
			require.NoError(t, err)
			supporter := chaintest.NewAccount("first-supporter").Address
			found := false
			for _, account := range accounts {
				if !account.GetAddress().Equals(supporter) {
					continue
				}
				found = true
				for when, want := range test.want {
					locked := account.(banktypes.VestingAccount).LockedCoins(when).AmountOf(app.Denom)
					require.Equal(t, math.NewInt(want*1_000_000).String(), locked.String(), when.String())
				}
			}
			require.True(t, found)
		})
	}
}

// Amounts too small for an instalment each still vest to the last uvmt.
func TestTinyAmountsVest(t *testing.T) {
	cdc, state := newState(t)
	plan := allocation.Example(genesisTime)
	plan.Developers.Accounts[0].Amount, plan.Developers.Accounts[1].Amount = "3uvmt", "99999999999997uvmt"
	require.NoError(t, resolve(t, plan).WriteTo(cdc, state))
}

func TestWriteToRefuses(t *testing.T) {
	some := sdk.NewCoins(sdk.NewInt64Coin(app.Denom, 1))
	stranger := chaintest.NewAccount("stranger").Address
	for _, test := range []struct {
		name   string
		change func(t *testing.T, cdc codec.Codec, state app.GenesisState) error
		want   string // empty when it is fine
	}{
		{"a balance", func(_ *testing.T, cdc codec.Codec, state app.GenesisState) error {
			return app.EditGenesis(cdc, state, banktypes.ModuleName, func(s *banktypes.GenesisState) error {
				s.Balances = []banktypes.Balance{{Address: stranger.String(), Coins: some}}
				return nil
			})
		}, stranger.String() + " holds 1uvmt already: accounts come from the plan"},
		{"a balance of nothing", func(_ *testing.T, cdc codec.Codec, state app.GenesisState) error {
			return app.EditGenesis(cdc, state, banktypes.ModuleName, func(s *banktypes.GenesisState) error {
				s.Balances = []banktypes.Balance{{Address: stranger.String()}}
				return nil
			})
		}, ""},
		{"a supply", func(_ *testing.T, cdc codec.Codec, state app.GenesisState) error {
			return app.EditGenesis(cdc, state, banktypes.ModuleName, func(s *banktypes.GenesisState) error {
				s.Supply = some
				return nil
			})
		}, "a supply of 1uvmt is stated already"},
		{"a community pool", func(_ *testing.T, cdc codec.Codec, state app.GenesisState) error {
			return app.EditGenesis(cdc, state, distributiontypes.ModuleName, func(s *distributiontypes.GenesisState) error {
				s.FeePool.CommunityPool = sdk.NewDecCoinsFromCoins(some...)
				return nil
			})
		}, "the community pool holds 1.000000000000000000uvmt already"},
		{"an account of the plan", func(_ *testing.T, cdc codec.Codec, state app.GenesisState) error {
			return app.EditGenesis(cdc, state, authtypes.ModuleName, func(s *authtypes.GenesisState) (err error) {
				s.Accounts, err = authtypes.PackAccounts(authtypes.GenesisAccounts{
					authtypes.NewBaseAccountWithAddress(chaintest.NewAccount("validator").Address),
				})
				return err
			})
		}, "of sale is in the genesis already"},
		{"an account that may mint", func(_ *testing.T, cdc codec.Codec, state app.GenesisState) error {
			return app.EditGenesis(cdc, state, authtypes.ModuleName, func(s *authtypes.GenesisState) (err error) {
				s.Accounts, err = authtypes.PackAccounts(authtypes.GenesisAccounts{
					authtypes.NewEmptyModuleAccount("mint", authtypes.Minter),
				})
				return err
			})
		}, "module account mint may mint"},
		{"a state that lacks a module", func(_ *testing.T, _ codec.Codec, state app.GenesisState) error {
			delete(state, bountytypes.ModuleName)
			return nil
		}, "genesis state of bounty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cdc, state := newState(t)
			require.NoError(t, test.change(t, cdc, state))
			before := maps.Clone(state)
			err := resolve(t, allocation.Example(genesisTime)).WriteTo(cdc, state)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
			require.Equal(t, before, state, "a refused state is as it was")
		})
	}
}

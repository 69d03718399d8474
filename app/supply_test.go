package app_test

import (
	"encoding/json"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/allocation"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

func TestMintersAreRefused(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{})
	permissions := make(map[string][]string)
	for name, account := range chain.App.AccountKeeper.GetModulePermissions() {
		permissions[name] = account.GetPermissions()
	}
	require.Contains(t, permissions, app.SaleAccount)
	require.NoError(t, app.RefuseMinters(permissions))
	permissions["mint"] = []string{authtypes.Burner, authtypes.Minter}
	require.EqualError(t, app.RefuseMinters(permissions), "module account mint may mint")
}

// What comes out of a chain that burned something goes on with the same supply.
func TestBurnedStaysBurned(t *testing.T) {
	for _, test := range []struct {
		name         string
		noAllocation bool
		burned       string
	}{
		{"allocated", false, "7"},
		{"not allocated", true, "0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			chain := chaintest.New(t, chaintest.Config{Accounts: 1, NoAllocation: test.noAllocation})
			chain.Blocks(1)
			before := chain.App.BankKeeper.GetSupply(chain.Context(), app.Denom)
			if !test.noAllocation {
				require.Equal(t, bountytypes.TotalSupply, before.Amount)
			}
			ctx := chain.App.CommitContext()
			coins := sdk.NewCoins(sdk.NewInt64Coin(app.Denom, 7))
			require.NoError(t, chain.App.BankKeeper.SendCoinsFromAccountToModule(
				ctx, chain.Accounts[0].Address, bountytypes.ModuleName, coins))
			require.NoError(t, chain.App.BankKeeper.BurnCoins(ctx, bountytypes.ModuleName, coins))
			chain.Blocks(1)

			require.Equal(t, before.SubAmount(math.NewInt(7)), chain.App.BankKeeper.GetSupply(chain.Context(), app.Denom))
			exported, err := chain.App.BountyKeeper.ExportGenesis(chain.Context())
			require.NoError(t, err)
			require.Equal(t, test.burned, exported.Burned.String())
			chain.RequireRoundTrip()
		})
	}
}

// The genesis file is refused by the tool's check and at the start, for the same reasons.
func TestSecondMintsAreRefused(t *testing.T) {
	treasury := authtypes.NewModuleAddress(bountytypes.ModuleName).String()
	stranger := chaintest.NewAccount("stranger").Address.String()
	add := func(state *banktypes.GenesisState, address, denom string, amount int64) {
		for i, balance := range state.Balances {
			if balance.Address == address {
				state.Balances[i].Coins = balance.Coins.Add(sdk.NewInt64Coin(denom, amount))
				return
			}
		}
		state.Balances = append(state.Balances, banktypes.Balance{
			Address: address, Coins: sdk.NewCoins(sdk.NewInt64Coin(denom, amount)),
		})
	}
	bank := func(change func(*banktypes.GenesisState)) func(codec.Codec, app.GenesisState) error {
		return func(cdc codec.Codec, state app.GenesisState) error {
			return app.EditGenesis(cdc, state, banktypes.ModuleName, func(s *banktypes.GenesisState) error {
				change(s)
				return nil
			})
		}
	}
	bounty := func(change func(*bountytypes.GenesisState)) func(codec.Codec, app.GenesisState) error {
		return func(cdc codec.Codec, state app.GenesisState) error {
			return app.EditGenesis(cdc, state, bountytypes.ModuleName, func(s *bountytypes.GenesisState) error {
				change(s)
				return nil
			})
		}
	}
	for _, test := range []struct {
		name         string
		noAllocation bool
		change       func(codec.Codec, app.GenesisState) error
		want         string
		wantStart    string // where x/bank says it in its own words
	}{
		{
			name:   "a balance on top",
			change: bank(func(s *banktypes.GenesisState) { add(s, stranger, app.Denom, 1) }),
			want:   "want the allocated 1000000000000000",
		},
		{
			name: "a balance on top, and the supply with it",
			change: bank(func(s *banktypes.GenesisState) {
				add(s, stranger, app.Denom, 1)
				s.Supply = sdk.NewCoins(sdk.NewCoin(app.Denom, bountytypes.TotalSupply.AddRaw(1)))
			}),
			want: "want the allocated 1000000000000000",
		},
		{
			name: "a supply that is not there",
			change: bank(func(s *banktypes.GenesisState) {
				s.Supply = sdk.NewCoins(sdk.NewCoin(app.Denom, bountytypes.TotalSupply.AddRaw(1)))
			}),
			want: "a supply of 1000000000000001uvmt is stated", wantStart: "genesis supply is incorrect",
		},
		{
			name:   "another denomination",
			change: bank(func(s *banktypes.GenesisState) { add(s, stranger, "uatom", 5) }),
			want:   "5uatom, only uvmt exists",
		},
		{
			name: "a treasury with less than the schedule",
			change: bank(func(s *banktypes.GenesisState) {
				add(s, stranger, app.Denom, 1)
				for i, balance := range s.Balances {
					if balance.Address == treasury {
						s.Balances[i].Coins = balance.Coins.Sub(sdk.NewInt64Coin(app.Denom, 1))
					}
				}
			}),
			want: "the treasury holds 599999999999999, want 600000000000000uvmt",
		},
		{
			name:   "something burned that is still there",
			change: bounty(func(s *bountytypes.GenesisState) { s.Burned = math.OneInt() }),
			want:   "1 burned make 1000000000000001uvmt",
		},
		{
			name: "no allocation for what is there",
			change: bounty(func(s *bountytypes.GenesisState) {
				s.Allocation, s.Schedule.Treasury = bountytypes.NoAllocation(), math.ZeroInt()
			}),
			want: "the treasury holds 600000000000000uvmt, want 0 without an allocation",
		},
		{
			name: "an allocation for what is not there", noAllocation: true,
			change: bounty(func(s *bountytypes.GenesisState) {
				s.Allocation = bountytypes.DefaultAllocation()
				s.Schedule.Treasury = s.Allocation.Contribution
			}),
			want: "want the allocated 1000000000000000",
		},
		{
			name: "contributors without the majority",
			change: bounty(func(s *bountytypes.GenesisState) {
				half := bountytypes.TotalSupply.QuoRaw(2)
				s.Allocation.Sale = s.Allocation.Sale.Add(s.Allocation.Contribution).Sub(half)
				s.Allocation.Contribution, s.Schedule.Treasury = half, half
			}),
			want: "contributors must hold the majority",
		},
		{
			name: "a module account that may mint", noAllocation: true,
			change: func(cdc codec.Codec, state app.GenesisState) error {
				return app.EditGenesis(cdc, state, authtypes.ModuleName, func(s *authtypes.GenesisState) error {
					packed, err := authtypes.PackAccounts(authtypes.GenesisAccounts{
						authtypes.NewEmptyModuleAccount(app.SaleAccount, authtypes.Burner, authtypes.Minter),
					})
					s.Accounts = append(s.Accounts, packed...)
					return err
				})
			},
			want: "module account market may mint",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			genesis := chaintest.NewGenesis(t, chaintest.Config{NoAllocation: test.noAllocation})
			home := chaintest.Options{flags.FlagHome: t.TempDir()}
			node := app.New(log.NewNopLogger(), dbm.NewMemDB(), true, home, baseapp.SetChainID(chaintest.ChainID))
			require.NoError(t, allocation.Check(node.Codec, genesis.State))
			require.NoError(t, test.change(node.Codec, genesis.State))
			require.ErrorContains(t, allocation.Check(node.Codec, genesis.State), test.want)

			state, err := json.Marshal(genesis.State)
			require.NoError(t, err)
			wantStart := test.wantStart
			if wantStart == "" {
				wantStart = test.want
			}
			require.ErrorContains(t, startFails(node, &abci.RequestInitChain{
				Time: chaintest.StartTime, ChainId: chaintest.ChainID, InitialHeight: 1,
				ConsensusParams: genesis.Consensus, AppStateBytes: state,
			}), wantStart)
		})
	}
}

// startFails returns why a chain does not start; a module panics on a bad genesis.
func startFails(node *app.App, request *abci.RequestInitChain) (err error) {
	defer func() {
		if panicked, ok := recover().(error); ok {
			err = panicked
		}
	}()
	_, err = node.InitChain(request)
	return err
}

// Coins of other chains, in which the sale is paid, are nobody's second mint.
func TestVouchersAreNotMints(t *testing.T) {
	voucher := sdk.NewInt64Coin(chaintest.PayDenom, 5)
	genesis := chaintest.NewGenesis(t, chaintest.Config{Accounts: 1, Modify: func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, banktypes.ModuleName, func(s *banktypes.GenesisState) error {
			s.Balances[0].Coins = s.Balances[0].Coins.Add(voucher)
			return nil
		}))
	}})
	chain := genesis.Start(t, nil, nil)
	chain.Blocks(1)
	require.Equal(t, voucher, chain.App.BankKeeper.GetSupply(chain.Context(), voucher.Denom))
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	chain.RequireRoundTrip()
}

// Wallets show amounts by the token's description; the allocation must not lose it.
func TestMetadataIsComplete(t *testing.T) {
	for _, noAllocation := range []bool{false, true} {
		chain := chaintest.New(t, chaintest.Config{NoAllocation: noAllocation})
		chain.Blocks(1)
		metadata, found := chain.App.BankKeeper.GetDenomMetaData(chain.Context(), app.Denom)
		require.True(t, found)
		require.NoError(t, metadata.Validate())
		require.Equal(t, app.Denom, metadata.Base)
		require.Equal(t, app.DisplayDenom, metadata.Display)
		require.Equal(t, app.DisplayDenom, metadata.Symbol)
		require.Equal(t, "VirusMap", metadata.Name)
		require.NotEmpty(t, metadata.Description)
		require.Len(t, metadata.DenomUnits, 2)
		require.Zero(t, metadata.DenomUnits[0].Exponent)
		require.EqualValues(t, app.DisplayExponent, metadata.DenomUnits[1].Exponent)
		require.Equal(t, app.DisplayDenom, metadata.DenomUnits[1].Denom)
	}
}

package app

import (
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

// CheckInvariants checks what must hold between blocks, in every module that has
// such rules and between them. It walks the whole state: for tests and for operators
// on a stopped node, not for blocks. All violations are returned.
func (app *App) CheckInvariants(ctx sdk.Context) error {
	check := func(name string, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	return errors.Join(
		check("supply", app.checkSupply(ctx)),
		check("supernode", app.SupernodeKeeper.AllInvariants(ctx)),
		check("samples", app.SamplesKeeper.AllInvariants(ctx)),
		check("verdicts", app.VerdictsKeeper.AllInvariants(ctx)),
		check("bounty", app.BountyKeeper.AllInvariants(ctx)),
		check("market", app.MarketKeeper.AllInvariants(ctx)),
	)
}

// checkSupply: the supply is the sum of all balances, there is only one
// denomination beside those of other chains, and nobody may make more of it.
func (app *App) checkSupply(ctx sdk.Context) error {
	if err := app.checkMinting(ctx); err != nil {
		return err
	}
	sum := sdk.NewCoins()
	app.BankKeeper.IterateAllBalances(ctx, func(_ sdk.AccAddress, coin sdk.Coin) bool {
		sum = sum.Add(coin)
		return false
	})
	supply := sdk.NewCoins()
	app.BankKeeper.IterateTotalSupply(ctx, func(coin sdk.Coin) bool {
		supply = supply.Add(coin)
		return false
	})
	if !supply.Equal(sum) {
		return fmt.Errorf("supply is %s, balances sum up to %s", supply, sum)
	}
	return nil
}

// checkMinting: no module account may mint, neither as the app has it nor as it is
// stored, and nothing else was ever minted. A genesis could say otherwise.
func (app *App) checkMinting(ctx sdk.Context) error {
	stored := modulePermissions()
	for name := range stored {
		account, ok := app.AccountKeeper.GetAccount(ctx, authtypes.NewModuleAddress(name)).(sdk.ModuleAccountI)
		if ok {
			stored[name] = append(stored[name], account.GetPermissions()...)
		}
	}
	if err := refuseMinters(stored); err != nil {
		return err
	}
	var other error
	app.BankKeeper.IterateTotalSupply(ctx, func(coin sdk.Coin) bool {
		if coin.Denom != Denom && !IsVoucher(coin.Denom) {
			other = fmt.Errorf("there are %s, only %s exists", coin, Denom)
		}
		return other != nil
	})
	return other
}

package cmd

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/app"
)

// moveCommand funds accounts of a genesis whose supply is allocated.
func moveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "move <from> <to> <amount>",
		Short: "Move coins between accounts in the genesis file",
		Long: "Move coins between accounts in the genesis file, so that the supply stays what it was. The receiving " +
			"account is made when it is not there yet. Coins that still vest at the genesis time, and those of module " +
			"accounts, stay where they are. Addresses may also be names of keys in the keyring.",
		Example: "vmtd genesis move treasurer operator 20000000000uvmt",
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			amount, err := sdk.ParseCoinNormalized(args[2])
			if err != nil {
				return fmt.Errorf("amount: %w", err)
			}
			if amount.Denom != app.Denom || !amount.IsPositive() {
				return fmt.Errorf("amount is %s, want a positive amount of %s", amount, app.Denom)
			}
			return editGenesisFile(cmd, func(clientCtx client.Context, doc *genutiltypes.AppGenesis, state app.GenesisState) error {
				from, err := addressOf(clientCtx, args[0])
				if err != nil {
					return fmt.Errorf("from: %w", err)
				}
				to, err := addressOf(clientCtx, args[1])
				if err != nil {
					return fmt.Errorf("to: %w", err)
				}
				if err := moveBalance(clientCtx.Codec, state, doc.GenesisTime, from, to, amount); err != nil {
					return err
				}
				return addAccount(clientCtx.Codec, state, to)
			})
		},
	}
	addHomeFlag(cmd)
	flags.AddKeyringFlags(cmd.Flags())
	return cmd
}

// moveBalance moves coins that are free at the genesis time between two balances.
func moveBalance(
	cdc codec.JSONCodec, state app.GenesisState, genesisTime time.Time, from, to sdk.AccAddress, amount sdk.Coin,
) error {
	for _, address := range []sdk.AccAddress{from, to} {
		if app.ModuleAddresses()[address.String()] {
			return fmt.Errorf("%s is a module account: nothing is moved from it or to it", address)
		}
	}
	if from.Equals(to) {
		return errors.New("the coins would stay where they are")
	}
	locked, err := lockedCoins(cdc, state, genesisTime, from)
	if err != nil {
		return err
	}
	return app.EditGenesis(cdc, state, banktypes.ModuleName, func(bank *banktypes.GenesisState) error {
		source, target := -1, -1
		for i, balance := range bank.Balances {
			switch balance.Address {
			case from.String():
				source = i
			case to.String():
				target = i
			}
		}
		if source < 0 {
			return fmt.Errorf("%s has no balance in genesis: give it one in the plan of `vmtd genesis allocate`, or by `vmtd genesis move`", from)
		}
		held := bank.Balances[source].Coins
		rest, negative := held.SafeSub(amount)
		if negative {
			return fmt.Errorf("%s has %s in genesis, not %s", from, held, amount)
		}
		if !rest.IsAllGTE(locked) {
			return fmt.Errorf("%s has %s in genesis of which %s vest, so %s are not free", from, held, locked, amount)
		}
		bank.Balances[source].Coins = rest
		if target < 0 {
			target = len(bank.Balances)
			bank.Balances = append(bank.Balances, banktypes.Balance{Address: to.String()})
		}
		bank.Balances[target].Coins = bank.Balances[target].Coins.Add(amount)
		bank.Balances = banktypes.SanitizeGenesisBalances(bank.Balances)
		return nil
	})
}

// lockedCoins are those of an account that vest after the genesis time.
func lockedCoins(
	cdc codec.JSONCodec, state app.GenesisState, genesisTime time.Time, address sdk.AccAddress,
) (sdk.Coins, error) {
	var auth authtypes.GenesisState
	if err := cdc.UnmarshalJSON(state[authtypes.ModuleName], &auth); err != nil {
		return nil, fmt.Errorf("genesis state of %s: %w", authtypes.ModuleName, err)
	}
	accounts, err := authtypes.UnpackAccounts(auth.Accounts)
	if err != nil {
		return nil, err
	}
	for _, account := range accounts {
		if vesting, ok := account.(banktypes.VestingAccount); ok && account.GetAddress().Equals(address) {
			return vesting.LockedCoins(genesisTime), nil
		}
	}
	return nil, nil
}

// addAccount makes an account where there is none.
func addAccount(cdc codec.JSONCodec, state app.GenesisState, address sdk.AccAddress) error {
	return app.EditGenesis(cdc, state, authtypes.ModuleName, func(auth *authtypes.GenesisState) error {
		accounts, err := authtypes.UnpackAccounts(auth.Accounts)
		if err != nil || accounts.Contains(address) {
			return err
		}
		auth.Accounts, err = authtypes.PackAccounts(append(accounts, authtypes.NewBaseAccountWithAddress(address)))
		return err
	})
}

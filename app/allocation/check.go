package allocation

import (
	"fmt"
	"slices"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// Check finds in a genesis what no module sees alone: a balance that is not of the
// allocation, another denomination, a module account that may mint. The chain refuses
// the same when it starts.
func Check(cdc codec.Codec, state app.GenesisState) error {
	if err := checkAccounts(cdc, state); err != nil {
		return err
	}
	var bank banktypes.GenesisState
	if err := decode(cdc, state, banktypes.ModuleName, &bank); err != nil {
		return err
	}
	var bounty bountytypes.GenesisState
	if err := decode(cdc, state, bountytypes.ModuleName, &bounty); err != nil {
		return err
	}
	if err := bounty.Validate(); err != nil {
		return err
	}
	total, treasury := sdk.NewCoins(), math.ZeroInt()
	for _, balance := range bank.Balances {
		for _, coin := range balance.Coins {
			if coin.Denom != app.Denom && !app.IsVoucher(coin.Denom) {
				return fmt.Errorf("%s holds %s, only %s exists", balance.Address, coin, app.Denom)
			}
			total = total.Add(coin)
		}
		if balance.Address == authtypes.NewModuleAddress(bountytypes.ModuleName).String() {
			treasury = treasury.Add(balance.Coins.AmountOf(app.Denom))
		}
	}
	if len(bank.Supply) != 0 && !bank.Supply.Equal(total) {
		return fmt.Errorf("a supply of %s is stated, balances sum up to %s", bank.Supply, total)
	}
	return bounty.CheckSupply(total.AmountOf(app.Denom), treasury)
}

// checkAccounts refuses module accounts that may mint. `add-genesis-account` can make one.
func checkAccounts(cdc codec.Codec, state app.GenesisState) error {
	var auth authtypes.GenesisState
	if err := decode(cdc, state, authtypes.ModuleName, &auth); err != nil {
		return err
	}
	accounts, err := authtypes.UnpackAccounts(auth.Accounts)
	if err != nil {
		return fmt.Errorf("genesis state of %s: %w", authtypes.ModuleName, err)
	}
	for _, account := range accounts {
		module, ok := account.(sdk.ModuleAccountI)
		if ok && slices.Contains(module.GetPermissions(), authtypes.Minter) {
			return fmt.Errorf("module account %s may mint", module.GetName())
		}
	}
	return nil
}

func decode(cdc codec.Codec, state app.GenesisState, module string, into proto.Message) error {
	if err := cdc.UnmarshalJSON(state[module], into); err != nil {
		return fmt.Errorf("genesis state of %s: %w", module, err)
	}
	return nil
}

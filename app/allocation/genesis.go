package allocation

import (
	"errors"
	"fmt"
	"maps"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// WriteTo writes the supply into the genesis state of a chain that has no coins yet, and
// leaves a state that it refuses as it was.
func (s *Supply) WriteTo(cdc codec.Codec, state app.GenesisState) error {
	edited := maps.Clone(state)
	for _, edit := range []func() error{
		func() error { return app.EditGenesis(cdc, edited, bountytypes.ModuleName, s.writeBounty) },
		func() error { return app.EditGenesis(cdc, edited, banktypes.ModuleName, s.writeBalances) },
		func() error { return app.EditGenesis(cdc, edited, authtypes.ModuleName, s.writeAccounts) },
		func() error { return app.EditGenesis(cdc, edited, distributiontypes.ModuleName, s.writeCommunityPool) },
	} {
		if err := edit(); err != nil {
			return err
		}
	}
	if err := Check(cdc, edited); err != nil {
		return err
	}
	maps.Copy(state, edited)
	return nil
}

func (s *Supply) writeBounty(genesis *bountytypes.GenesisState) error {
	if !genesis.Allocation.IsZero() {
		return errors.New("the genesis has an allocation already")
	}
	genesis.Allocation, genesis.Schedule, genesis.Burned = s.Allocation, s.Schedule, math.ZeroInt()
	return genesis.Validate()
}

// writeAccounts adds an account for each address, one that vests where something vests.
// Modules make their own accounts.
func (s *Supply) writeAccounts(genesis *authtypes.GenesisState) error {
	accounts, err := authtypes.UnpackAccounts(genesis.Accounts)
	if err != nil {
		return err
	}
	known := make(map[string]int)
	for _, grant := range s.Grants {
		if grant.Module != "" {
			continue
		}
		account, err := grant.account()
		if err != nil {
			return fmt.Errorf("%s of %s: %w", grant.Address, grant.Part, err)
		}
		at, twice := known[string(grant.Address)]
		switch {
		case !twice && accounts.Contains(grant.Address):
			return fmt.Errorf("%s of %s is in the genesis already", grant.Address, grant.Part)
		case !twice:
			known[string(grant.Address)] = len(accounts)
			accounts = append(accounts, account)
		case grant.Vesting != (Vesting{}):
			accounts[at] = account // what it got of the sale stays free
		}
	}
	// It is there before its module starts, so that no plain account takes its address.
	accounts = append(accounts, authtypes.NewEmptyModuleAccount(app.SaleAccount, authtypes.Burner))
	genesis.Accounts, err = authtypes.PackAccounts(accounts)
	return err
}

func (g Grant) account() (authtypes.GenesisAccount, error) {
	if g.Vesting != (Vesting{}) {
		return g.Vesting.account(g.Address, g.Amount)
	}
	return authtypes.NewBaseAccountWithAddress(g.Address), nil
}

// writeBalances states the supply outright, so that x/bank refuses other balances.
func (s *Supply) writeBalances(genesis *banktypes.GenesisState) error {
	for _, balance := range genesis.Balances {
		if !balance.Coins.IsZero() {
			return fmt.Errorf("%s holds %s already: accounts come from the plan", balance.Address, balance.Coins)
		}
	}
	if !genesis.Supply.IsZero() {
		return fmt.Errorf("a supply of %s is stated already", genesis.Supply)
	}
	amounts := make(map[string]math.Int)
	genesis.Balances = nil
	for _, grant := range s.Grants {
		if grant.Amount.IsZero() {
			continue
		}
		address := grant.Address.String()
		if _, twice := amounts[address]; !twice {
			amounts[address] = math.ZeroInt()
			genesis.Balances = append(genesis.Balances, banktypes.Balance{Address: address})
		}
		amounts[address] = amounts[address].Add(grant.Amount)
	}
	for i, balance := range genesis.Balances {
		genesis.Balances[i].Coins = coins(amounts[balance.Address])
	}
	genesis.Balances = banktypes.SanitizeGenesisBalances(genesis.Balances)
	genesis.Supply = coins(bountytypes.TotalSupply)
	return genesis.Validate()
}

func (s *Supply) writeCommunityPool(genesis *distributiontypes.GenesisState) error {
	if !genesis.FeePool.CommunityPool.IsZero() {
		return fmt.Errorf("the community pool holds %s already", genesis.FeePool.CommunityPool)
	}
	genesis.FeePool.CommunityPool = sdk.NewDecCoinsFromCoins(coins(s.Allocation.Community)...)
	return nil
}

package allocation

import (
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// Supply is a plan with all its amounts and addresses known, in uvmt.
type Supply struct {
	Allocation bountytypes.Allocation
	Schedule   bountytypes.Schedule
	// Grants are who gets what; module accounts get what is left to them.
	Grants []Grant
}

// Grant is what an account gets of a part.
type Grant struct {
	Part    string
	Address sdk.AccAddress
	Amount  math.Int
	Vesting Vesting
	// Module names the account when nobody can sign for it.
	Module string
}

// AddressOf reads an address or the name of a key.
type AddressOf func(text string) (sdk.AccAddress, error)

// Resolve finds the amounts and addresses of the plan for a chain that starts at genesis.
// Errors name the entry.
func (p Plan) Resolve(genesis time.Time, addressOf AddressOf) (*Supply, error) {
	s := &Supply{}
	a := &s.Allocation
	for _, part := range []struct {
		name   string
		amount Amount
		into   *math.Int
	}{
		{"contribution", p.Contribution, &a.Contribution},
		{"sale", p.Sale.Amount, &a.Sale},
		{"developers", p.Developers.Amount, &a.Developers},
		{"supporters", p.Supporters.Amount, &a.Supporters},
		{"community", p.Community, &a.Community},
	} {
		var err error
		if *part.into, err = part.amount.of(part.name, bountytypes.TotalSupply); err != nil {
			return nil, err
		}
	}
	if err := s.schedule(p.Emission); err != nil {
		return nil, err
	}
	if a.IsZero() {
		return nil, errors.New("the plan allocates nothing")
	}
	if err := a.Validate(s.Schedule, math.ZeroInt()); err != nil {
		return nil, err
	}

	s.Grants = append(s.Grants, module("contribution", a.Contribution, bountytypes.ModuleName))
	unsold, err := s.grant("sale", a.Sale, p.Sale.Accounts, addressOf)
	if err != nil {
		return nil, err
	}
	s.Grants = append(s.Grants, module("sale", unsold, app.SaleAccount))
	if err := s.vest("developers", a.Developers, p.Developers.Accounts, genesis, addressOf); err != nil {
		return nil, err
	}
	if err := s.vest("supporters", a.Supporters, p.Supporters.Accounts, genesis, addressOf); err != nil {
		return nil, err
	}
	s.Grants = append(s.Grants, module("community", a.Community, distributiontypes.ModuleName))
	return s, s.oneVestingEach()
}

func (s *Supply) schedule(emission *Emission) (err error) {
	s.Schedule = bountytypes.DefaultGenesis().Schedule
	s.Schedule.Treasury = s.Allocation.Contribution
	if emission == nil {
		return nil
	}
	s.Schedule.PeriodEpochs = emission.PeriodEpochs
	s.Schedule.Tail, err = emission.Tail.of("emission.tail", s.Allocation.Contribution)
	return err
}

// grant gives accounts their amounts of a part and returns what is left of it.
func (s *Supply) grant(part string, whole math.Int, accounts []Account, addressOf AddressOf) (math.Int, error) {
	left := whole
	seen := make(map[string]bool)
	for i, account := range accounts {
		field := fmt.Sprintf("%s.accounts[%d]", part, i)
		address, err := addressOf(account.Address)
		if err != nil {
			return left, fmt.Errorf("%s.address: %w", field, err)
		}
		switch {
		case seen[string(address)]:
			return left, fmt.Errorf("%s.address: %s stands twice in %s", field, address, part)
		case app.ModuleAddresses()[address.String()]:
			return left, fmt.Errorf("%s.address: %s is a module account", field, address)
		}
		seen[string(address)] = true
		amount, err := account.Amount.of(field+".amount", whole)
		if err != nil {
			return left, err
		}
		if !amount.IsPositive() {
			return left, fmt.Errorf("%s.amount is 0%s", field, app.Denom)
		}
		if left = left.Sub(amount); left.IsNegative() {
			return left, fmt.Errorf("%s.amount: %s%s more than the %s%s of %s are given", field, left.Neg(), app.Denom, whole, app.Denom, part)
		}
		if part == "sale" && account.Vesting != (Vesting{}) {
			return left, fmt.Errorf("%s: what is sold does not vest", field)
		}
		s.Grants = append(s.Grants, Grant{Part: part, Address: address, Amount: amount, Vesting: account.Vesting})
	}
	return left, nil
}

// vest is grant for a part that vests and must be given out.
func (s *Supply) vest(part string, whole math.Int, accounts []Account, genesis time.Time, addressOf AddressOf) error {
	for i, account := range accounts {
		if err := account.Vesting.validate(genesis); err != nil {
			return fmt.Errorf("%s.accounts[%d]: %w", part, i, err)
		}
	}
	left, err := s.grant(part, whole, accounts, addressOf)
	if err != nil {
		return err
	}
	if !left.IsZero() {
		return fmt.Errorf("%s: %s%s of %s%s are given to nobody", part, left, app.Denom, whole, app.Denom)
	}
	return nil
}

// oneVestingEach: an account of the SDK has one vesting schedule.
func (s *Supply) oneVestingEach() error {
	parts := make(map[string]string)
	for _, grant := range s.Grants {
		if grant.Vesting == (Vesting{}) {
			continue
		}
		if part, twice := parts[string(grant.Address)]; twice {
			return fmt.Errorf("%s stands in %s and in %s: an account vests once, use two", grant.Address, part, grant.Part)
		}
		parts[string(grant.Address)] = grant.Part
	}
	return nil
}

// module is a grant that nobody can sign for.
func module(part string, amount math.Int, name string) Grant {
	return Grant{Part: part, Address: authtypes.NewModuleAddress(name), Amount: amount, Module: name}
}

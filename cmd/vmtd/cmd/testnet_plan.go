package cmd

import (
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/allocation"
)

const (
	// faucetKey is who pays for whatever a local network needs.
	faucetKey    = "faucet"
	developerKey = "developer"
	supporterKey = "supporter"
)

// faucetBalance leaves three quarters of the sale to validators.
var faucetBalance = sdk.NewInt64Coin(app.Denom, 50_000_000_000_000)

// plan divides the supply of a local network as that of the public one. The sale pays the
// validators and the faucet; the keys are in the keyring of the first node.
func (net network) plan(blueprint *app.App, members []member, start time.Time) (allocation.Plan, error) {
	home := net.home(0)
	keys, err := net.newKeyring(blueprint, home)
	if err != nil {
		return allocation.Plan{}, err
	}
	addresses := make(map[string]string)
	for _, name := range []string{faucetKey, developerKey, supporterKey} {
		address, err := newKey(keys, home, name)
		if err != nil {
			return allocation.Plan{}, err
		}
		addresses[name] = address.String()
	}
	sale := []allocation.Account{{Address: addresses[faucetKey], Amount: allocation.Amount(faucetBalance.String())}}
	for _, m := range members {
		sale = append(sale, allocation.Account{Address: m.address.String(), Amount: allocation.Amount(net.balance.String())})
	}
	vesting := allocation.Vesting{Start: start, Cliff: start.AddDate(1, 0, 0), End: start.AddDate(4, 0, 0)}
	vested := func(name string) []allocation.Account {
		return []allocation.Account{{Address: addresses[name], Amount: "100%", Vesting: vesting}}
	}
	return allocation.Plan{
		Contribution: "60%",
		Sale:         allocation.Part{Amount: "20%", Accounts: sale},
		Developers:   allocation.Part{Amount: "10%", Accounts: vested(developerKey)},
		Supporters:   allocation.Part{Amount: "5%", Accounts: vested(supporterKey)},
		Community:    "5%",
	}, nil
}

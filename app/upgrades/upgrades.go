// Package upgrades holds the chain's upgrades, one sub-package for each: a name that
// governance votes on, the stores it adds or drops, and what it changes in state.
package upgrades

import (
	"context"
	"fmt"

	"github.com/cosmos/cosmos-sdk/baseapp"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// Upgrade is one planned change of the running chain.
type Upgrade struct {
	// Name is what the plan of MsgSoftwareUpgrade and Cosmovisor's folder say.
	Name string
	// Stores are added, renamed or deleted before the first block of the new binary.
	Stores storetypes.StoreUpgrades
	// Before runs ahead of the modules' own migrations; nil when there is nothing to do.
	Before func(ctx context.Context) error
}

// All returns every upgrade this binary can perform, oldest first. The first release
// has none.
func All() []Upgrade { return nil }

// Register makes each upgrade known to x/upgrade and, when the node restarted for
// one of them, prepares its stores.
func Register(
	all []Upgrade, keeper *upgradekeeper.Keeper, modules *module.Manager,
	configurator module.Configurator, setStoreLoader func(baseapp.StoreLoader),
) error {
	for _, upgrade := range all {
		keeper.SetUpgradeHandler(upgrade.Name, func(
			ctx context.Context, _ upgradetypes.Plan, from module.VersionMap,
		) (module.VersionMap, error) {
			if upgrade.Before != nil {
				if err := upgrade.Before(ctx); err != nil {
					return nil, fmt.Errorf("upgrade %s: %w", upgrade.Name, err)
				}
			}
			return modules.RunMigrations(ctx, configurator, from)
		})
	}
	plan, err := keeper.ReadUpgradeInfoFromDisk()
	if err != nil {
		return fmt.Errorf("upgrade plan on disk: %w", err)
	}
	for _, upgrade := range all {
		if upgrade.Name == plan.Name && !keeper.IsSkipHeight(plan.Height) {
			setStoreLoader(upgradetypes.UpgradeStoreLoader(plan.Height, &upgrade.Stores))
		}
	}
	return nil
}

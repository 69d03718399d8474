package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

func (f *treasuryFixture) export() *types.GenesisState {
	f.t.Helper()
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return gs
}

// moved is another chain with the coins and the running epoch of this one, and the
// exported state.
func (f *treasuryFixture) moved() (*treasuryFixture, error) {
	f.t.Helper()
	gs, other := f.export(), newBareTreasury(f.t)
	other.accounts.GetModuleAccount(other.ctx, types.ModuleName)
	f.bank.IterateAllBalances(f.ctx, func(account sdk.AccAddress, coin sdk.Coin) bool {
		other.mint(account, coin.Amount.Int64())
		return false
	})
	current, err := f.supernode.CurrentEpoch(f.ctx)
	require.NoError(f.t, err)
	if current.Number > 0 {
		other.seat(current.Number)
	}
	other.ctx = other.ctx.WithBlockTime(f.ctx.BlockTime()).WithBlockHeight(f.ctx.BlockHeight())
	return other, other.keeper.InitGenesis(other.ctx, *gs)
}

// busyTreasury has an epoch that is being pruned, claimed ones, and one that pays.
func busyTreasury(t *testing.T) *treasuryFixture {
	f := newTreasury(t, smallSchedule())
	f.setParams(func(p *types.Params) { p.ClaimWindowSeconds, p.MaxPrunesPerBlock, p.MaxPayoutsPerBlock = 600, 1, 1 })
	f.nextEpoch(5)
	for _, role := range []string{"a", "b", "c"} {
		f.earn(holder(role), onePoint)
	}
	f.nextEpoch(595)
	f.earn(holder("a"), 3*onePoint)
	f.earn(holder("b"), onePoint)
	f.nextEpoch(5)
	_, _, err := f.claim(holder("a"))
	require.NoError(t, err)
	for _, role := range []string{"x", "y", "z"} {
		require.NoError(t, f.keeper.AddEnginePoints(f.ctx, holder(role), 2*onePoint))
		f.challenge(holder(role), 1, 1)
	}
	f.nextEpoch(5)
	f.earn(holder("b"), onePoint)
	f.challenge(holder("y"), 0, 1)

	gs := f.export()
	var statuses []types.EpochStatus
	for _, rewards := range gs.Epochs {
		statuses = append(statuses, rewards.Status)
	}
	require.Equal(t, []types.EpochStatus{
		types.EPOCH_STATUS_CLOSED, types.EPOCH_STATUS_CLOSED, types.EPOCH_STATUS_CLAIMABLE,
		types.EPOCH_STATUS_PAYING, types.EPOCH_STATUS_ACCRUING,
	}, statuses)
	require.NotEmpty(t, gs.Works)
	return f
}

// A chain that takes over the state in the middle of everything exports the same, and
// goes on as the first one does.
func TestTreasuryMovesToAnotherChain(t *testing.T) {
	f := busyTreasury(t)
	other, err := f.moved()
	require.NoError(t, err)
	for range 5 {
		want, err := f.export().Marshal()
		require.NoError(t, err)
		got, err := other.export().Marshal()
		require.NoError(t, err)
		require.Equal(t, want, got)
		f.endBlock(200)
		other.endBlock(200)
	}
	require.Equal(t, f.left(), other.left())
}

// Books that no account backs are refused.
func TestGenesisNeedsItsMoney(t *testing.T) {
	for name, spoil := range map[string]func(*treasuryFixture){
		"less in the treasury": func(f *treasuryFixture) {
			require.NoError(f.t, f.bank.SendCoins(f.ctx, authtypes.NewModuleAddress(types.ModuleName), holder("thief"), sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1))))
		},
		"more in the treasury": func(f *treasuryFixture) { f.mint(authtypes.NewModuleAddress(types.ModuleName), 1) },
		"less in an epoch": func(f *treasuryFixture) {
			require.NoError(f.t, f.bank.SendCoins(f.ctx, types.EpochAddress(2), holder("thief"), sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := busyTreasury(t)
			spoil(f)
			require.ErrorIs(t, f.keeper.TreasuryInvariant(f.ctx), types.ErrInvariant)
			_, err := f.moved()
			require.ErrorIs(t, err, types.ErrInvariant)
		})
	}
}

// What is burned is by how much the supply is less than what was allocated.
func TestBurnedIsWhatTheSupplyLacks(t *testing.T) {
	f := newTreasury(t, smallSchedule())
	coins := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 5))
	require.NoError(t, f.bank.SendCoinsFromAccountToModule(f.ctx, holder(reserve), types.ModuleName, coins))
	require.NoError(t, f.bank.BurnCoins(f.ctx, types.ModuleName, coins))
	require.EqualValues(t, 5, f.export().Burned.Int64())
	require.NoError(t, f.keeper.TreasuryInvariant(f.ctx))

	inflation := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 6))
	require.NoError(t, f.bank.MintCoins(f.ctx, mintery, inflation))
	require.ErrorIs(t, f.keeper.TreasuryInvariant(f.ctx), types.ErrInvariant)
}

func TestTreasuryInvariantSeesDamage(t *testing.T) {
	for name, damage := range map[string]func(*treasuryFixture) error{
		"points without an entry by epoch": func(f *treasuryFixture) error {
			return f.keeper.PointsByEpoch.Remove(f.ctx, workAt(2, holder("a")))
		},
		"an entry by epoch without points": func(f *treasuryFixture) error {
			return f.keeper.PointsByEpoch.Set(f.ctx, workAt(2, holder("stranger")))
		},
		"points that are not in the record": func(f *treasuryFixture) error {
			rewards := f.rewards(2)
			rewards.ContributorPoints--
			return f.keeper.Epochs.Set(f.ctx, 2, rewards)
		},
		"an open epoch that never closes": func(f *treasuryFixture) error {
			return f.keeper.Closings.Clear(f.ctx, nil)
		},
		"an open epoch that is pruned": func(f *treasuryFixture) error {
			return f.keeper.ClosedEpochs.Set(f.ctx, 2)
		},
		"an epoch too many": func(f *treasuryFixture) error {
			return f.keeper.NextEpoch.Set(f.ctx, 5)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := busyTreasury(t)
			require.NoError(t, damage(f))
			require.Error(t, f.keeper.TreasuryInvariant(f.ctx))
		})
	}
}

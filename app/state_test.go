package app_test

import (
	"context"
	"testing"

	"github.com/cometbft/cometbft/crypto/ed25519"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/upgrades"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// A chain with a round in each phase, and the chain that goes on from its export.
func TestExportImport(t *testing.T) {
	chain, round := openRound(t, 2, 40)
	chain.RequireRoundTrip()
	attested := attestation(round, verdictstypes.CATEGORY_MALICIOUS)
	for _, supernode := range chain.Supernodes {
		chain.Run(chain.SignFree(supernode.Sidecar, 10_000_000, supernode.Commit(round.Number, attested)))
		chain.RequireRoundTrip()
	}
	for _, supernode := range chain.Supernodes {
		chain.Run(chain.SignFree(supernode.Sidecar, 10_000_000, supernode.Reveal(round.Number, attested)))
		chain.RequireRoundTrip()
	}
	chain.Blocks(3)
	chain.RequireRoundTrip()
}

// An upgrade runs at its height: the old binary stops, the new one migrates and goes on.
func TestUpgrade(t *testing.T) {
	const name = "v2"
	chain := chaintest.New(t, chaintest.Config{})
	chain.Blocks(2)
	ctx := chain.App.CommitContext()
	require.ErrorContains(t, chain.App.TriggerUpgrade(ctx, name), "no upgrade")
	require.NoError(t, chain.App.UpgradeKeeper.ScheduleUpgrade(ctx, upgradetypes.Plan{Name: name, Height: chain.Height + 2}))
	chain.Blocks(1)
	require.ErrorContains(t, chain.TryBlock(), "UPGRADE")

	ran := false
	chain.Build = func(
		logger log.Logger, db dbm.DB, latest bool, options servertypes.AppOptions, more ...func(*baseapp.BaseApp),
	) *app.App {
		return app.NewWithUpgrades([]upgrades.Upgrade{{
			Name:   name,
			Before: func(context.Context) error { ran = true; return nil },
		}}, logger, db, latest, options, more...)
	}
	chain.Reopen()
	chain.Blocks(2)
	require.True(t, ran)
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
}

// A copy of a network's state goes on with one new validator, and nobody's money moves.
func TestTakeOver(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{Accounts: 1, Validators: 3})
	chain.Blocks(3)
	key := ed25519.GenPrivKeyFromSecret([]byte("rehearsal"))
	supply := chain.App.BankKeeper.GetSupply(chain.Context(), app.Denom)
	ctx := chain.App.CommitContext()
	require.NoError(t, chain.App.TakeOver(ctx, key.PubKey(), chain.Accounts[0].Address))
	chain.Validators = []ed25519.PrivKey{key}
	updates := chain.Block().ValidatorUpdates
	require.Len(t, updates, 1, "CometBFT knows no other validator that could be removed")
	chain.Blocks(3)
	require.Equal(t, supply, chain.App.BankKeeper.GetSupply(chain.Context(), app.Denom))
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	validator, err := chain.App.StakingKeeper.GetValidator(chain.Context(), sdk.ValAddress(chain.Accounts[0].Address))
	require.NoError(t, err)
	require.Equal(t, stakingtypes.Bonded, validator.Status)
}

package node

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/custody"
)

func TestCustodyRunsWithTheScanner(t *testing.T) {
	home, cfg := gatewayOnly(t)
	n, err := Open(context.Background(), home, cfg, quiet())
	require.NoError(t, err)
	require.NotContains(t, n.roleNames(), "custody")
	require.NoError(t, n.Close())

	cfg.Roles = Roles{Vault: true, Scanner: true}
	cfg.Scanner.Operator = sdk.AccAddress("operator").String()
	for range 2 { // the second time with the file of kept keys, if there is one
		n, err = Open(context.Background(), home, cfg, quiet())
		require.NoError(t, err)
		require.Equal(t, []string{"custody", "scanner"}, n.roleNames())
		require.Nil(t, n.openVaultKey(context.Background(), 1), "no scanner runs")
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, n.roles[0].run(ctx), context.DeadlineExceeded, "it ends with its context and not before")
		require.NoError(t, n.Close())
	}
	cfg.Custody.Parallel = 0
	require.ErrorContains(t, cfg.Validate(), "custody: parallel")
	cfg.Custody = custody.DefaultConfig()
	cfg.Custody.GraceEpochs = 0
	require.ErrorContains(t, cfg.Validate(), "custody: grace_epochs")
}

func TestLeaveTellsWhatIsWrong(t *testing.T) {
	home, cfg := gatewayOnly(t)
	_, err := Leave(context.Background(), home, cfg, quiet(), nil)
	require.ErrorContains(t, err, "scanner: operator")
	cfg.Scanner.Operator = sdk.AccAddress("operator").String()
	_, err = Leave(context.Background(), home, cfg, quiet(), nil)
	require.ErrorContains(t, err, "offline")

	// The supernode runs: two processes cannot have one vault.
	cfg.Vault.Offline, cfg.Vault.Listen = false, nil
	n, err := Open(context.Background(), home, cfg, quiet())
	require.NoError(t, err)
	_, err = Leave(context.Background(), home, cfg, quiet(), nil)
	require.ErrorContains(t, err, "in use by another process")
	require.NoError(t, n.Close())

	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	state, err := Leave(ctx, home, cfg, quiet(), nil)
	require.ErrorIs(t, err, context.DeadlineExceeded, "the node of the chain is away")
	require.False(t, state.Safe())
}

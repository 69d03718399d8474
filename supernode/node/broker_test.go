package node

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/broker"
)

func TestBrokerRunsWithTheScanner(t *testing.T) {
	home, cfg := gatewayOnly(t)
	require.True(t, cfg.Roles.Broker, "on in a new home")
	n, err := Open(context.Background(), home, cfg, quiet())
	require.NoError(t, err)
	require.NotContains(t, n.roleNames(), "broker", "there are no vault keys without a scanner")
	require.NoError(t, n.Close())

	cfg.Roles = Roles{Vault: true, Scanner: true, Broker: true}
	cfg.Scanner.Operator = sdk.AccAddress("operator").String()
	n, err = Open(context.Background(), home, cfg, quiet())
	require.NoError(t, err)
	require.Equal(t, []string{"custody", "scanner", "broker"}, n.roleNames())
	require.Contains(t, n.checks, "role broker")
	for range 2 { // the second time as after a failure
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, n.roles[2].run(ctx), context.DeadlineExceeded, "it ends with its context and not before")
	}
	require.NoError(t, n.Close())

	cfg.Broker.Parallel = 0
	require.ErrorContains(t, cfg.Validate(), "broker: parallel")
	cfg.Broker = broker.DefaultConfig()
	require.NoError(t, cfg.Validate())
}

func TestBrokerOptionsAreInTheFile(t *testing.T) {
	home, _ := initHome(t)
	text, err := os.ReadFile(filepath.Join(home, configFile))
	require.NoError(t, err)
	require.Contains(t, string(text), "broker = true")
	require.Contains(t, string(text), "[broker]")
	require.Contains(t, string(text), "# file keys prepared at one time")
}

// A home from before there was a broker loads, and delivers.
func TestConfigWithoutBrokerLoads(t *testing.T) {
	home, _ := initHome(t)
	path := filepath.Join(home, configFile)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	text, section, found := strings.Cut(string(data), "# Delivering the keys of samples that are sold.\n[broker]")
	require.True(t, found)
	require.NotContains(t, section, "\n[", "it is the last section")
	var kept []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "broker = ") && !strings.HasPrefix(line, "max_downloads = ") {
			kept = append(kept, line)
		}
	}
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(kept, "\n")), 0o600))
	cfg, err := Load(home)
	require.NoError(t, err)
	require.True(t, cfg.Roles.Broker)
	require.Equal(t, broker.DefaultConfig(), cfg.Broker)
	require.Positive(t, cfg.Gateway.MaxDownloads)
}

package node

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// gatewayOnly is a home whose node has no scanner and no swarm; its chain is away.
func gatewayOnly(t *testing.T) (string, Config) {
	t.Helper()
	home, _ := initHome(t)
	cfg, err := Load(home)
	require.NoError(t, err)
	cfg.Roles.Scanner = false
	cfg.Vault.Offline = true
	cfg.Gateway.Listen, cfg.Gateway.GRPCListen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Chain.RPC, cfg.Chain.GRPC = "http://127.0.0.1:1", "127.0.0.1:1"
	return home, cfg
}

func TestNodeRunsAndStops(t *testing.T) {
	home, cfg := gatewayOnly(t)
	for range 2 { // the second time on the same home
		ctx, cancel := context.WithCancel(context.Background())
		n, err := Open(ctx, home, cfg, quiet())
		require.NoError(t, err)
		url := "http://" + n.listener.Addr().String()
		done := make(chan error, 1)
		go func() { done <- n.Run(ctx) }()

		var health struct {
			Status string
			Checks map[string]string
		}
		require.Eventually(t, func() bool {
			response, err := http.Get(url + "/healthz")
			if err != nil {
				return false
			}
			defer response.Body.Close()
			return json.NewDecoder(response.Body).Decode(&health) == nil
		}, 30*time.Second, 20*time.Millisecond)
		require.Equal(t, map[string]string{
			"chain": "failing", "vault key": "failing", "vault": "ok", "queue": "ok", "index": "ok", "role feeds": "ok", "role grpc": "ok", "role http": "ok", "role submitter": "ok", "role housekeeping": "ok", "role indexer": "ok",
		}, health.Checks)
		require.Equal(t, "failing", health.Status)

		cancel()
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-time.After(stopTimeout):
			t.Fatal("the node did not stop in time")
		}
		require.NoError(t, n.Close())
		_, err = http.Get(url + "/healthz")
		require.Error(t, err, "nothing listens any more")
	}
}

func TestTakenPortIsToldAtOnce(t *testing.T) {
	home, cfg := gatewayOnly(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	cfg.Gateway.Listen = taken.Addr().String()
	_, err = Open(context.Background(), home, cfg, quiet())
	require.ErrorContains(t, err, "open gateway")
	cfg.Gateway.Listen = "127.0.0.1:0"
	n, err := Open(context.Background(), home, cfg, quiet())
	require.NoError(t, err, "what was opened before the failure is closed again")
	require.NoError(t, n.Close())
}

func TestMissingKeyIsNamed(t *testing.T) {
	home, cfg := gatewayOnly(t)
	cfg.Chain.Key = "nobody"
	_, err := Open(context.Background(), home, cfg, quiet())
	require.ErrorContains(t, err, "nobody")
}

func TestVaultAlone(t *testing.T) {
	home, cfg := gatewayOnly(t)
	cfg.Roles = Roles{Vault: true}
	n, err := Open(context.Background(), home, cfg, quiet())
	require.NoError(t, err)
	require.Empty(t, n.roles)
	require.NoError(t, checkVault(n.vault)(context.Background()))
	require.NoError(t, n.Close())
}

func TestChainCheckFailsWhenTheNodeIsAway(t *testing.T) {
	client, err := chain.Dial(context.Background(), chain.Config{GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1", ChainID: "x"})
	require.NoError(t, err)
	defer client.Close()
	require.Error(t, checkChain(client)(context.Background()))
}

func TestMetricsOfARoleCanBeRegisteredAgain(t *testing.T) {
	registry := prometheus.NewRegistry()
	for range 2 {
		scoped := &scopedRegisterer{Registerer: registry}
		scoped.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "runs_total", Help: "Runs."}))
		scoped.unregisterAll()
	}
}

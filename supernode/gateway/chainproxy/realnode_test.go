package chainproxy_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain/nodetest"
	"github.com/virusmap/virusmap/supernode/gateway/chainproxy"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

// TestCometClient has CometBFT's own client speak with a real node through the proxy.
func TestCometClient(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 1}), nodetest.Options{})
	proxy, err := chainproxy.New(chainproxy.Config{
		RPC: node.RPC(), Log: slog.New(slog.DiscardHandler),
		Admit: func(http.ResponseWriter, *http.Request, int) error { return nil },
		Fail: func(w http.ResponseWriter, _ *http.Request, err error) {
			var refusal *chainproxy.Error
			require.True(t, errors.As(err, &refusal), "%v", err)
			http.Error(w, refusal.Message, refusal.Status)
		},
	})
	require.NoError(t, err)
	server := httptest.NewServer(http.StripPrefix("/chain/rpc", http.HandlerFunc(proxy.RPC)))
	defer server.Close()
	client, err := rpchttp.New(server.URL+"/chain/rpc", "/websocket")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	var height int64
	require.Eventually(t, func() bool {
		status, err := client.Status(ctx)
		require.NoError(t, err)
		height = status.SyncInfo.LatestBlockHeight
		return height > 1
	}, 30*time.Second, 20*time.Millisecond)
	commit, err := client.Commit(ctx, &height)
	require.NoError(t, err)
	require.NoError(t, commit.ValidateBasic(node.ChainID()))
	_, err = client.Validators(ctx, &height, nil, nil)
	require.NoError(t, err)
	_, err = client.NetInfo(ctx)
	require.ErrorContains(t, err, "403", "peers are nobody's business")

	batch := client.NewBatch()
	_, err = batch.Status(ctx)
	require.NoError(t, err)
	_, err = batch.Header(ctx, &height)
	require.NoError(t, err)
	answers, err := batch.Send(ctx)
	require.NoError(t, err)
	require.Len(t, answers, 2)
}

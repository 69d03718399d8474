package chain

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/chain/nodetest"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

func TestTransactionThatMissedItsTimeIsReportedAsExpired(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{}), nodetest.Options{})
	client, err := Dial(t.Context(), Config{
		// Nobody listens there, so nobody can tell whether the transaction arrived.
		GRPC: "127.0.0.1:1", RPC: node.RPC(), ChainID: node.ChainID(),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	require.NoError(t, err)
	defer client.Close()
	head, err := client.head(t.Context())
	require.NoError(t, err)

	_, err = client.deliver(t.Context(), pendingTx{
		bytes: []byte("in no block"), from: head.Height + 1, timeout: head.Time.Add(500 * time.Millisecond),
	})
	require.ErrorIs(t, err, ErrExpired)
	require.ErrorContains(t, err, "connection refused", "what the node said last")

	after, err := client.head(t.Context())
	require.NoError(t, err)
	require.True(t, after.Time.After(head.Time.Add(500*time.Millisecond)), "not before the chain says so")
}

func TestOnlySilenceIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		away bool
	}{
		"connection refused":  {status.Error(codes.Unavailable, "refused"), true},
		"half an answer":      {io.ErrUnexpectedEOF, true},
		"not found":           {status.Error(codes.NotFound, "no such sample"), false},
		"refused transaction": {&Error{Codespace: "sdk", Code: 5}, false},
		"pruned":              {ErrPruned, false},
		"other chain":         {ErrWrongChain, false},
	} {
		require.Equal(t, c.away, isAway(c.err), name)
	}
}

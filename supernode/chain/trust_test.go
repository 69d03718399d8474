package chain_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/chain/nodetest"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

// TestTrustRoot gives a root that a light client takes as it is.
func TestTrustRoot(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 1}), nodetest.Options{})
	client := dial(t, node, node.Genesis.Accounts[0])
	require.Eventually(t, func() bool {
		status, err := client.Status(t.Context())
		return err == nil && status.Height > 1
	}, 30*time.Second, 20*time.Millisecond)
	trust, err := client.TrustRoot(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, trust.Height, "the oldest block, as the chain is young")
	require.Len(t, trust.Hash, 32)
	require.Equal(t, 14*24*time.Hour, trust.Period, "two thirds of three weeks")

	path := t.TempDir() + "/trust.json"
	require.NoError(t, light.WriteTrustFile(path, light.Config{
		ChainID: node.ChainID(), RPC: []string{node.RPC()},
		Trust: light.Trust{Height: trust.Height, Hash: trust.Hash, Period: trust.Period},
	}))
	read, err := light.ReadTrustFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.ToUpper(hex.EncodeToString(trust.Hash)), strings.ToUpper(hex.EncodeToString(read.Trust.Hash)))
}

package gateway

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/light/lighttest"
	"github.com/virusmap/virusmap/supernode/queue"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

// BenchmarkSubmit measures how long a batch takes from the queue into the state of a real
// node with a block every 200 ms, in seconds and in blocks.
func BenchmarkSubmit(b *testing.B) {
	real := lighttest.StartChain(b)
	client, err := chain.Dial(b.Context(), chain.Config{
		GRPC: real.GRPC(), RPC: real.RPC(), ChainID: real.ChainID(), GasPrices: "0.025uvmt",
		Key: "key", Keyring: real.Keyring("key", real.Genesis.Accounts[0]),
	})
	require.NoError(b, err)
	b.Cleanup(client.Close)
	for _, claims := range []bool{false, true} {
		for _, size := range []int{1, submitBatch} {
			b.Run(fmt.Sprintf("claims=%t/files=%d", claims, size), func(b *testing.B) {
				n := startNode(b, func(cfg *Config, deps *Deps) { cfg.Claims, deps.Chain = claims, client })
				before, err := client.Status(b.Context())
				require.NoError(b, err)
				for i := range b.N {
					var messages []queue.Message
					for _, submission := range chaintest.Submissions(fmt.Sprint(b.Name(), b.N, i), size, 1) {
						data, err := submission.Marshal()
						require.NoError(b, err)
						messages = append(messages, queue.Message{ID: "bench", Data: data, Deliveries: 1})
					}
					require.NoError(b, n.submitMessages(context.Background(), messages))
				}
				after, err := client.Status(b.Context())
				require.NoError(b, err)
				b.ReportMetric(float64(after.Height-before.Height)/float64(b.N), "blocks/op")
			})
		}
	}
}

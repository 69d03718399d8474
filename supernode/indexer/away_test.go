package indexer

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// restarting is a node that goes away between a block and a question about it.
type restarting struct {
	Chain
	answers []error
	asked   atomic.Int64
}

func (c *restarting) Samples() samplestypes.QueryClient {
	return restartingSamples{c.Chain.Samples(), c}
}

type restartingSamples struct {
	samplestypes.QueryClient
	chain *restarting
}

func (q restartingSamples) Sample(ctx context.Context, request *samplestypes.QuerySampleRequest, options ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error) {
	if n := int(q.chain.asked.Add(1)); n <= len(q.chain.answers) {
		return nil, q.chain.answers[n-1]
	}
	return q.QueryClient.Sample(ctx, request, options...)
}

// The indexer waits for a node that restarts under it, and misses nothing.
func TestNodeThatRestarts(t *testing.T) {
	s := simulate(t)
	for range 20 {
		s.Step()
		s.keep(t)
	}
	n := newNode(t, onSQLite(t), s.Simulation)
	node := &restarting{Chain: s.Simulation, answers: []error{
		status.Error(codes.Unavailable, "connection refused"),
		status.Error(codes.Unknown, "invalid height: context did not contain latest block height in either check state or finalize block state (26)"),
	}}
	n.deps.Chain = node
	n.run()
	n.reaches()
	require.Greater(t, int(node.asked.Load()), len(node.answers))
	n.agreesOn(s.seen)
	n.stop() // requires that it has not failed
}

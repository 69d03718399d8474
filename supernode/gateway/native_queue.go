package gateway

import (
	"context"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
)

// GetQueue answers how much waits on its way to the chain.
func (n native) GetQueue(ctx context.Context, _ *nodev1.GetQueueRequest) (*nodev1.Queue, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	answer := &nodev1.Queue{}
	for _, through := range channels {
		depth, err := n.depthOf(ctx, through)
		if err != nil {
			return nil, n.callError(err)
		}
		answer.Channels = append(answer.Channels, &nodev1.QueueChannel{Channel: string(through), Depth: depth})
		answer.Depth += depth
	}
	return answer, nil
}

// depthOf counts what releases without channels left behind to the API, as they do.
func (g *Gateway) depthOf(ctx context.Context, through channel) (uint64, error) {
	depth, err := g.deps.Queue.Depth(ctx, through.subject())
	if err != nil || through != channelAPI {
		return depth, err
	}
	before, err := g.deps.Queue.Depth(ctx, SubmissionsSubject)
	return depth + before, err
}

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

func (g *Gateway) depthOf(ctx context.Context, through channel) (all uint64, err error) {
	for _, subject := range through.subjects() {
		depth, err := g.deps.Queue.Depth(ctx, subject)
		if err != nil {
			return 0, err
		}
		all += depth
	}
	return all, nil
}

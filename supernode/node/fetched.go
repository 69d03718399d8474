package node

import (
	"context"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/fetch"
	"github.com/virusmap/virusmap/supernode/index"
)

// keepFetched keeps what an engine saw of a URL where the gateway reports it; without a
// gateway nobody asks. Losing it costs a few attributes of a report.
func (n *Node) keepFetched(sample [32]byte, facts fetch.Facts) {
	if n.index == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := n.index.SaveFetched(ctx, sample, index.Fetched{
		FinalURL: facts.FinalURL, Chain: facts.Chain, Status: facts.Status, Headers: facts.Headers, Bytes: facts.ContentBytes,
		ContentSHA256: facts.ContentSHA256, Title: facts.Title, IP: facts.ServingIP, Time: facts.Time.Unix(),
	})
	if err != nil {
		n.log.Warn("what was fetched is not kept", "error", err)
	}
}

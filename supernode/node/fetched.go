package node

import (
	"context"
	"encoding/json"
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
	fetched := index.Fetched{
		FinalURL: facts.FinalURL, Chain: facts.Chain, Status: facts.Status, Headers: facts.Headers, Cookies: facts.Cookies,
		Bytes: facts.ContentBytes, ContentSHA256: facts.ContentSHA256, Title: facts.Title, IP: facts.ServingIP, Time: facts.Time.Unix(),
	}
	var err error
	if facts.Certificate != nil {
		fetched.Certificate, err = json.Marshal(facts.Certificate)
	}
	if err == nil {
		err = n.index.SaveFetched(ctx, sample, fetched)
	}
	if err != nil {
		n.log.Warn("what was fetched is not kept", "error", err)
	}
}

package gateway

import (
	"context"
	"strings"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// maxQuery bounds a question in bytes.
const maxQuery = weburl.MaxBytes

// Search finds the sample that a hash or a URL stands for.
func (n native) Search(ctx context.Context, in *nodev1.SearchRequest) (*nodev1.SearchResponse, error) {
	sha256, local, found, err := n.searched(ctx, strings.TrimSpace(in.Query))
	if err != nil || !found {
		return &nodev1.SearchResponse{}, err
	}
	v, err := n.look(ctx, sha256)
	if err != nil {
		return nil, n.callError(err)
	}
	if local == nil && v.sample == nil && v.report == nil {
		return &nodev1.SearchResponse{}, nil
	}
	result := &nodev1.SearchResult{Sample: n.nativeSample(sha256, v, local), Outcome: outcomeOf(v.report)}
	return &nodev1.SearchResponse{Results: []*nodev1.SearchResult{result}}, nil
}

// searched is the sample that a question is about. found is false for an MD5 or SHA-1 that
// this node has not seen; the chain knows SHA-256 alone.
func (g *Gateway) searched(ctx context.Context, query string) (sha256 [32]byte, local *index.File, found bool, err error) {
	if query == "" || len(query) > maxQuery {
		return sha256, nil, false, invalidArgument("query: %d bytes, want 1..%d", len(query), maxQuery)
	}
	if _, notHash := parseHash(strings.ToLower(query)); notHash != nil {
		url, err := weburl.Parse(query)
		if err != nil {
			return sha256, nil, false, invalidArgument("query: %.80q is neither a hash nor a URL: %s", query, err)
		}
		query = hexText(url.ID())
	}
	sha256, local, err = g.resolve(ctx, query)
	if shown, ok := err.(*apiError); ok && shown.Code == "NotFoundError" {
		return sha256, nil, false, nil
	}
	return sha256, local, err == nil, err
}

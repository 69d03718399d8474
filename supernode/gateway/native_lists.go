package gateway

import (
	"context"
	"encoding/base64"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	"github.com/virusmap/virusmap/supernode/chain/light"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// maxNativePage bounds a page of the native API's lists.
	maxNativePage = 100
	// maxPageToken is longer than the base64 of any key of the chain.
	maxPageToken = 512
)

// GetHistory answers the outcomes of a sample over all rounds.
func (n native) GetHistory(ctx context.Context, in *nodev1.GetHistoryRequest) (*nodev1.History, error) {
	sha256, _, err := n.resolve(ctx, in.Id)
	if err != nil {
		return nil, err
	}
	page, err := pageRequest(in.PageSize, in.PageToken)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	found, err := n.deps.Verdicts.History(ctx, &verdictstypes.QueryHistoryRequest{Sha256: hexText(sha256), Pagination: page})
	if err != nil {
		return nil, n.callError(err)
	}
	history := &nodev1.History{NextPageToken: pageToken(found.Pagination)}
	for _, entry := range found.Entries {
		history.Entries = append(history.Entries, &nodev1.HistoryEntry{Round: entry.Round, Outcome: light.OutcomeName(entry.Outcome)})
	}
	return history, nil
}

// ListEngines answers the registered engines.
func (n native) ListEngines(ctx context.Context, in *nodev1.ListEnginesRequest) (*nodev1.ListEnginesResponse, error) {
	if in.Operator != "" {
		if _, err := samplestypes.ParseAddress("operator", in.Operator); err != nil {
			return nil, invalidArgument("operator: %.100q is not an account address (vmt1...)", in.Operator)
		}
	}
	page, err := pageRequest(in.PageSize, in.PageToken)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	found, err := n.deps.Verdicts.Engines(ctx, &verdictstypes.QueryEnginesRequest{Operator: in.Operator, Pagination: page})
	if err != nil {
		return nil, n.callError(err)
	}
	answer := &nodev1.ListEnginesResponse{NextPageToken: pageToken(found.Pagination)}
	for _, engine := range found.Engines {
		answer.Engines = append(answer.Engines, &nodev1.Engine{
			Operator: engine.Operator, Name: engine.Name,
			Description: engine.Description, RegisteredHeight: engine.RegisteredHeight,
		})
	}
	return answer, nil
}

// pageRequest reads a page of a list that the chain keeps; the token is the chain's key.
func pageRequest(size uint32, token string) (*query.PageRequest, error) {
	if size > maxNativePage {
		return nil, invalidArgument("page_size: %d is not in 1..%d", size, maxNativePage)
	}
	if size == 0 {
		size = maxNativePage
	}
	if len(token) > maxPageToken {
		return nil, invalidArgument("page_token: %d bytes, at most %d", len(token), maxPageToken)
	}
	key, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, invalidArgument("page_token: it is not one that was given out")
	}
	return &query.PageRequest{Key: key, Limit: uint64(size)}, nil
}

func pageToken(page *query.PageResponse) string {
	if page == nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(page.NextKey)
}

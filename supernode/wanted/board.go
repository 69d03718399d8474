package wanted

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cosmos/cosmos-sdk/types/query"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// fresh is how long rounds share what was read.
	fresh = 3 * time.Second
	// patience bounds a reading: the engines wait for it.
	patience = 2 * time.Second
	// maxBounties is how many the chain lets run, and how many an attestation can name.
	maxBounties = verdictstypes.MaxMatchedBounties
	// maxTargetBytes is how long a rule may be.
	maxTargetBytes = 4096
)

// kinds of bounties that want samples.
var kinds = []bountytypes.BountyKind{
	bountytypes.BOUNTY_KIND_HASH, bountytypes.BOUNTY_KIND_FAMILY, bountytypes.BOUNTY_KIND_YARA,
}

// board is the list of the running wanted bounties.
type board struct {
	chain Chain

	mu       sync.Mutex
	bounties []bountytypes.Bounty
	err      error
	readAt   time.Time
}

// read returns at most maxBounties; more than that do not run. A failure is shared like a
// success, so that a node that does not answer holds up one round only.
func (b *board) read(ctx context.Context) ([]bountytypes.Bounty, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.readAt) >= fresh {
		b.bounties, b.err = b.readAll(ctx)
		b.readAt = time.Now()
	}
	return b.bounties, b.err
}

func (b *board) readAll(ctx context.Context) (all []bountytypes.Bounty, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, kind := range kinds {
		of, err := b.readKind(ctx, kind, maxBounties-len(all))
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	return all, nil
}

// readKind follows the pages until it has limit bounties.
func (b *board) readKind(ctx context.Context, kind bountytypes.BountyKind, limit int) (all []bountytypes.Bounty, err error) {
	page := &query.PageRequest{Limit: maxBounties}
	for len(all) < limit {
		response, err := b.chain.Bounties().Bounties(ctx, &bountytypes.QueryBountiesRequest{Kind: kind, Pagination: page})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		all = append(all, slices.DeleteFunc(response.Bounties, func(b bountytypes.Bounty) bool { return !usable(b, kind) })...)
		if response.Pagination == nil || len(response.Pagination.NextKey) == 0 {
			break
		}
		page = &query.PageRequest{Key: response.Pagination.NextKey, Limit: maxBounties}
	}
	return all[:min(len(all), limit)], nil
}

// usable is a check of what the node said, which need not be what the chain took.
func usable(b bountytypes.Bounty, kind bountytypes.BountyKind) bool {
	return b.Kind == kind && len(b.Id) == verdictstypes.BountyIDBytes && len(b.Target) <= maxTargetBytes
}

package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"filippo.io/age"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// termsMaxAge is how long an epoch's vault key is used without asking again. The key
// of a past epoch still works: supernodes keep the secrets of all epochs.
const termsMaxAge = 5 * time.Second

// terms are what the chain asks of a new submission.
type terms struct {
	recipient age.Recipient // the vault key's public half
	epoch     uint64        // of that key
	maxBytes  int64         // of plaintext
}

type termsCache struct {
	mu    sync.Mutex
	terms terms
	read  time.Time
}

// currentTerms are at most termsMaxAge old, or older while the chain is out of reach:
// uploads wait in the queue until it is back.
func (g *Gateway) currentTerms(ctx context.Context) (terms, error) {
	cache := &g.terms
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if time.Since(cache.read) < termsMaxAge {
		return cache.terms, nil
	}
	fresh, err := g.readTerms(ctx)
	switch {
	case err == nil:
		cache.terms, cache.read = fresh, time.Now()
	case cache.terms.recipient == nil:
		g.log.Warn("no vault key to encrypt uploads to", "error", err)
		return terms{}, transient("no vault key is known yet, so files cannot be encrypted; try again later")
	default:
		g.log.Warn("going on with the last vault key", "epoch", cache.terms.epoch, "error", err)
	}
	return cache.terms, nil
}

func (g *Gateway) readTerms(ctx context.Context) (terms, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	key, err := g.deps.Supernodes.VaultKey(ctx, &supernodetypes.QueryVaultKeyRequest{})
	if err != nil {
		return terms{}, fmt.Errorf("read vault key: %w", err)
	}
	recipient, err := age.ParseHybridRecipient(key.VaultKey.Recipient)
	if err != nil {
		return terms{}, fmt.Errorf("vault key of epoch %d: %w", key.VaultKey.Epoch, err)
	}
	params, err := g.deps.Samples.Params(ctx, &samplestypes.QueryParamsRequest{})
	if err != nil {
		return terms{}, fmt.Errorf("read parameters of x/samples: %w", err)
	}
	return terms{recipient: recipient, epoch: key.VaultKey.Epoch, maxBytes: int64(params.Params.MaxSizeBytes)}, nil
}

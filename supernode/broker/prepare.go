package broker

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/ipfs/go-cid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/vault"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

var (
	// errBlocked means that the sample was taken down, or has no record any more. Nobody is
	// slashed for its orders.
	errBlocked = errors.New("the sample is blocked or gone")
	// errNoVaultKey means that the vault key of the sample's epoch is not at hand.
	errNoVaultKey = errors.New("the vault key of the epoch is not at hand")
	// errCommitment means that a buyer could show that the key is wrong.
	errCommitment = errors.New("the file key is not the one that was committed to")
	errSeal       = errors.New("the file key cannot be sealed")
)

// parcel is an order with its sealed key.
type parcel struct {
	order  markettypes.Order
	sealed []byte
	terms  terms // when the order was taken up
}

// serve prepares the key of an order and hands it on to be sent.
func (b *Broker) serve(ctx context.Context, t terms, order markettypes.Order) {
	sealed, err := b.prepare(ctx, order)
	switch {
	case errors.Is(err, errBlocked):
		b.skip(blocked, order.Id)
		b.tries.close(order.Id, b.height.Load())
		b.metrics.busy.Dec()
	case err != nil:
		b.fail(ctx, order, err)
	default:
		select {
		case b.ready <- parcel{order: order, sealed: sealed, terms: t}:
		case <-ctx.Done():
		}
	}
}

// fail ends a try that is made again later.
func (b *Broker) fail(ctx context.Context, order markettypes.Order, err error) {
	b.tries.fail(order.Id, time.Now(), b.paces)
	b.metrics.busy.Dec()
	if ctx.Err() != nil {
		return // the process ends, which is nobody's fault
	}
	b.metrics.failures.WithLabelValues(reason(err)).Inc()
	b.Log.Warn("an order cannot be delivered yet", "order", hex.EncodeToString(order.Id),
		"sha256", hex.EncodeToString(order.Sha256), "due_height", order.DueHeight, "error", err)
}

// reason names a failure in the metrics.
func reason(err error) string {
	for _, known := range []struct {
		err  error
		name string
	}{
		{errNoVaultKey, "vault_key"},
		{errCommitment, "commitment"},
		{errSeal, "seal"},
		{vault.ErrNotFound, "not_found"},
		{vault.ErrNoKey, "undecryptable"},
		{vault.ErrUndecryptable, "undecryptable"},
		{errRefused, "refused"},
	} {
		if errors.Is(err, known.err) {
			return known.name
		}
	}
	return "other"
}

// prepare opens the file key of an order and seals it to the buyer.
func (b *Broker) prepare(ctx context.Context, order markettypes.Order) ([]byte, error) {
	id, err := cid.Cast(order.Sealing.Cid)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", vault.ErrUndecryptable, err)
	}
	// What must come from peers does not hold up what is here.
	slots := b.away
	if b.Vault.Has(ctx, id) {
		slots = b.here
	}
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, b.paces.attempt)
	defer cancel()
	if err := b.checkSample(ctx, order.Sha256); err != nil {
		return nil, err
	}
	identity := b.VaultKey(ctx, order.Sealing.VaultEpoch)
	if identity == nil {
		return nil, fmt.Errorf("%w: epoch %d", errNoVaultKey, order.Sealing.VaultEpoch)
	}
	key, err := b.Vault.FileKey(ctx, id, identity)
	if err != nil {
		return nil, err
	}
	if !markettypes.CommitsTo(order.Sealing.KeyCommitment, key) {
		return nil, errCommitment
	}
	sealed, err := markettypes.SealFileKey(order.OneTimeKey, markettypes.ExchangeInfo(b.Chain.ChainID(), order.Id), key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSeal, err)
	}
	return sealed, nil
}

// checkSample returns errBlocked for a sample that nobody is slashed for. One that is being
// scanned again is delivered: its order ends as undelivered otherwise, and a rescan would
// be a cheap way to have a supernode slashed.
func (b *Broker) checkSample(ctx context.Context, sha256 []byte) error {
	response, err := b.Chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(sha256)})
	if status.Code(err) == codes.NotFound {
		return errBlocked
	}
	if err != nil {
		return err
	}
	if response.Entry.Sample.Status == samplestypes.STATUS_BLOCKED {
		return errBlocked
	}
	return nil
}

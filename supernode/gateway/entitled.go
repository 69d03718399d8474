package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/vault"
	"github.com/virusmap/virusmap/supernode/zipbundle"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	// openTimeout bounds the wait for a ciphertext that other supernodes have.
	openTimeout = 2 * time.Minute
	// maxOrderPages bounds what is read of the orders of an account, 100 a page.
	maxOrderPages = 50
)

// openEntitled opens a sample for an account that brought or bought it.
func (g *Gateway) openEntitled(ctx context.Context, account string, id [sha256.Size]byte) (io.ReadCloser, error) {
	sample, err := g.entitledSample(ctx, account, id)
	if err != nil {
		return nil, err
	}
	return g.unseal(ctx, id, sample)
}

// entitledSample is a sample that an account, as entitledName has it, brought or bought. Else
// the error is ErrNotEntitled.
func (g *Gateway) entitledSample(ctx context.Context, account string, id [sha256.Size]byte) (samplestypes.Sample, error) {
	name, source, _ := strings.Cut(account, "/")
	answer, err := g.deps.Samples.Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(id[:])})
	if status.Code(err) == codes.NotFound {
		return samplestypes.Sample{}, zipbundle.ErrNotEntitled
	}
	if err != nil {
		return samplestypes.Sample{}, fmt.Errorf("read sample: %w", err)
	}
	sample := answer.Entry.Sample
	if sample.Status == samplestypes.STATUS_BLOCKED || sample.Status == samplestypes.STATUS_INVALID {
		return samplestypes.Sample{}, zipbundle.ErrNotEntitled
	}
	entitled, err := g.entitled(ctx, name, source, id, sample)
	if err == nil && !entitled {
		err = zipbundle.ErrNotEntitled
	}
	return sample, err
}

// entitled tells whether an account credited with a sample, a source that brought it here, or
// the buyer in a settled order asks.
func (g *Gateway) entitled(ctx context.Context, name, source string, id [sha256.Size]byte, sample samplestypes.Sample) (bool, error) {
	if sample.Contributor == name {
		return true, nil
	}
	raw, err := hex.DecodeString(source)
	if err != nil {
		return false, err
	}
	brought, err := g.deps.Index.Brought(ctx, id, raw)
	if brought || err != nil {
		return brought, err
	}
	return g.bought(ctx, name, id)
}

// bought looks for a settled order of an account.
func (g *Gateway) bought(ctx context.Context, account string, id [sha256.Size]byte) (bool, error) {
	if _, err := samplestypes.ParseAddress("account", account); err != nil {
		return false, nil //nolint:nilerr // a key of the configuration buys nothing
	}
	request := &markettypes.QueryOrdersRequest{Buyer: account, Pagination: &query.PageRequest{Limit: 100}}
	for range maxOrderPages {
		answer, err := g.deps.Market.Orders(ctx, request)
		if err != nil {
			return false, fmt.Errorf("read orders: %w", err)
		}
		for _, order := range answer.Orders {
			if order.Status == markettypes.ORDER_STATUS_SETTLED && bytes.Equal(order.Sha256, id[:]) {
				return true, nil
			}
		}
		if answer.Pagination == nil || len(answer.Pagination.NextKey) == 0 {
			break
		}
		request.Pagination.Key = answer.Pagination.NextKey
	}
	return false, nil
}

// unseal opens a sample with the vault key of its epoch, if this supernode has it.
func (g *Gateway) unseal(ctx context.Context, id [sha256.Size]byte, sample samplestypes.Sample) (io.ReadCloser, error) {
	var key *age.HybridIdentity
	if g.deps.VaultKey != nil {
		key = g.deps.VaultKey(ctx, sample.Sealing.VaultEpoch)
	}
	if key == nil {
		return nil, fmt.Errorf("the vault key of epoch %d is not at hand", sample.Sealing.VaultEpoch)
	}
	content, err := cid.Cast(sample.Sealing.Cid)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	plain, err := g.deps.Vault.Unseal(ctx, content, key)
	if err != nil {
		cancel()
		return nil, err
	}
	return &genuine{plain: plain, want: id, hash: sha256.New(), cancel: cancel}, nil
}

// errNotGenuine means that a ciphertext opens to something else than its record says.
var errNotGenuine = errors.New("the content is not that of its record")

// genuine reads a plaintext that ends with an error unless it is what was submitted.
type genuine struct {
	plain  *vault.Plaintext
	want   [sha256.Size]byte
	hash   hash.Hash
	cancel context.CancelFunc
}

func (p *genuine) Read(b []byte) (int, error) {
	n, err := p.plain.Read(b)
	p.hash.Write(b[:n])
	if errors.Is(err, io.EOF) && !bytes.Equal(p.hash.Sum(nil), p.want[:]) {
		err = errNotGenuine
	}
	return n, err
}

func (p *genuine) Close() error {
	p.cancel()
	return p.plain.Close()
}

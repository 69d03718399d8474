package indexer

import (
	"context"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
	"github.com/ipfs/go-cid"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// fetchTimeout is how long peers may take to send the ciphertext of one sample.
const fetchTimeout = time.Minute

// Opener opens samples for the operator with the vault keys that the chain has sealed to it.
type Opener struct {
	Supernodes supernodetypes.QueryClient
	Vault      *vault.Vault
	// Operator is the address, Identity opens what is sealed to it.
	Operator string
	Identity *age.HybridIdentity

	keys map[uint64]*age.HybridIdentity
}

// Open fetches a sample and decrypts it while it is read. It is a Plaintexts, for one caller
// at a time.
func (o *Opener) Open(ctx context.Context, entry samplestypes.SampleEntry) (io.ReadCloser, error) {
	sealing := entry.Sample.Sealing
	key, err := o.key(ctx, sealing.VaultEpoch)
	if err != nil {
		return nil, fmt.Errorf("vault key of epoch %d: %w", sealing.VaultEpoch, err)
	}
	id, err := cid.Cast(sealing.Cid)
	if err != nil {
		return nil, err
	}
	fetching, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	if err := o.Vault.Fetch(fetching, []cid.Cid{id}); err != nil {
		return nil, err
	}
	return o.Vault.Unseal(ctx, id, key)
}

func (o *Opener) key(ctx context.Context, epoch uint64) (*age.HybridIdentity, error) {
	if key := o.keys[epoch]; key != nil {
		return key, nil
	}
	answer, err := o.Supernodes.SealedKey(ctx, &supernodetypes.QuerySealedKeyRequest{Epoch: epoch, Operator: o.Operator})
	if err != nil {
		return nil, err
	}
	key, err := vault.OpenIdentity(answer.SealedKey.Sealed, o.Identity)
	if err != nil {
		return nil, err
	}
	if o.keys == nil {
		o.keys = make(map[uint64]*age.HybridIdentity)
	}
	o.keys[epoch] = key
	return key, nil
}

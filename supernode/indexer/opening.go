package indexer

import (
	"context"
	"errors"
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

// Peers give the vault keys that the chain has not sealed to the operator; want has the
// published half of each by its epoch. What nobody has is left out.
type Peers interface {
	VaultKeys(ctx context.Context, want map[uint64]string) map[uint64]*age.HybridIdentity
}

// Opener opens samples for the operator with the vault keys that the chain has sealed to it,
// or that peers give.
type Opener struct {
	Supernodes supernodetypes.QueryClient
	Vault      *vault.Vault
	// Operator is the address, Identity opens what is sealed to it.
	Operator string
	Identity *age.HybridIdentity
	Peers    Peers

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
	published, err := o.Supernodes.VaultKey(ctx, &supernodetypes.QueryVaultKeyRequest{Epoch: epoch})
	if err != nil {
		return nil, err
	}
	recipient := published.VaultKey.Recipient
	key, err := o.sealed(ctx, epoch, recipient)
	if err != nil {
		if key = o.Peers.VaultKeys(ctx, map[uint64]string{epoch: recipient})[epoch]; key == nil {
			return nil, fmt.Errorf("no peer gives it, and on chain: %w", err)
		}
	}
	if o.keys == nil {
		o.keys = make(map[uint64]*age.HybridIdentity)
	}
	o.keys[epoch] = key
	return key, nil
}

// sealed opens what the chain has sealed to the operator, which must be the published key.
func (o *Opener) sealed(ctx context.Context, epoch uint64, recipient string) (*age.HybridIdentity, error) {
	answer, err := o.Supernodes.SealedKey(ctx, &supernodetypes.QuerySealedKeyRequest{Epoch: epoch, Operator: o.Operator})
	if err != nil {
		return nil, err
	}
	key, err := vault.OpenIdentity(answer.SealedKey.Sealed, o.Identity)
	if err == nil && key.Recipient().String() != recipient {
		err = errors.New("what was sealed is not the published key")
	}
	return key, err
}

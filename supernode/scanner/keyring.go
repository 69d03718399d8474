package scanner

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"filippo.io/age"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// keyRing knows where the operator has a seat and opens vault keys: those that the chain
// has sealed to the operator, and for want of them what peers give.
type keyRing struct {
	chain    Chain
	operator sdk.AccAddress
	own      *age.HybridIdentity
	peers    Peers // may be nil
	log      *slog.Logger

	mu       sync.Mutex
	opened   map[uint64]*age.HybridIdentity
	reported map[[sha256.Size]byte]bool // sealed keys by their hash
	reports  sync.WaitGroup
}

func newKeyRing(operator sdk.AccAddress, deps Deps) *keyRing {
	return &keyRing{
		chain: deps.Chain, operator: operator, own: deps.Identity, peers: deps.Peers, log: deps.Log,
		opened: make(map[uint64]*age.HybridIdentity), reported: make(map[[sha256.Size]byte]bool),
	}
}

// identities returns the secret halves of the vault keys of epochs, as far as the operator
// can have them; peers may take as long as patience. Its error means that the node is away.
func (k *keyRing) identities(ctx context.Context, epochs []uint64, patience time.Duration) (map[uint64]*age.HybridIdentity, error) {
	found, lacking := make(map[uint64]*age.HybridIdentity), make(map[uint64]string)
	for _, epoch := range epochs {
		identity, recipient, err := k.sealed(ctx, epoch)
		switch {
		case identity != nil:
			found[epoch] = identity
		case errors.Is(err, errNoKey) && recipient != "":
			lacking[epoch] = recipient
		case !errors.Is(err, errNoKey):
			return nil, err
		}
	}
	if len(lacking) == 0 || k.peers == nil {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	given := k.peers.VaultKeys(ctx, lacking)
	k.mu.Lock()
	defer k.mu.Unlock()
	for epoch, identity := range given {
		k.opened[epoch], found[epoch] = identity, identity
	}
	if missing := len(lacking) - len(given); missing > 0 {
		k.log.Warn("samples of some epochs cannot be opened", "epochs", missing)
	}
	return found, nil
}

// sealed opens the vault key of an epoch as the chain has sealed it to the operator.
// When that is not there, or wrong, the error is errNoKey, and recipient the published
// half of the key if there is one. Another error means that the node is away.
func (k *keyRing) sealed(ctx context.Context, epoch uint64) (identity *age.HybridIdentity, recipient string, err error) {
	k.mu.Lock()
	identity = k.opened[epoch]
	k.mu.Unlock()
	if identity != nil {
		return identity, identity.Recipient().String(), nil
	}
	published, err := k.chain.Supernodes().VaultKey(ctx, &supernodetypes.QueryVaultKeyRequest{Epoch: epoch})
	if err != nil {
		return nil, "", missing(err)
	}
	recipient = published.VaultKey.Recipient
	response, err := k.chain.Supernodes().SealedKey(ctx, &supernodetypes.QuerySealedKeyRequest{Epoch: epoch, Operator: k.operator.String()})
	if err != nil {
		return nil, recipient, missing(err)
	}
	sealed := response.SealedKey
	identity, err = vault.OpenIdentity(sealed.Sealed, k.own)
	if err == nil && identity.Recipient().String() != recipient {
		err = errors.New("it is not the published key")
	}
	if err != nil {
		k.log.Warn("a sealed vault key is wrong", "epoch", epoch, "maker", published.VaultKey.Maker, "error", err)
		if published.VaultKey.Maker != k.operator.String() {
			k.report(ctx, epoch, sealed)
		}
		// Not wrapped: a key that we cannot open must not look like a sample that nobody can.
		return nil, recipient, fmt.Errorf("%w: what %s sealed: %v", errNoKey, published.VaultKey.Maker, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.opened[epoch] = identity
	return identity, recipient, nil
}

// missing tells a key that the chain does not have from a node that does not answer.
func missing(err error) error {
	if status.Code(err) == codes.NotFound {
		return fmt.Errorf("%w: %v", errNoKey, err)
	}
	return err
}

// report tells the chain once, and without waiting for it, that a sealed key is of no use.
func (k *keyRing) report(ctx context.Context, epoch uint64, sealed supernodetypes.SealedKey) {
	own := sha256.Sum256([]byte(k.own.Recipient().String()))
	if len(sealed.RecipientHash) > 0 && string(sealed.RecipientHash) != string(own[:]) {
		return // it was sealed to another recipient that we had then, which is nobody's fault
	}
	hash := sha256.Sum256(sealed.Sealed)
	k.mu.Lock()
	defer k.mu.Unlock()
	if sealed.Reported || k.reported[hash] {
		return
	}
	k.reported[hash] = true
	k.reports.Go(func() {
		msg := &supernodetypes.MsgReportVaultKey{Sidecar: k.chain.Address().String(), Operator: k.operator.String(), Epoch: epoch}
		if len(sealed.RecipientHash) > 0 { // nobody answers for what was sealed again later
			msg.FileKey = vault.SealedFileKey(sealed.Sealed, k.own)
		}
		_, err := k.chain.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{msg}})
		var refused *chain.Error
		if err == nil || errors.As(err, &refused) {
			k.log.Warn("reported a vault key", "epoch", epoch, "error", err)
			return
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.reported, hash) // nobody heard of it
	})
}

// seated tells whether the operator attests in an epoch.
func (k *keyRing) seated(ctx context.Context, epoch uint64) (bool, error) {
	response, err := k.chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{Number: epoch})
	if err != nil {
		return false, err
	}
	return k.seat(response.Seats) != nil, nil
}

// seat returns the operator's own, or nil.
func (k *keyRing) seat(seats []supernodetypes.Seat) *supernodetypes.Seat {
	for i := range seats {
		if seats[i].Operator == k.operator.String() {
			return &seats[i]
		}
	}
	return nil
}

package scanner

import (
	"bytes"
	"context"
	"fmt"
	"slices"
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

// keyRing knows where the operator has a seat and opens the vault keys sealed to it.
type keyRing struct {
	chain    Chain
	operator sdk.AccAddress
	own      *age.HybridIdentity

	mu     sync.Mutex
	opened map[uint64]*age.HybridIdentity
}

func newKeyRing(chain Chain, operator sdk.AccAddress, own *age.HybridIdentity) *keyRing {
	return &keyRing{chain: chain, operator: operator, own: own, opened: make(map[uint64]*age.HybridIdentity)}
}

// identity returns the secret half of an epoch's vault key, errNoKey when it is not
// sealed to the operator as it should be, or another error when the node is away.
func (k *keyRing) identity(ctx context.Context, epoch uint64) (*age.HybridIdentity, error) {
	k.mu.Lock()
	identity := k.opened[epoch]
	k.mu.Unlock()
	if identity != nil {
		return identity, nil
	}
	published, err := k.chain.Supernodes().VaultKey(ctx, &supernodetypes.QueryVaultKeyRequest{Epoch: epoch})
	if err != nil {
		return nil, missing(err)
	}
	sealed, err := k.chain.Supernodes().SealedKey(ctx, &supernodetypes.QuerySealedKeyRequest{Epoch: epoch, Operator: k.operator.String()})
	if err != nil {
		return nil, missing(err)
	}
	identity, err = vault.OpenIdentity(sealed.SealedKey.Sealed, k.own)
	if err != nil {
		// Not wrapped: a key that we cannot open must not look like a sample that nobody can.
		return nil, fmt.Errorf("%w: what %s sealed: %v", errNoKey, published.VaultKey.Maker, err)
	}
	if identity.Recipient().String() != published.VaultKey.Recipient {
		return nil, fmt.Errorf("%w: what %s sealed is not the published key", errNoKey, published.VaultKey.Maker)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.opened[epoch] = identity
	return identity, nil
}

// missing tells a key that the chain does not have from a node that does not answer.
func missing(err error) error {
	if status.Code(err) == codes.NotFound {
		return fmt.Errorf("%w: %v", errNoKey, err)
	}
	return err
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

// look makes publishVaultKeys look whether the current epoch has its key.
func (s *Scanner) look() {
	select {
	case s.epochs <- struct{}{}:
	default: // it will look anyway
	}
}

// publishVaultKeys sees to it that every epoch gets its vault key.
func (s *Scanner) publishVaultKeys(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.epochs:
		}
		s.retry(ctx, "vault key", func(ctx context.Context) error {
			block := time.Duration(s.cfg.BlockSeconds * float64(time.Second))
			for {
				settled, err := s.publishVaultKey(ctx)
				if err != nil || settled || !sleep(ctx, block) {
					return err
				}
			}
		})
	}
}

// publishVaultKey makes the key of the current epoch when it has none and it is this
// operator's turn. It returns false while it is another's.
func (s *Scanner) publishVaultKey(ctx context.Context) (settled bool, err error) {
	current, err := s.Chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{})
	if status.Code(err) == codes.NotFound {
		return true, nil // no epoch has begun; its event tells when one does
	}
	if err != nil {
		return false, err
	}
	epoch := current.Epoch
	_, err = s.Chain.Supernodes().VaultKey(ctx, &supernodetypes.QueryVaultKeyRequest{Epoch: epoch.Number})
	if status.Code(err) != codes.NotFound {
		return err == nil, err
	}
	own := s.keys.seat(current.Seats)
	if own == nil {
		return true, nil
	}
	params, err := s.Chain.Supernodes().Params(ctx, &supernodetypes.QueryParamsRequest{})
	if err != nil {
		return false, err
	}
	head, err := s.Chain.Status(ctx)
	if err != nil {
		return false, err
	}
	// The first rank never waits, also when a chain started again at a lower height.
	wait := int64(own.Rank) * int64(params.Params.VaultKeyGraceBlocks)
	if wait > 0 && head.Height < epoch.StartHeight+wait {
		return false, nil
	}
	msg, err := s.newVaultKey(ctx, epoch.Number, current.Seats)
	if err != nil {
		return false, err
	}
	if _, err := s.Chain.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{msg}}); err != nil {
		return false, err
	}
	s.Log.Info("published the vault key", "epoch", epoch.Number, "seats", len(current.Seats))
	return true, nil
}

// newVaultKey makes a key and seals it to every seated supernode.
func (s *Scanner) newVaultKey(ctx context.Context, epoch uint64, seats []supernodetypes.Seat) (*supernodetypes.MsgPublishVaultKey, error) {
	key := vault.NewEpochKey()
	msg := &supernodetypes.MsgPublishVaultKey{
		Sidecar: s.Chain.Address().String(), Operator: s.operator.String(), Epoch: epoch, Recipient: key.Recipient().String(),
	}
	for _, seat := range seats {
		seated, err := s.Chain.Supernodes().Supernode(ctx, &supernodetypes.QuerySupernodeRequest{Operator: seat.Operator})
		if err != nil {
			return nil, err
		}
		sealed, err := vault.SealIdentity(key, seated.Supernode.Profile.Recipient)
		if err != nil {
			return nil, fmt.Errorf("seal to %s: %w", seat.Operator, err)
		}
		msg.Sealed = append(msg.Sealed, supernodetypes.SealedKey{Epoch: epoch, Operator: seat.Operator, Sealed: sealed})
	}
	slices.SortFunc(msg.Sealed, func(a, b supernodetypes.SealedKey) int {
		return bytes.Compare(sdk.MustAccAddressFromBech32(a.Operator), sdk.MustAccAddressFromBech32(b.Operator))
	})
	return msg, nil
}

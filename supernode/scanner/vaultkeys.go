package scanner

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"filippo.io/age"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// keyRing opens the vault keys that are sealed to the operator and knows whether
// the current epoch still lacks one.
type keyRing struct {
	chain    Chain
	operator sdk.AccAddress
	own      *age.HybridIdentity

	mu      sync.Mutex
	opened  map[uint64]*age.HybridIdentity
	lacking bool
	notYet  int64 // height before which another rank has the sole right
}

func newKeyRing(chain Chain, operator sdk.AccAddress, own *age.HybridIdentity) *keyRing {
	return &keyRing{chain: chain, operator: operator, own: own, opened: make(map[uint64]*age.HybridIdentity), lacking: true}
}

// identity returns the secret half of an epoch's vault key.
func (k *keyRing) identity(ctx context.Context, epoch uint64) (*age.HybridIdentity, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if identity := k.opened[epoch]; identity != nil {
		return identity, nil
	}
	published, err := k.chain.Supernodes().VaultKey(ctx, &supernodetypes.QueryVaultKeyRequest{Epoch: epoch})
	if err != nil {
		return nil, fmt.Errorf("vault key of epoch %d: %w", epoch, err)
	}
	sealed, err := k.chain.Supernodes().SealedKey(ctx, &supernodetypes.QuerySealedKeyRequest{Epoch: epoch, Operator: k.operator.String()})
	if err != nil {
		return nil, fmt.Errorf("vault key of epoch %d is not sealed to us: %w", epoch, err)
	}
	identity, err := vault.OpenIdentity(sealed.SealedKey.Sealed, k.own)
	if err != nil {
		// Not wrapped: a key that we cannot open must not look like a sample that nobody can.
		return nil, fmt.Errorf("vault key of epoch %d: %v", epoch, err)
	}
	if identity.Recipient().String() != published.VaultKey.Recipient {
		return nil, fmt.Errorf("vault key of epoch %d: what %s sealed is not the published key", epoch, published.VaultKey.Maker)
	}
	k.opened[epoch] = identity
	return identity, nil
}

// seat returns the operator's seat in an epoch, or nil.
func (k *keyRing) seat(ctx context.Context, epoch uint64) (*supernodetypes.Seat, error) {
	response, err := k.chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{Number: epoch})
	if err != nil {
		return nil, err
	}
	for _, seat := range response.Seats {
		if seat.Operator == k.operator.String() {
			return &seat, nil
		}
	}
	return nil, nil
}

// look makes the next block check whether the current epoch has its key.
func (k *keyRing) look() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lacking, k.notYet = true, 0
}

// due tells whether to try to publish at a height.
func (k *keyRing) due(height int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lacking && height >= k.notYet
}

// settle stops looking, until the next epoch or until a height.
func (k *keyRing) settle(until int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lacking, k.notYet = until > 0, until
}

// publishVaultKey makes the vault key of the current epoch when it is this operator's turn.
func (s *Scanner) publishVaultKey(ctx context.Context, height int64) {
	turn, err := s.makeVaultKey(ctx, height)
	if err != nil {
		s.Log.Warn("vault key", "error", err)
		turn = height + 5 // somebody may have been first; look again soon
	}
	s.keys.settle(turn)
}

// makeVaultKey publishes a key when none exists. It returns the height at which it
// will be this operator's turn, or 0 when there is nothing left to do.
func (s *Scanner) makeVaultKey(ctx context.Context, height int64) (turn int64, err error) {
	current, err := s.Chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{})
	if status.Code(err) == codes.NotFound {
		return height + 1, nil // no epoch has begun
	}
	if err != nil {
		return 0, err
	}
	epoch := current.Epoch
	_, err = s.Chain.Supernodes().VaultKey(ctx, &supernodetypes.QueryVaultKeyRequest{Epoch: epoch.Number})
	if err == nil {
		return 0, nil
	}
	if status.Code(err) != codes.NotFound {
		return 0, err
	}
	own := slices.IndexFunc(current.Seats, func(seat supernodetypes.Seat) bool { return seat.Operator == s.operator.String() })
	if own < 0 {
		return 0, nil
	}
	params, err := s.Chain.Supernodes().Params(ctx, &supernodetypes.QueryParamsRequest{})
	if err != nil {
		return 0, err
	}
	if turn := epoch.StartHeight + int64(current.Seats[own].Rank)*int64(params.Params.VaultKeyGraceBlocks); height < turn {
		return turn, nil
	}
	msg, err := s.newVaultKey(ctx, epoch.Number, current.Seats)
	if err != nil {
		return 0, err
	}
	if _, err := s.Chain.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{msg}}); err != nil {
		return 0, err
	}
	s.Log.Info("published the vault key", "epoch", epoch.Number, "seats", len(current.Seats))
	return 0, nil
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

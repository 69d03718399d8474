package scanner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// look makes publishVaultKeys look whether the current epoch has its key, and
// collectVaultKeys whether this supernode has those of all epochs.
func (s *Scanner) look() {
	for _, signal := range []chan struct{}{s.epochs, s.collect} {
		select {
		case signal <- struct{}{}:
		default: // it will look anyway
		}
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

// maxCollected bounds the epochs whose keys are collected, and epochBatch those of one
// question to a peer.
const (
	maxCollected = 4096
	epochBatch   = 64
)

// collectVaultKeys gets the keys of all epochs before they are needed, the newest first,
// so that a late joiner opens old samples at once, and that keys outlive those who had them.
func (s *Scanner) collectVaultKeys(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.collect:
		}
		s.retry(ctx, "vault keys", func(ctx context.Context) error {
			current, err := s.Chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{})
			if status.Code(err) == codes.NotFound {
				return nil
			}
			if err != nil || s.keys.seat(current.Seats) == nil {
				return err // without a seat no peer gives anything
			}
			last := current.Epoch.Number
			for oldest := last - min(last, maxCollected); last > oldest; {
				var batch []uint64
				for ; last > oldest && len(batch) < epochBatch; last-- {
					batch = append(batch, last)
				}
				if _, err := s.keys.identities(ctx, batch, time.Minute); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// VaultKey opens the vault key of an epoch without asking a peer; nil when it cannot.
func (s *Scanner) VaultKey(ctx context.Context, epoch uint64) *age.HybridIdentity {
	identity, _, err := s.keys.sealed(ctx, epoch)
	if err != nil && !errors.Is(err, errNoKey) {
		s.Log.Warn("cannot open a vault key", "epoch", epoch, "error", err)
	}
	return identity
}

package peers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"filippo.io/age"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// Chain is what this package asks of the chain client.
type Chain interface {
	Supernodes() supernodetypes.QueryClient
}

// Opener opens the vault key of an epoch without asking any peer; nil when it cannot.
type Opener func(ctx context.Context, epoch uint64) *age.HybridIdentity

// Serve makes v give the vault keys that open can open to seated supernodes.
func Serve(v *vault.Vault, chain Chain, open Opener, log *slog.Logger) {
	s := &server{chain: chain, open: open, log: log}
	v.Answer(protocol, s.serve)
}

type server struct {
	chain Chain
	open  Opener
	log   *slog.Logger
}

// Reasons for which a peer gets nothing.
var (
	errStranger  = errors.New("operator is not a registered supernode")
	errWrongPeer = errors.New("peer id is not the one that the operator has published")
	errNotSeated = errors.New("operator has no seat in the current epoch")
	errNoAnswer  = errors.New("the chain does not answer")
)

func (s *server) serve(ctx context.Context, from string, data []byte) ([]byte, error) {
	q, err := decodeQuestion(data)
	if err != nil {
		return nil, err
	}
	recipient, err := s.authorize(ctx, from, q.Operator)
	if err != nil {
		s.log.Warn("refused vault keys", "peer", from, "operator", fmt.Sprintf("%.100q", q.Operator), "reason", err)
		return nil, err
	}
	a := answer{Keys: []sealedKey{}}
	for _, epoch := range q.Epochs {
		identity := s.open(ctx, epoch)
		if identity == nil {
			continue
		}
		sealed, err := vault.SealIdentity(identity, recipient)
		if err != nil {
			return nil, err
		}
		a.Keys = append(a.Keys, sealedKey{Epoch: epoch, Sealed: sealed})
	}
	s.log.Info("gave vault keys", "peer", from, "operator", q.Operator, "asked", len(q.Epochs), "given", len(a.Keys))
	return json.Marshal(a)
}

// authorize returns the recipient that an operator has published, if the operator has a
// seat and the peer is its vault.
func (s *server) authorize(ctx context.Context, from, operator string) (recipient string, err error) {
	registered, err := s.chain.Supernodes().Supernode(ctx, &supernodetypes.QuerySupernodeRequest{Operator: operator})
	if code := status.Code(err); code == codes.NotFound || code == codes.InvalidArgument {
		return "", errStranger
	}
	if err != nil {
		return "", errNoAnswer
	}
	profile := registered.Supernode.Profile
	if profile.PeerId == "" || !samePeer(profile.PeerId, from) {
		return "", errWrongPeer
	}
	current, err := s.chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{})
	if err != nil {
		return "", errNoAnswer
	}
	if !slices.Contains(Attesters(current), registered.Supernode.Operator) {
		return "", errNotSeated
	}
	return profile.Recipient, nil
}

// Attesters lists the operators of an epoch that are not benched, by rank.
func Attesters(epoch *supernodetypes.QueryEpochResponse) []string {
	operators := make([]string, 0, len(epoch.Seats))
	for _, seat := range epoch.Seats {
		if !slices.Contains(epoch.Benched, seat.Operator) {
			operators = append(operators, seat.Operator)
		}
	}
	return operators
}

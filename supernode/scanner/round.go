package scanner

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// advance does what the state of a round asks for and tells whether nothing more
// will come. It may be called any number of times.
func (s *Scanner) advance(ctx context.Context, number uint64) (finished bool, err error) {
	response, err := s.Chain.Verdicts().Round(ctx, &verdictstypes.QueryRoundRequest{Number: number})
	if err != nil {
		return false, err // also of a round that the node, being behind, does not know yet
	}
	round := response.Round
	switch round.Status {
	case verdictstypes.ROUND_STATUS_COMMIT:
		seated, err := s.keys.seated(ctx, round.Epoch)
		if err != nil || !seated || !s.drawn(round) {
			return false, err
		}
		return false, s.commit(ctx, round)
	case verdictstypes.ROUND_STATUS_REVEAL:
		return false, s.reveal(ctx, round)
	case verdictstypes.ROUND_STATUS_FINAL:
		if err := s.archive(ctx, round); err != nil {
			return false, err
		}
		return true, s.journal.forget(ctx, number)
	case verdictstypes.ROUND_STATUS_VOID:
		return true, s.journal.forget(ctx, number)
	default: // being tallied
		return false, nil
	}
}

// drawn tells whether the round asks this operator: that of an appeal has a panel.
func (s *Scanner) drawn(round verdictstypes.Round) bool {
	return len(round.Panel) == 0 || slices.Contains(round.Panel, s.operator.String())
}

// commit makes an answer, unless one is journalled, and commits to it once. When the
// journal has lost an answer that was committed to, there is never another.
func (s *Scanner) commit(ctx context.Context, round verdictstypes.Round) error {
	committed, err := s.commitment(ctx, round.Number)
	if err != nil || committed != nil {
		return err
	}
	given, err := s.journal.answer(ctx, round.Number)
	if err != nil {
		return err
	}
	if given == nil {
		given, err = s.prepare(ctx, round)
		if errors.Is(err, errTooLate) {
			s.metrics.skipped.Inc()
			return nil
		}
		if err != nil {
			return err
		}
	}
	hash, err := s.hash(round.Number, given)
	if err != nil {
		return err
	}
	return s.send(ctx, round, "commit", &verdictstypes.MsgCommitAttestation{
		Sidecar: s.Chain.Address().String(), Operator: s.operator.String(), Round: round.Number, Hash: hash,
	})
}

// prepare scans the members and journals the answer before anybody hears of it. Errors:
// errTooLate, before anything is fetched.
func (s *Scanner) prepare(ctx context.Context, round verdictstypes.Round) (*answer, error) {
	if !s.registered.Load() {
		return nil, errors.New("the engines are not registered yet, so they cannot answer")
	}
	deadline, err := s.deadline(ctx, round)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	attestation, err := s.attest(ctx, round, deadline)
	if err != nil {
		return nil, err
	}
	// What the chain would not take must not be committed to.
	if err := attestation.Validate(int(round.Samples)); err != nil {
		return nil, err
	}
	made := answer{salt: make([]byte, verdictstypes.SaltSize), attestation: attestation}
	if _, err := rand.Read(made.salt); err != nil {
		return nil, err
	}
	if err := s.journal.saveAnswer(ctx, round.Number, made); err != nil {
		return nil, err
	}
	s.metrics.rounds.Inc()
	s.Log.Info("scanned", "round", round.Number, "samples", round.Samples, "engines", len(s.Engines), "took", time.Since(started).Round(time.Millisecond))
	return &made, nil
}

// errTooLate means that a commit would not get into the round any more.
var errTooLate = errors.New("the round takes no commit any more")

// deadline is when scanning must end so that the commit still gets into the round.
func (s *Scanner) deadline(ctx context.Context, round verdictstypes.Round) (time.Time, error) {
	const spare = 3 // blocks to get the commit included
	head, err := s.Chain.Status(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if head.Height >= round.CommitEndHeight {
		return time.Time{}, errTooLate
	}
	blocks := max(round.CommitEndHeight-head.Height-spare, 1)
	return time.Now().Add(time.Duration(float64(blocks) * s.cfg.BlockSeconds * float64(time.Second))), nil
}

// reveal opens the commitment once, when there is one.
func (s *Scanner) reveal(ctx context.Context, round verdictstypes.Round) error {
	committed, err := s.commitment(ctx, round.Number)
	if err != nil || committed == nil || committed.Revealed {
		return err
	}
	given, err := s.journal.answer(ctx, round.Number)
	if err != nil {
		return err
	}
	if given == nil {
		s.Log.Error("the journal has lost what was committed to; this round cannot be revealed", "round", round.Number)
		return nil
	}
	hash, err := s.hash(round.Number, given)
	if err != nil {
		return err
	}
	if !bytes.Equal(hash, committed.Commitment.Hash) {
		s.Log.Error("another answer than the journalled one was committed to; this round cannot be revealed", "round", round.Number)
		return nil
	}
	return s.send(ctx, round, "reveal", &verdictstypes.MsgRevealAttestation{
		Sidecar: s.Chain.Address().String(), Operator: s.operator.String(), Round: round.Number,
		Salt: given.salt, Attestation: given.attestation,
	})
}

// commitment returns how far the operator is in a round; nil when it has not committed.
func (s *Scanner) commitment(ctx context.Context, round uint64) (*verdictstypes.QueryCommitmentResponse, error) {
	response, err := s.Chain.Verdicts().Commitment(ctx, &verdictstypes.QueryCommitmentRequest{Round: round, Operator: s.operator.String()})
	if status.Code(err) == codes.NotFound {
		return nil, nil
	}
	return response, err
}

// hash is what the operator commits to with an answer.
func (s *Scanner) hash(round uint64, given *answer) ([]byte, error) {
	return verdictstypes.CommitmentHash(s.Chain.ChainID(), round, s.operator, given.salt, given.attestation)
}

// send delivers a message that the phase of a round waits for. One that came too late
// or twice is no failure: the state of the round decides what is next.
func (s *Scanner) send(ctx context.Context, round verdictstypes.Round, what string, msg sdk.Msg) error {
	_, err := s.Chain.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{msg}, Free: true})
	if err == nil {
		s.Log.Info(what, "round", round.Number)
		return nil
	}
	for _, settled := range []error{verdictstypes.ErrWrongPhase, verdictstypes.ErrCommitted, verdictstypes.ErrRevealed} {
		if errors.Is(err, settled) {
			s.Log.Warn(what+" is not waited for any more", "round", round.Number, "error", err)
			return nil
		}
	}
	// That a free transaction is refused may only mean that the phase has just ended.
	now, queryErr := s.Chain.Verdicts().Round(ctx, &verdictstypes.QueryRoundRequest{Number: round.Number})
	if queryErr == nil && now.Round.Status != round.Status {
		s.Log.Warn(what+" came too late", "round", round.Number, "error", err)
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

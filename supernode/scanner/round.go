package scanner

import (
	"context"
	"crypto/rand"
	"fmt"
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
		return false, err
	}
	round := response.Round
	switch round.Status {
	case verdictstypes.ROUND_STATUS_COMMIT:
		seated, err := s.seated(ctx, round.Epoch)
		if err != nil || !seated {
			return !seated && err == nil, err
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

// seated tells whether the operator attests in an epoch.
func (s *Scanner) seated(ctx context.Context, epoch uint64) (bool, error) {
	seat, err := s.keys.seat(ctx, epoch)
	return seat != nil, err
}

// commit makes an answer, unless one is journalled, and commits to it once.
func (s *Scanner) commit(ctx context.Context, round verdictstypes.Round) error {
	given, err := s.journal.answer(ctx, round.Number)
	if err != nil {
		return err
	}
	if given == nil {
		if given, err = s.prepare(ctx, round); err != nil {
			return err
		}
	}
	committed, _, err := s.commitment(ctx, round.Number)
	if err != nil || committed {
		return err
	}
	hash, err := verdictstypes.CommitmentHash(s.Chain.ChainID(), round.Number, s.operator, given.salt, given.attestation)
	if err != nil {
		return err
	}
	return s.send(ctx, round.Number, "commit", &verdictstypes.MsgCommitAttestation{
		Sidecar: s.Chain.Address().String(), Operator: s.operator.String(), Round: round.Number, Hash: hash,
	})
}

// prepare scans the members and journals the answer before anybody hears of it.
func (s *Scanner) prepare(ctx context.Context, round verdictstypes.Round) (*answer, error) {
	deadline, err := s.deadline(ctx, round)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	attestation, err := s.attest(ctx, round, deadline)
	if err != nil {
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

// deadline is when scanning must end so that the commit still gets into the round.
func (s *Scanner) deadline(ctx context.Context, round verdictstypes.Round) (time.Time, error) {
	const spare = 3 // blocks to get the commit included
	head, err := s.Chain.Status(ctx)
	if err != nil {
		return time.Time{}, err
	}
	blocks := max(round.CommitEndHeight-head.Height-spare, 1)
	return time.Now().Add(time.Duration(float64(blocks) * s.cfg.BlockSeconds * float64(time.Second))), nil
}

// reveal opens the commitment once, when there is one.
func (s *Scanner) reveal(ctx context.Context, round verdictstypes.Round) error {
	committed, revealed, err := s.commitment(ctx, round.Number)
	if err != nil || !committed || revealed {
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
	return s.send(ctx, round.Number, "reveal", &verdictstypes.MsgRevealAttestation{
		Sidecar: s.Chain.Address().String(), Operator: s.operator.String(), Round: round.Number,
		Salt: given.salt, Attestation: given.attestation,
	})
}

// commitment asks the chain how far the operator is in a round.
func (s *Scanner) commitment(ctx context.Context, round uint64) (committed, revealed bool, err error) {
	response, err := s.Chain.Verdicts().Commitment(ctx, &verdictstypes.QueryCommitmentRequest{Round: round, Operator: s.operator.String()})
	if status.Code(err) == codes.NotFound {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	return true, response.Revealed, nil
}

// send delivers a message that the round waits for. One that came too late or twice
// is no failure: the state of the round decides what is next.
func (s *Scanner) send(ctx context.Context, round uint64, what string, msg sdk.Msg) error {
	_, err := s.Chain.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{msg}, Free: true})
	for _, settled := range []error{verdictstypes.ErrWrongPhase, verdictstypes.ErrCommitted, verdictstypes.ErrRevealed} {
		if isChainError(err, settled) {
			s.Log.Warn(what+" is not waited for any more", "round", round, "error", err)
			return nil
		}
	}
	if err != nil {
		// A refused free transaction may hide that the phase has just ended.
		if phase, queryErr := s.Chain.Verdicts().Round(ctx, &verdictstypes.QueryRoundRequest{Number: round}); queryErr == nil &&
			phase.Round.Status != phaseOf(msg) {
			s.Log.Warn(what+" came too late", "round", round, "error", err)
			return nil
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	s.Log.Info(what, "round", round)
	return nil
}

// phaseOf is the phase of a round that takes a message.
func phaseOf(msg sdk.Msg) verdictstypes.RoundStatus {
	if _, isCommit := msg.(*verdictstypes.MsgCommitAttestation); isCommit {
		return verdictstypes.ROUND_STATUS_COMMIT
	}
	return verdictstypes.ROUND_STATUS_REVEAL
}

package indexer

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/index"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// errGone means that neither the chain nor an archive has the verdicts of a round. What is
// read then has outcomes alone.
var errGone = errors.New("neither the chain nor an archive has the verdicts")

// contents of a round.
type contents struct {
	members      [][]byte
	attestations []verdictstypes.SignedAttestation
}

// read reads a final round once. outcomes are one per member; nil when they have to be asked
// for. members are known when they are not nil. With errGone comes what is left.
func (x *Indexer) read(ctx context.Context, number uint64, outcomes []byte, members [][]byte) (index.Judgement, error) {
	answer, err := x.deps.Chain.Verdicts().Round(ctx, &verdictstypes.QueryRoundRequest{Number: number})
	if err != nil {
		return index.Judgement{}, err
	}
	round := answer.Round
	found, gone := x.contents(ctx, round)
	if gone != nil {
		if !errors.Is(gone, errGone) {
			return index.Judgement{}, gone
		}
		found = contents{members: members}
	}
	if outcomes == nil {
		if outcomes, err = x.outcomes(ctx, round, found.members); err != nil {
			return index.Judgement{}, err
		}
	}
	if len(found.members) > len(outcomes) {
		return index.Judgement{}, fmt.Errorf("round %d has %d members and %d outcomes", number, len(found.members), len(outcomes))
	}
	if err := x.readWeights(ctx, round.Epoch); err != nil {
		return index.Judgement{}, err
	}
	rows, err := decode(found.attestations, x.weights, int(round.Samples))
	if err != nil {
		return index.Judgement{}, fmt.Errorf("attestations of round %d: %w", number, err)
	}
	return index.Judgement{Round: round, Engines: rows.engines, Reports: reports(found.members, outcomes, rows)}, gone
}

func reports(members [][]byte, outcomes []byte, rows *rows) iter.Seq2[verdictstypes.Report, error] {
	return func(yield func(verdictstypes.Report, error) bool) {
		for i, member := range members {
			report := rows.report(i)
			report.Sha256, report.Index, report.Outcome = member, uint32(i), verdictstypes.Outcome(outcomes[i])
			if !yield(report, nil) {
				return
			}
		}
	}
}

// contents are those that the chain has, or else an archive.
func (x *Indexer) contents(ctx context.Context, round verdictstypes.Round) (contents, error) {
	if !round.Pruned {
		members, err := x.deps.Chain.Verdicts().Members(ctx, &verdictstypes.QueryMembersRequest{Round: round.Number})
		var attestations *verdictstypes.QueryAttestationsResponse
		if err == nil {
			attestations, err = x.deps.Chain.Verdicts().Attestations(ctx, &verdictstypes.QueryAttestationsRequest{Round: round.Number})
		}
		if err == nil {
			return contents{slices.Collect(slices.Chunk(members.Hashes, hashBytes)), attestations.Attestations}, nil
		}
		if status.Code(err) != codes.NotFound { // it was pruned just now
			return contents{}, err
		}
	}
	if x.deps.Archive == nil {
		return contents{}, errGone
	}
	kept, err := x.deps.Archive(ctx, round.Number)
	if ctx.Err() != nil {
		return contents{}, ctx.Err()
	}
	if err != nil {
		return contents{}, fmt.Errorf("%w: %v", errGone, err)
	}
	if !bytes.Equal(kept.Round.MembersRoot, round.MembersRoot) || !bytes.Equal(kept.Round.AttestationsRoot, round.AttestationsRoot) {
		return contents{}, fmt.Errorf("%w: the archive has other roots", errGone)
	}
	return contents{slices.Collect(slices.Chunk(kept.Members, hashBytes)), kept.Attestations}, nil
}

// outcomes asks for what a round decided of each member.
func (x *Indexer) outcomes(ctx context.Context, round verdictstypes.Round, members [][]byte) ([]byte, error) {
	outcomes := make([]byte, len(members))
	if round.Kind == verdictstypes.ROUND_KIND_APPEAL {
		for i := range outcomes {
			outcomes[i] = byte(round.Decision)
		}
		return outcomes, nil
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(queriesAtOnce)
	for i, member := range members {
		group.Go(func() error {
			return x.history(ctx, member, func(entry verdictstypes.HistoryEntry) {
				if entry.Round == round.Number {
					outcomes[i] = byte(entry.Outcome)
				}
			})
		})
	}
	return outcomes, group.Wait()
}

// history visits the outcomes of a sample over all rounds.
func (x *Indexer) history(ctx context.Context, sha256 []byte, visit func(verdictstypes.HistoryEntry)) error {
	page := &query.PageRequest{Limit: 100}
	for {
		answer, err := x.deps.Chain.Verdicts().History(ctx, &verdictstypes.QueryHistoryRequest{Sha256: hex.EncodeToString(sha256), Pagination: page})
		if err != nil {
			return err
		}
		for _, entry := range answer.Entries {
			visit(entry)
		}
		if answer.Pagination == nil || len(answer.Pagination.NextKey) == 0 {
			return nil
		}
		page = &query.PageRequest{Limit: 100, Key: answer.Pagination.NextKey}
	}
}

// readWeights reads what the engines weigh in an epoch, as the chain takes it for a report.
func (x *Indexer) readWeights(ctx context.Context, epoch uint64) error {
	if x.weights.Epoch == epoch && len(x.weights.Rows) > 0 {
		return nil
	}
	x.weights = verdictstypes.DefaultWeights(epoch)
	if epoch == 0 { // asks for the newest
		return nil
	}
	answer, err := x.deps.Chain.Verdicts().Weights(ctx, &verdictstypes.QueryWeightsRequest{Epoch: epoch})
	switch {
	case err == nil:
		x.weights = answer.Table
	case status.Code(err) != codes.NotFound:
		return err
	}
	return nil
}

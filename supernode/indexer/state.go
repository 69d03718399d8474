package indexer

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Phases of reading the state, in order. Those of a rebuild begin with rebuild and end with
// the files.
const (
	phaseRounds  = "rounds"
	phaseSamples = "samples"
	phaseFiles   = "files"

	rebuild = "rebuild-"
)

// Pages of the state.
const (
	roundsPerPage  = 50
	samplesPerPage = 1000
)

// State tells how far reading the state is.
type State struct {
	// Phase is rounds, samples or files.
	Phase string `json:"phase"`
	// Rounds, Samples and Files were stored since the start.
	Rounds  int64 `json:"rounds"`
	Samples int64 `json:"samples"`
	Files   int64 `json:"files"`
	// MissingRounds are all that have neither the chain's verdicts nor an archive.
	MissingRounds int64 `json:"missing_rounds"`
	// Unopened are samples of which no other hash is known, as this node cannot open them.
	Unopened int64 `json:"unopened_files"`
	// Height of the state: from there on the blocks are followed.
	Height int64 `json:"height"`
}

// readState reads rounds and then samples into the index and returns from where on to follow.
// It goes on where it was left. What changes meanwhile is in the blocks after p.Height, which
// are looked at after it.
func (x *Indexer) readState(ctx context.Context, p index.Progress, tell func(State)) (index.Progress, error) {
	state := State{Height: p.Height, MissingRounds: p.Missing}
	if strings.TrimPrefix(p.Phase, rebuild) == phaseRounds {
		if err := x.readRounds(ctx, &p, &state, tell); err != nil {
			return p, err
		}
		p.Phase, p.Cursor = strings.Replace(p.Phase, phaseRounds, phaseSamples, 1), nil
		if err := x.deps.Index.SetProgress(ctx, p); err != nil {
			return p, err
		}
	}
	if strings.TrimPrefix(p.Phase, rebuild) == phaseSamples {
		if err := x.readSamples(ctx, &p, &state, tell); err != nil {
			return p, err
		}
	}
	// The files of a rebuild are its own matter.
	if p.Phase == rebuild+phaseSamples {
		p.Phase, p.Cursor = rebuild+phaseFiles, nil
	} else if p.Phase == phaseSamples {
		p.Phase, p.Cursor = "", nil
	}
	return p, x.deps.Index.SetProgress(ctx, p)
}

func (x *Indexer) readRounds(ctx context.Context, p *index.Progress, state *State, tell func(State)) error {
	for {
		answer, err := x.deps.Chain.Verdicts().Rounds(ctx, &verdictstypes.QueryRoundsRequest{
			Pagination: &query.PageRequest{Key: p.Cursor, Limit: roundsPerPage},
		})
		if err != nil {
			return err
		}
		for _, round := range answer.Rounds {
			if round.Status != verdictstypes.ROUND_STATUS_FINAL {
				continue
			}
			if err := x.readRound(ctx, round, p); err != nil {
				return err
			}
			state.Rounds++
		}
		p.Cursor = answer.Pagination.GetNextKey()
		state.Phase, state.MissingRounds = phaseRounds, p.Missing
		tell(*state)
		if len(p.Cursor) == 0 {
			return nil
		}
		if err := x.deps.Index.SetProgress(ctx, *p); err != nil {
			return err
		}
	}
}

func (x *Indexer) readRound(ctx context.Context, round verdictstypes.Round, p *index.Progress) error {
	stored, err := x.deps.Index.HasRound(ctx, round.Number)
	if err != nil || stored {
		return err
	}
	judgement, err := x.read(ctx, round.Number, nil, nil)
	if errors.Is(err, errGone) {
		p.Missing++
	} else if err != nil {
		return err
	}
	if err := x.deps.Index.AddJudgement(ctx, judgement); err != nil {
		return err
	}
	if round.Kind != verdictstypes.ROUND_KIND_APPEAL {
		return nil
	}
	return x.readAppeal(ctx, judgement)
}

// readAppeal lets the outcome of an appeal stand that is in the history of its sample.
func (x *Indexer) readAppeal(ctx context.Context, judgement index.Judgement) error {
	for report, err := range judgement.Reports {
		if err != nil {
			return err
		}
		won := false
		err = x.history(ctx, report.Sha256, func(entry verdictstypes.HistoryEntry) {
			won = won || entry.Round == judgement.Round.Number
		})
		if err != nil {
			return err
		}
		if won {
			if err := x.deps.Index.AppealStands(ctx, report.Sha256, judgement.Round.Number); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *Indexer) readSamples(ctx context.Context, p *index.Progress, state *State, tell func(State)) error {
	for {
		answer, err := x.deps.Chain.Samples().Samples(ctx, &samplestypes.QuerySamplesRequest{
			Pagination: &query.PageRequest{Key: p.Cursor, Limit: samplesPerPage},
		})
		if err != nil {
			return err
		}
		for entries := range slices.Chunk(answer.Entries, changesPerTx) {
			changes := make([]index.SampleChange, len(entries))
			for i, entry := range entries {
				changes[i] = index.SampleRead(entry)
			}
			if err := x.deps.Index.Change(ctx, changes...); err != nil {
				return err
			}
		}
		if p.Missing > 0 {
			if err := x.readOutcomes(ctx, answer.Entries); err != nil {
				return err
			}
		}
		p.Cursor = answer.Pagination.GetNextKey()
		state.Phase = phaseSamples
		state.Samples += int64(len(answer.Entries))
		tell(*state)
		if len(p.Cursor) == 0 {
			return nil
		}
		if err := x.deps.Index.SetProgress(ctx, *p); err != nil {
			return err
		}
	}
}

// readOutcomes stores the outcomes of samples in rounds whose verdicts are gone.
func (x *Indexer) readOutcomes(ctx context.Context, entries []samplestypes.SampleEntry) error {
	for _, entry := range entries {
		if entry.Sample.Round == 0 {
			continue
		}
		var outcomes []verdictstypes.HistoryEntry
		err := x.history(ctx, entry.Sha256, func(o verdictstypes.HistoryEntry) { outcomes = append(outcomes, o) })
		if err != nil {
			return err
		}
		for _, o := range outcomes {
			if _, err := x.deps.Index.Report(ctx, [32]byte(entry.Sha256), o.Round); err == nil {
				continue
			} else if !errors.Is(err, index.ErrNotFound) {
				return err
			}
			if err := x.deps.Index.AddOutcome(ctx, entry.Sha256, o.Round, o.Outcome); err != nil {
				return err
			}
		}
	}
	return nil
}

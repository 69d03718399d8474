// Package recount works out every engine's track record from nothing but the events of
// the chain. It shares the event types and the packing of columns with the chain, and no
// line of its counting, so that a mistake in one of the two shows as a difference.
package recount

import (
	"fmt"
	"sort"

	"github.com/cosmos/gogoproto/proto"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// Ledger is what the events so far have told.
type Ledger struct {
	rounds  map[uint64]*round
	weights map[uint64]types.WeightTable
	truths  map[string]types.Outcome
	newest  uint64
	records map[Key]*types.TrackRecord
}

// Key names a track record.
type Key struct {
	Operator, Engine string
	Epoch            uint64
}

// round is one round as its events tell it.
type round struct {
	kind     types.RoundKind
	epoch    uint64
	stage    uint32
	members  []string
	reveals  []types.EventRevealed
	final    bool
	time     int64
	outcomes []types.Outcome
	// judges are the rounds that judge this one's samples again, by stage.
	judges map[uint32]uint64
	// sources are the rounds whose samples this one judges again.
	sources []uint64
	// decidedPpm is the part of the points that was given out.
	decidedPpm uint32
}

// New is a ledger before the first event.
func New() *Ledger {
	return &Ledger{
		rounds:  make(map[uint64]*round),
		weights: make(map[uint64]types.WeightTable),
		truths:  make(map[string]types.Outcome),
		records: make(map[Key]*types.TrackRecord),
	}
}

// Apply takes the next event, in the order in which they happened. Events that do not
// bear on the records are passed over.
func (l *Ledger) Apply(event proto.Message) error {
	switch event := event.(type) {
	case *types.EventWeighed:
		l.weights[event.Table.Epoch] = event.Table
		l.newest = max(l.newest, event.Table.Epoch)
	case *types.EventRoundOpened:
		return l.opened(event)
	case *types.EventRevealed:
		r, err := l.round(event.Round)
		if err != nil {
			return err
		}
		if r.kind == types.ROUND_KIND_INITIAL {
			r.reveals = append(r.reveals, *event)
		}
	case *types.EventRoundFinal:
		return l.finished(event)
	case *types.EventRoundVoid:
		return l.void(event)
	case *types.EventAppealClosed:
		l.closed(event)
	case *types.EventResolved:
		return l.resolved(event)
	}
	return nil
}

// NewestEpoch is the newest that was weighed.
func (l *Ledger) NewestEpoch() uint64 { return l.newest }

// Records returns the track records by operator, engine and epoch.
func (l *Ledger) Records() []types.TrackRecord {
	records := make([]types.TrackRecord, 0, len(l.records))
	for _, record := range l.records {
		records = append(records, *record)
	}
	sort.Slice(records, func(i, j int) bool {
		a, b := records[i], records[j]
		if a.Operator != b.Operator {
			return a.Operator < b.Operator
		}
		if a.Engine != b.Engine {
			return a.Engine < b.Engine
		}
		return a.Epoch < b.Epoch
	})
	return records
}

func (l *Ledger) round(number uint64) (*round, error) {
	r, known := l.rounds[number]
	if !known {
		return nil, fmt.Errorf("round %d was never opened: the events must be read from the first block on", number)
	}
	return r, nil
}

func (l *Ledger) opened(event *types.EventRoundOpened) error {
	r := &round{
		kind: event.Kind, epoch: event.Epoch, stage: event.Stage, sources: event.Sources, judges: make(map[uint32]uint64),
	}
	if len(event.Members) != 32*int(event.Samples) {
		return fmt.Errorf("round %d: %d bytes of members for %d samples", event.Round, len(event.Members), event.Samples)
	}
	for i := range int(event.Samples) {
		r.members = append(r.members, string(event.Members[32*i:32*i+32]))
	}
	l.rounds[event.Round] = r
	for _, number := range event.Sources {
		source, err := l.round(number)
		if err != nil {
			return err
		}
		source.judges[event.Stage] = event.Round
	}
	return nil
}

func (l *Ledger) finished(event *types.EventRoundFinal) error {
	r, err := l.round(event.Round)
	if err != nil {
		return err
	}
	outcomes, err := types.UnpackColumn(event.Outcomes, len(r.members))
	if err != nil {
		return fmt.Errorf("round %d: outcomes: %w", event.Round, err)
	}
	for _, outcome := range outcomes {
		r.outcomes = append(r.outcomes, types.Outcome(outcome))
	}
	r.final, r.time = true, event.FinalTime
	return nil
}

// void takes back that a round judges its sources.
func (l *Ledger) void(event *types.EventRoundVoid) error {
	r, err := l.round(event.Round)
	if err != nil {
		return err
	}
	for _, number := range r.sources {
		source, err := l.round(number)
		if err != nil {
			return err
		}
		delete(source.judges, r.stage)
	}
	return nil
}

// closed takes the truth that an appeal established. An appeal that cost its bond takes
// back what an earlier one had established with the same claim.
func (l *Ledger) closed(event *types.EventAppealClosed) {
	sample := string(event.Sha256)
	switch {
	case event.Truth != types.OUTCOME_UNSPECIFIED:
		l.truths[sample] = event.Truth
	case event.TruthWithdrawn:
		delete(l.truths, sample)
	}
}

// outcome is what a round said of a sample; unspecified when it is no member.
func (r *round) outcome(sample string) types.Outcome {
	at := sort.SearchStrings(r.members, sample)
	if !r.final || at == len(r.members) || r.members[at] != sample {
		return types.OUTCOME_UNSPECIFIED
	}
	return r.outcomes[at]
}

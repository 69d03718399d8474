// Package rounds follows the rounds of x/verdicts by nothing but the events of the chain:
// who said what in them, with which weight, and what was true. It shares the event types
// and the packing of columns with the chain, and no line that counts.
package rounds

import (
	"fmt"
	"sort"

	"github.com/cosmos/gogoproto/proto"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// Rounds is what the events so far have told.
type Rounds struct {
	rounds  map[uint64]*Round
	weights map[uint64]types.WeightTable
	truths  map[string]types.Outcome
	newest  uint64
}

// Round is one round as its events tell it.
type Round struct {
	Kind    types.RoundKind
	Epoch   uint64
	Stage   uint32
	Members []string
	// Reveals are what supernodes said, as long as a stage waits for it.
	Reveals []types.EventRevealed
	// Time is when the round was final, in unix seconds.
	Time int64
	// Judges are the rounds that judge this one's samples again, by stage.
	Judges map[uint32]uint64
	// Sources are the rounds whose samples this one judges again.
	Sources []uint64

	final      bool
	outcomes   []types.Outcome
	decidedPpm uint32
	resolved   int
}

// New knows no round.
func New() *Rounds {
	return &Rounds{
		rounds:  make(map[uint64]*Round),
		weights: make(map[uint64]types.WeightTable),
		truths:  make(map[string]types.Outcome),
	}
}

// Apply takes the next event, in the order in which they happened. Others than those of
// rounds, weights and appeals are passed over. What asks for the reveals of a stage must
// do so before its EventResolved is applied.
func (rs *Rounds) Apply(event proto.Message) error {
	switch event := event.(type) {
	case *types.EventWeighed:
		rs.weights[event.Table.Epoch] = event.Table
		rs.newest = max(rs.newest, event.Table.Epoch)
	case *types.EventRoundOpened:
		return rs.opened(event)
	case *types.EventRevealed:
		return rs.revealed(event)
	case *types.EventRoundFinal:
		return rs.finished(event)
	case *types.EventRoundVoid:
		return rs.void(event)
	case *types.EventAppealClosed:
		rs.closed(event)
	case *types.EventResolved:
		return rs.resolve(event)
	}
	return nil
}

// NewestEpoch is the newest that was weighed.
func (rs *Rounds) NewestEpoch() uint64 { return rs.newest }

// Round returns an opened round.
func (rs *Rounds) Round(number uint64) (*Round, error) {
	r, known := rs.rounds[number]
	if !known {
		return nil, fmt.Errorf("round %d was never opened: the events must be read from the first block on", number)
	}
	return r, nil
}

// Truth is what counts as true of a sample by a judging round: CLEAN, MALICIOUS, or
// unspecified while it is open.
func (rs *Rounds) Truth(judge *Round, sample string) types.Outcome {
	truth, appealed := rs.truths[sample]
	if !appealed {
		truth = judge.Outcome(sample)
	}
	switch truth {
	case types.OUTCOME_MALICIOUS:
		return truth
	case types.OUTCOME_CLEAN, types.OUTCOME_SUSPICIOUS: // too little weight saw malice
		return types.OUTCOME_CLEAN
	}
	return types.OUTCOME_UNSPECIFIED
}

// Outcome is what a round said of a sample; unspecified when it is no member.
func (r *Round) Outcome(sample string) types.Outcome {
	at := r.index(sample)
	if !r.final || at < 0 {
		return types.OUTCOME_UNSPECIFIED
	}
	return r.outcomes[at]
}

// index of a member, -1 when it is none.
func (r *Round) index(sample string) int {
	at := sort.SearchStrings(r.Members, sample)
	if at == len(r.Members) || r.Members[at] != sample {
		return -1
	}
	return at
}

func (rs *Rounds) opened(event *types.EventRoundOpened) error {
	r := &Round{
		Kind: event.Kind, Epoch: event.Epoch, Stage: event.Stage, Sources: event.Sources, Judges: make(map[uint32]uint64),
	}
	if len(event.Members) != 32*int(event.Samples) {
		return fmt.Errorf("round %d: %d bytes of members for %d samples", event.Round, len(event.Members), event.Samples)
	}
	for i := range int(event.Samples) {
		r.Members = append(r.Members, string(event.Members[32*i:32*i+32]))
	}
	rs.rounds[event.Round] = r
	for _, number := range event.Sources {
		source, err := rs.Round(number)
		if err != nil {
			return err
		}
		source.Judges[event.Stage] = event.Round
	}
	return nil
}

func (rs *Rounds) revealed(event *types.EventRevealed) error {
	r, err := rs.Round(event.Round)
	if err != nil {
		return err
	}
	if r.Kind == types.ROUND_KIND_INITIAL || r.Kind == types.ROUND_KIND_RETROSPECTIVE {
		r.Reveals = append(r.Reveals, *event)
	}
	return nil
}

func (rs *Rounds) finished(event *types.EventRoundFinal) error {
	r, err := rs.Round(event.Round)
	if err != nil {
		return err
	}
	outcomes, err := types.UnpackColumn(event.Outcomes, len(r.Members))
	if err != nil {
		return fmt.Errorf("round %d: outcomes: %w", event.Round, err)
	}
	for _, outcome := range outcomes {
		r.outcomes = append(r.outcomes, types.Outcome(outcome))
	}
	r.final, r.Time = true, event.FinalTime
	return nil
}

// void takes back that a round judges its sources.
func (rs *Rounds) void(event *types.EventRoundVoid) error {
	r, err := rs.Round(event.Round)
	if err != nil {
		return err
	}
	r.Reveals = nil
	for _, number := range r.Sources {
		source, err := rs.Round(number)
		if err != nil {
			return err
		}
		delete(source.Judges, r.Stage)
	}
	return nil
}

// closed takes the truth that an appeal established. An appeal that cost its bond takes
// back what an earlier one had established with the same claim.
func (rs *Rounds) closed(event *types.EventAppealClosed) {
	sample := string(event.Sha256)
	switch {
	case event.Truth != types.OUTCOME_UNSPECIFIED:
		rs.truths[sample] = event.Truth
	case event.TruthWithdrawn:
		delete(rs.truths, sample)
	}
}

// resolve forgets reveals that no stage asks for again.
func (rs *Rounds) resolve(event *types.EventResolved) error {
	source, err := rs.Round(event.Source)
	if err != nil {
		return err
	}
	judge, err := rs.Round(event.Judge)
	if err != nil {
		return err
	}
	if source.decidedPpm += event.SlicePpm; source.decidedPpm == 1_000_000 {
		source.Reveals = nil
	}
	if judge.resolved++; judge != source && judge.resolved == len(judge.Sources) {
		judge.Reveals = nil
	}
	return nil
}

package records

import (
	"fmt"
	"sort"

	"github.com/virusmap/virusmap/cmd/recount/rounds"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// certain is a probability of 1.
	certain = 128
	// maxTypes is how many file types a record tells apart; the rest is counted together.
	maxTypes = 256
)

// resolved repeats what the chain did when it accounted for a stage.
func (l *Ledger) resolved(event *types.EventResolved) error {
	source, err := l.Round(event.Source)
	if err != nil {
		return err
	}
	judge, err := l.Round(event.Judge)
	if err != nil {
		return err
	}
	engines, err := l.Engines(source)
	if err != nil {
		return err
	}
	truths := make([]types.Outcome, len(source.Members))
	for i, sample := range source.Members {
		truths[i] = l.Truth(judge, sample)
		l.givePoints(event, engines, i, truths[i])
	}
	if event.Last {
		return l.settle(event, source, judge, engines, truths)
	}
	return nil
}

// givePoints shares the slice of one sample among those who were right about it.
func (l *Ledger) givePoints(event *types.EventResolved, engines []rounds.Engine, sample int, truth types.Outcome) {
	if truth == types.OUTCOME_UNSPECIFIED {
		return
	}
	var right []rounds.Engine
	var total uint64
	for _, e := range engines {
		if rounds.Right(e.Cells[sample], truth) {
			right = append(right, e)
			total += e.Weight
		}
	}
	if total == 0 {
		return
	}
	for _, e := range right {
		if points := e.Weight * uint64(event.SlicePpm) / total; points > 0 {
			l.record(event, e.Operator, e.Name).Points += points
		}
	}
}

// settle counts the answers of a round against the final truth.
func (l *Ledger) settle(event *types.EventResolved, source, judge *rounds.Round, engines []rounds.Engine, truths []types.Outcome) error {
	fileTypes, err := majorityTypes(source)
	if err != nil {
		return fmt.Errorf("round %d: %w", event.Source, err)
	}
	leads := make([]int64, len(truths))
	for i, sample := range source.Members {
		leads[i] = l.lead(source, judge, sample)
	}
	answered := make(map[string]bool)
	for _, e := range engines {
		answered[e.Operator+" "+e.Name] = true
		l.merge(event, e.Operator, e.Name, func(i int) types.TypeRecord { return count(e.Cells[i], truths[i], leads[i]) }, truths, fileTypes)
	}
	for _, row := range l.Table(source.Epoch).Rows {
		if !answered[row.Operator+" "+row.Engine] {
			l.merge(event, row.Operator, row.Engine, func(int) types.TypeRecord { return types.TypeRecord{Misses: 1} }, truths, fileTypes)
		}
	}
	return nil
}

// lead is by how many seconds a source was ahead of the first MALICIOUS outcome, and 0
// when its own was that.
func (l *Ledger) lead(source, judge *rounds.Round, sample string) int64 {
	if source.Outcome(sample) == types.OUTCOME_MALICIOUS {
		return 0
	}
	stages := make([]int, 0, len(source.Judges))
	for stage := range source.Judges {
		stages = append(stages, int(stage))
	}
	sort.Ints(stages)
	for _, stage := range stages {
		if r, err := l.Round(source.Judges[uint32(stage)]); err == nil && r.Outcome(sample) == types.OUTCOME_MALICIOUS {
			return r.Time - source.Time
		}
	}
	return judge.Time - source.Time
}

// count is what one answer adds to a record.
func count(cell byte, truth types.Outcome, lead int64) (add types.TypeRecord) {
	detects, decisive := rounds.Opinion(cell)
	if !decisive {
		switch types.Category(cell >> 4) {
		case types.CATEGORY_TIMEOUT, types.CATEGORY_CONFIRMED_TIMEOUT, types.CATEGORY_FAILURE:
			add.Misses = 1
		}
		return add
	}
	if truth == types.OUTCOME_MALICIOUS {
		add.BrierMalicious = brier(cell, certain)
		if !detects {
			add.FalseNegatives = 1
			return add
		}
		add.TruePositives = 1
		if lead > 0 {
			add.Leads, add.LeadSeconds = 1, uint64(lead)
		}
		return add
	}
	add.BrierClean = brier(cell, 0)
	if detects {
		add.FalsePositives = 1
	} else {
		add.TrueNegatives = 1
	}
	return add
}

// brier is (p − truth)² in 1/16384, where p is the probability of malice that a decisive
// cell states with its confidence, in 1/128.
func brier(cell byte, truth int) uint64 {
	confidence := int(cell & 15)
	var p int
	switch types.Category(cell >> 4) {
	case types.CATEGORY_MALICIOUS:
		p = 98 + 2*confidence
	case types.CATEGORY_SUSPICIOUS:
		p = 66 + 2*confidence
	case types.CATEGORY_UNDETECTED:
		p = 32 - 2*confidence
	case types.CATEGORY_HARMLESS:
		p = 15 - confidence
	}
	return uint64((p - truth) * (p - truth))
}

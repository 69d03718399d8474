package recount

import (
	"fmt"
	"sort"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// newcomer is the weight of an engine in an epoch that was never weighed.
	newcomer = 1_000_000
	// certain is a probability of 1.
	certain = 128
	// maxTypes is how many file types a record tells apart; the rest is counted together.
	maxTypes = 256
)

// engine is what one engine said in a round.
type engine struct {
	operator, name string
	weight         uint64
	cells          []byte
}

// resolved repeats what the chain did when it accounted for a stage.
func (l *Ledger) resolved(event *types.EventResolved) error {
	source, err := l.round(event.Source)
	if err != nil {
		return err
	}
	judge, err := l.round(event.Judge)
	if err != nil {
		return err
	}
	engines, err := l.engines(source)
	if err != nil {
		return fmt.Errorf("round %d: %w", event.Source, err)
	}
	truths := make([]types.Outcome, len(source.members))
	for i, sample := range source.members {
		truths[i] = l.truth(judge, sample)
		l.givePoints(event, engines, i, truths[i])
	}
	if event.Last {
		if err := l.settle(event, source, judge, engines, truths); err != nil {
			return err
		}
	}
	if source.decidedPpm += event.SlicePpm; source.decidedPpm == 1_000_000 {
		source.reveals = nil // no stage is left, so nobody asks again
	}
	return nil
}

// truth is CLEAN, MALICIOUS, or unspecified while it is open.
func (l *Ledger) truth(judge *round, sample string) types.Outcome {
	truth, appealed := l.truths[sample]
	if !appealed {
		truth = judge.outcome(sample)
	}
	switch truth {
	case types.OUTCOME_MALICIOUS:
		return truth
	case types.OUTCOME_CLEAN, types.OUTCOME_SUSPICIOUS: // too little weight saw malice
		return types.OUTCOME_CLEAN
	}
	return types.OUTCOME_UNSPECIFIED
}

// engines returns everybody who answered in a round, with the weight of its epoch.
func (l *Ledger) engines(r *round) ([]engine, error) {
	var engines []engine
	for _, reveal := range r.reveals {
		for _, vector := range reveal.Attestation.Vectors {
			cells, err := types.UnpackColumn(vector.Column, len(r.members))
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", vector.Engine, reveal.Operator, err)
			}
			engines = append(engines, engine{
				operator: reveal.Operator, name: vector.Engine, cells: cells,
				weight: l.weight(r.epoch, reveal.Operator, vector.Engine),
			})
		}
	}
	return engines, nil
}

func (l *Ledger) weight(epoch uint64, operator, name string) uint64 {
	table, weighed := l.weights[epoch]
	if !weighed {
		return newcomer
	}
	for _, row := range table.Rows {
		if row.Operator == operator && row.Engine == name {
			return row.Weight
		}
	}
	return table.NewcomerWeight
}

// givePoints shares the slice of one sample among those who were right about it.
func (l *Ledger) givePoints(event *types.EventResolved, engines []engine, sample int, truth types.Outcome) {
	if truth == types.OUTCOME_UNSPECIFIED {
		return
	}
	var right []engine
	var total uint64
	for _, e := range engines {
		if detects, decisive := opinion(e.cells[sample]); decisive && detects == (truth == types.OUTCOME_MALICIOUS) {
			right = append(right, e)
			total += e.weight
		}
	}
	if total == 0 {
		return
	}
	for _, e := range right {
		if points := e.weight * uint64(event.SlicePpm) / total; points > 0 {
			l.record(event, e.operator, e.name).Points += points
		}
	}
}

// settle counts the answers of a round against the final truth.
func (l *Ledger) settle(event *types.EventResolved, source, judge *round, engines []engine, truths []types.Outcome) error {
	fileTypes, err := majorityTypes(source)
	if err != nil {
		return fmt.Errorf("round %d: %w", event.Source, err)
	}
	leads := make([]int64, len(truths))
	for i, sample := range source.members {
		leads[i] = l.lead(source, judge, sample)
	}
	answered := make(map[string]bool)
	for _, e := range engines {
		answered[e.operator+" "+e.name] = true
		l.merge(event, e.operator, e.name, func(i int) types.TypeRecord { return count(e.cells[i], truths[i], leads[i]) }, truths, fileTypes)
	}
	for _, row := range l.weights[source.epoch].Rows {
		if !answered[row.Operator+" "+row.Engine] {
			l.merge(event, row.Operator, row.Engine, func(int) types.TypeRecord { return types.TypeRecord{Misses: 1} }, truths, fileTypes)
		}
	}
	return nil
}

// lead is by how many seconds a source was ahead of the first MALICIOUS outcome, and 0
// when its own was that.
func (l *Ledger) lead(source, judge *round, sample string) int64 {
	if source.outcome(sample) == types.OUTCOME_MALICIOUS {
		return 0
	}
	stages := make([]int, 0, len(source.judges))
	for stage := range source.judges {
		stages = append(stages, int(stage))
	}
	sort.Ints(stages)
	for _, stage := range stages {
		if r := l.rounds[source.judges[uint32(stage)]]; r.outcome(sample) == types.OUTCOME_MALICIOUS {
			return r.time - source.time
		}
	}
	return judge.time - source.time
}

// opinion tells whether a cell speaks of malice, if it says anything definite.
func opinion(cell byte) (detects, decisive bool) {
	switch types.Category(cell >> 4) {
	case types.CATEGORY_MALICIOUS, types.CATEGORY_SUSPICIOUS:
		return true, true
	case types.CATEGORY_HARMLESS, types.CATEGORY_UNDETECTED:
		return false, true
	default:
		return false, false
	}
}

// count is what one answer adds to a record.
func count(cell byte, truth types.Outcome, lead int64) (add types.TypeRecord) {
	detects, decisive := opinion(cell)
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

package records

import (
	"fmt"
	"sort"

	"github.com/virusmap/virusmap/cmd/recount/rounds"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// record returns the record that an event adds to.
func (l *Ledger) record(event *types.EventResolved, operator, engine string) *types.TrackRecord {
	key := Key{Operator: operator, Engine: engine, Epoch: event.Epoch}
	if l.records[key] == nil {
		l.records[key] = &types.TrackRecord{Operator: operator, Engine: engine, Epoch: event.Epoch}
	}
	return l.records[key]
}

// merge adds one round to an engine's record: what said gives for each sample whose
// truth is known, by file type. New types enter a record in ascending order, which
// decides which of them still find room.
func (l *Ledger) merge(
	event *types.EventResolved, operator, engine string,
	said func(sample int) types.TypeRecord, truths []types.Outcome, fileTypes []string,
) {
	counted := make(map[string]types.TypeRecord)
	for i, truth := range truths {
		if truth != types.OUTCOME_UNSPECIFIED {
			if add := said(i); add != (types.TypeRecord{}) {
				counted[fileTypes[i]] = sum(counted[fileTypes[i]], add)
			}
		}
	}
	names := make([]string, 0, len(counted))
	for name := range counted {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		enter(l.record(event, operator, engine), name, counted[name])
	}
}

// enter adds to the row of a file type, or to the nameless row when there are too many.
func enter(record *types.TrackRecord, name string, add types.TypeRecord) {
	row := -1
	for i := range record.Types {
		if record.Types[i].FileType == name {
			row = i
		}
	}
	switch {
	case row >= 0:
		record.Types[row] = sum(record.Types[row], add)
	case name != "" && len(record.Types) >= maxTypes:
		enter(record, "", add)
	default:
		add.FileType = name
		record.Types = append(record.Types, add)
		sort.Slice(record.Types, func(i, j int) bool { return record.Types[i].FileType < record.Types[j].FileType })
	}
}

func sum(a, b types.TypeRecord) types.TypeRecord {
	return types.TypeRecord{
		FileType:       a.FileType,
		TruePositives:  a.TruePositives + b.TruePositives,
		FalsePositives: a.FalsePositives + b.FalsePositives,
		TrueNegatives:  a.TrueNegatives + b.TrueNegatives,
		FalseNegatives: a.FalseNegatives + b.FalseNegatives,
		Misses:         a.Misses + b.Misses,
		Leads:          a.Leads + b.Leads,
		LeadSeconds:    a.LeadSeconds + b.LeadSeconds,
		BrierMalicious: a.BrierMalicious + b.BrierMalicious,
		BrierClean:     a.BrierClean + b.BrierClean,
	}
}

// majorityTypes gives each sample of a round the file type that most supernodes saw; of
// several the smallest, and none when nobody told.
func majorityTypes(r *rounds.Round) ([]string, error) {
	votes := make([]map[string]int, len(r.Members))
	for i := range votes {
		votes[i] = make(map[string]int)
	}
	for _, reveal := range r.Reveals {
		features := reveal.Attestation.Features
		if len(features.FileTypes) == 0 {
			continue
		}
		column, err := types.UnpackColumn(features.TypeColumn, len(r.Members))
		if err != nil {
			return nil, fmt.Errorf("file types of %s: %w", reveal.Operator, err)
		}
		for i, at := range column {
			if int(at) >= len(features.FileTypes) {
				return nil, fmt.Errorf("file types of %s: %d of %d", reveal.Operator, at, len(features.FileTypes))
			}
			votes[i][features.FileTypes[at]]++
		}
	}
	winners := make([]string, len(r.Members))
	for i := range winners {
		most := 0
		for name, count := range votes[i] {
			if count > most || (count == most && name < winners[i]) {
				winners[i], most = name, count
			}
		}
	}
	return winners, nil
}

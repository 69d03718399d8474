// Package records works out every engine's track record from nothing but the events of
// the chain. It shares no line of its counting with the chain, so that a mistake in one of
// the two shows as a difference.
package records

import (
	"sort"

	"github.com/cosmos/gogoproto/proto"

	"github.com/virusmap/virusmap/cmd/recount/rounds"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// Ledger is what the events so far have told.
type Ledger struct {
	*rounds.Rounds
	records map[Key]*types.TrackRecord
}

// Key names a track record.
type Key struct {
	Operator, Engine string
	Epoch            uint64
}

// New is a ledger before the first event.
func New() *Ledger {
	return &Ledger{Rounds: rounds.New(), records: make(map[Key]*types.TrackRecord)}
}

// Apply takes the next event, in the order in which they happened. Events that do not
// bear on the records are passed over.
func (l *Ledger) Apply(event proto.Message) error {
	if event, resolved := event.(*types.EventResolved); resolved {
		if err := l.resolved(event); err != nil {
			return err
		}
	}
	return l.Rounds.Apply(event)
}

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

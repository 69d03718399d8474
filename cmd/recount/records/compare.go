package records

import (
	"fmt"
	"slices"
	"sort"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// Compare tells how two sets of records differ, one line per record; nil when they are
// equal to the last bit.
func Compare(counted, chain []types.TrackRecord) []string {
	ours, theirs := byKey(counted), byKey(chain)
	var differences []string
	for key, record := range ours {
		other, known := theirs[key]
		switch {
		case !known:
			differences = append(differences, fmt.Sprintf("%s: counted %s, the chain has none", key, record.String()))
		case record.String() != other.String():
			differences = append(differences, fmt.Sprintf("%s: counted %s, the chain has %s", key, record.String(), other.String()))
		}
	}
	for key, record := range theirs {
		if _, known := ours[key]; !known {
			differences = append(differences, fmt.Sprintf("%s: counted none, the chain has %s", key, record.String()))
		}
	}
	sort.Strings(differences)
	return differences
}

// String names the record.
func (k Key) String() string { return fmt.Sprintf("%s/%s epoch %d", k.Operator, k.Engine, k.Epoch) }

// Since leaves out the records of the epochs before the first: the chain forgets old ones.
func Since(records []types.TrackRecord, first uint64) []types.TrackRecord {
	return slices.DeleteFunc(slices.Clone(records), func(record types.TrackRecord) bool { return record.Epoch < first })
}

func byKey(records []types.TrackRecord) map[Key]types.TrackRecord {
	keyed := make(map[Key]types.TrackRecord, len(records))
	for _, record := range records {
		keyed[Key{record.Operator, record.Engine, record.Epoch}] = record
	}
	return keyed
}

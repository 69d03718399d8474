package types

// FullWeight is the weight of an engine whose every factor is 1.
const FullWeight uint64 = ppm

// Of returns the weight of an engine in the epoch of the table: newcomer_weight for
// one that is not in it.
func (t WeightTable) Of(operator, engine string) uint64 {
	for _, row := range t.Rows {
		if row.Operator == operator && row.Engine == engine {
			return row.Weight
		}
	}
	return t.NewcomerWeight
}

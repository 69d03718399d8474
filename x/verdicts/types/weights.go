package types

import "cosmossdk.io/math"

const (
	// FullWeight is the weight of an engine whose every factor is 1.
	FullWeight uint64 = ppm
	// MaxWeighedEngines bounds the engines of an epoch whose weight is reckoned.
	MaxWeighedEngines = 512
	// cappedOperators is from how many operators with weight on the cap keeps each of
	// them below a third.
	cappedOperators = 4
)

// Candidate is an engine to weigh. One without skill weighs nothing.
type Candidate struct {
	Operator, Engine  string
	SkillPpm, BondPpm uint32
	Window            ErrorWindow
}

// Weigh makes the table of an epoch out of its candidates, which are in the order of the
// table's rows:
//
//	weight = skill · bond · independence, less what is above the operator's cap
//
// Only engines with skill and bond are compared with each other: what weighs nothing
// cannot make others lighter. When nobody weighs anything, all are newcomers, for the
// chain has to decide.
func Weigh(params Params, epoch uint64, candidates []Candidate) WeightTable {
	table := WeightTable{Epoch: epoch, Rows: make([]EngineWeight, len(candidates))}
	var compared []int
	var windows []ErrorWindow
	for i, c := range candidates {
		table.Rows[i] = EngineWeight{Operator: c.Operator, Engine: c.Engine, SkillPpm: c.SkillPpm, BondPpm: c.BondPpm}
		if c.SkillPpm > 0 && c.BondPpm > 0 {
			compared = append(compared, i)
			windows = append(windows, c.Window)
		}
	}
	for i, independence := range Independence(windows) {
		row := &table.Rows[compared[i]]
		row.IndependencePpm = independence
		row.Weight = uint64(row.SkillPpm) * uint64(row.BondPpm) * uint64(row.IndependencePpm) / (ppm * ppm)
	}
	if sumOf(table.Rows) == 0 {
		for i := range table.Rows {
			table.Rows[i].Weight = uint64(params.NewcomerSkillPpm)
		}
	}
	capOperators(table.Rows, uint64(params.OperatorCapPpm))
	table.NewcomerWeight = newcomerWeight(params, table.Rows)
	return table
}

// newcomerWeight is what an engine weighs that is registered after the freezing: as much
// as any newcomer, but not more than the mean. Where the cap promises that nobody has a
// third it weighs nothing until the next epoch, for eight engines registered on the way
// would be above the cap.
func newcomerWeight(params Params, rows []EngineWeight) uint64 {
	var sum, positive, operators uint64
	for _, operator := range operatorRows(rows) {
		if sumOf(operator) > 0 {
			operators++
		}
		for _, row := range operator {
			if row.Weight > 0 {
				positive++
				sum += row.Weight
			}
		}
	}
	switch {
	case operators >= cappedOperators:
		return 0
	case positive == 0:
		return uint64(params.NewcomerSkillPpm)
	default:
		return min(uint64(params.NewcomerSkillPpm), sum/positive)
	}
}

// Bonds tells for each stake how far it reaches up to the most that weighs, in ppm:
// stake_cap_ppm of their mean.
func Bonds(params Params, stakes []math.Int) []uint32 {
	total := math.ZeroInt()
	for _, stake := range stakes {
		total = total.Add(stake)
	}
	bonds := make([]uint32, len(stakes))
	for i, stake := range stakes {
		// stake / (stake_cap · total / n)
		reach := total.MulRaw(int64(params.StakeCapPpm))
		full := stake.MulRaw(int64(len(stakes))).MulRaw(int64(ppm))
		if full.GTE(reach) {
			bonds[i] = uint32(ppm)
			continue
		}
		bonds[i] = uint32(full.MulRaw(int64(ppm)).Quo(reach).Int64())
	}
	return bonds
}

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

// Lookup is Of for whoever asks for many engines.
func (t WeightTable) Lookup() func(operator, engine string) uint64 {
	weights := make(map[[2]string]uint64, len(t.Rows))
	for _, row := range t.Rows {
		weights[[2]string{row.Operator, row.Engine}] = row.Weight
	}
	return func(operator, engine string) uint64 {
		if weight, ok := weights[[2]string{operator, engine}]; ok {
			return weight
		}
		return t.NewcomerWeight
	}
}

// DefaultWeights is the table of an epoch for which none was stored: everybody is a
// newcomer of full weight.
func DefaultWeights(epoch uint64) WeightTable {
	return WeightTable{Epoch: epoch, NewcomerWeight: FullWeight}
}

package types

import "slices"

// capOperators scales the rows of the heaviest operators down until none has more than
// capPpm of all weight. Rows of one operator stand together. When there are too few
// operators for such a cap (n · cap < 1, as with three and a third), none may outweigh
// the lightest, so that they are equals.
func capOperators(rows []EngineWeight, capPpm uint64) {
	var sums []uint64
	operators := operatorRows(rows)
	for _, operator := range operators {
		if sum := sumOf(operator); sum > 0 {
			sums = append(sums, sum)
		}
	}
	if len(sums) == 0 {
		return
	}
	limit := operatorLimit(sums, capPpm)
	for _, operator := range operators {
		if sum := sumOf(operator); sum > limit {
			scale(operator, limit, sum)
		}
	}
}

// operatorLimit is the largest c for which c ≤ cap · Σ min(sum, c). With the m largest
// sums cut to c and the others adding up to r, that is c = cap · r / (1 − m · cap); the
// first m whose c is not below the next sum is the right one.
func operatorLimit(sums []uint64, capPpm uint64) uint64 {
	slices.Sort(sums)
	slices.Reverse(sums)
	n := uint64(len(sums))
	smallest := sums[n-1]
	if n*capPpm < ppm {
		return smallest
	}
	var rest uint64
	for _, sum := range sums {
		rest += sum
	}
	if sums[0]*ppm <= capPpm*rest {
		return sums[0]
	}
	for m := uint64(1); m < n; m++ {
		rest -= sums[m-1]
		if m*capPpm >= ppm {
			break
		}
		if limit := capPpm * rest / (ppm - m*capPpm); limit >= sums[m] {
			return limit
		}
	}
	return smallest
}

// scale multiplies weights by limit / sum, so that they add up to limit exactly.
func scale(rows []EngineWeight, limit, sum uint64) {
	var before uint64
	for i := range rows {
		after := before + rows[i].Weight
		rows[i].Weight = after*limit/sum - before*limit/sum
		before = after
	}
}

// operatorRows cuts rows where the operator changes.
func operatorRows(rows []EngineWeight) [][]EngineWeight {
	var operators [][]EngineWeight
	for start := 0; start < len(rows); {
		end := start + 1
		for end < len(rows) && rows[end].Operator == rows[start].Operator {
			end++
		}
		operators = append(operators, rows[start:end])
		start = end
	}
	return operators
}

func sumOf(rows []EngineWeight) (sum uint64) {
	for _, row := range rows {
		sum += row.Weight
	}
	return sum
}

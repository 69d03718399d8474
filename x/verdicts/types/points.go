package types

// EngineColumn is what one engine said in a round.
type EngineColumn struct {
	WeightedColumn
	Operator string
	Vector   VerdictVector
}

// EngineColumns unpacks the vectors of attestations over n samples, each with its
// engine's weight in the table, in operator and engine order.
func EngineColumns(attestations []SignedAttestation, table WeightTable, n int) ([]EngineColumn, error) {
	weighted, err := Columns(attestations, table, n)
	if err != nil {
		return nil, err
	}
	columns := make([]EngineColumn, 0, len(weighted))
	for _, signed := range attestations {
		for _, vector := range signed.Attestation.Vectors {
			columns = append(columns, EngineColumn{
				WeightedColumn: weighted[len(columns)], Operator: signed.Operator, Vector: vector,
			})
		}
	}
	return columns, nil
}

// right tells whether the cell is a decisive answer that is right about the truth.
func (c Cell) right(truth Outcome) bool {
	_, decisive := c.Probability()
	return decisive && SeesMalice(c.Category()) == (truth == OUTCOME_MALICIOUS)
}

// Points shares out what a stage decides of each sample, in millionths of it, and
// returns what each column gets. The slice of a sample whose truth is known goes to the
// engines that were right about it, in proportion to their weight w:
//
//	points = slice·w / Σ w of the right engines
//
// rounded down, so that no sample gives more than its slice. Without a right engine of
// any weight nobody gets it. Products stay below 2⁴⁰: a weight and a slice are at most
// 1,000,000.
func Points(columns []EngineColumn, truths []Outcome, slicesPpm []uint32) []uint64 {
	weights := make([]uint64, len(truths))
	for _, column := range columns {
		for i, cell := range column.Cells {
			if truths[i].IsTruth() && Cell(cell).right(truths[i]) {
				weights[i] += column.Weight
			}
		}
	}
	points := make([]uint64, len(columns))
	for c, column := range columns {
		for i, cell := range column.Cells {
			if weights[i] > 0 && Cell(cell).right(truths[i]) {
				points[c] += uint64(slicesPpm[i]) * column.Weight / weights[i]
			}
		}
	}
	return points
}

// Observation is what the column says of a sample, against the truth.
func (c EngineColumn) Observation(sample int, truth Outcome) Observation {
	cell := Cell(c.Cells[sample])
	_, answered := cell.Probability()
	observation := Observation{Answered: answered, Wrong: answered && !cell.right(truth)}
	if SeesMalice(cell.Category()) {
		observation.Label = c.Vector.Label(uint32(sample))
	}
	return observation
}

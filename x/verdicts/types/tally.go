package types

const ppm = 1_000_000

// WeightedColumn is an engine's unpacked column with the engine's weight.
type WeightedColumn struct {
	Weight uint64
	Cells  []byte
}

// Columns unpacks the vectors of attestations over n samples, each with its engine's
// weight in the table.
func Columns(attestations []SignedAttestation, table WeightTable, n int) ([]WeightedColumn, error) {
	var columns []WeightedColumn
	weight := table.Lookup()
	for _, signed := range attestations {
		for _, vector := range signed.Attestation.Vectors {
			cells, err := UnpackColumn(vector.Column, n)
			if err != nil {
				return nil, err
			}
			columns = append(columns, WeightedColumn{Weight: weight(signed.Operator, vector.Engine), Cells: cells})
		}
	}
	return columns, nil
}

// Tally decides the samples from..to of a round, column by column. expected is the
// weight of all engines of the seated supernodes at the opening. For one sample,
// with the weight of the engines that gave each category:
//
//	INVALID       undecryptable > cast / 2
//	UNDETERMINED  decisive = 0, or answered < quorum × max(expected, cast)
//	MALICIOUS     malicious ≥ malicious_ppm × decisive
//	SUSPICIOUS    malicious + suspicious ≥ suspicious_ppm × decisive
//	CLEAN         else
//
// where decisive = harmless + undetected + suspicious + malicious, answered =
// decisive + type-unsupported, and cast is everything that was revealed.
func Tally(rules RoundRules, expected uint64, columns []WeightedColumn, from, to int) []Outcome {
	weights := make([][CATEGORY_UNDECRYPTABLE + 1]uint64, to-from)
	var cast uint64
	for _, column := range columns {
		cast += column.Weight
		for i, cell := range column.Cells[from:to] {
			weights[i][Cell(cell).Category()] += column.Weight
		}
	}
	outcomes := make([]Outcome, to-from)
	for i := range weights {
		outcomes[i] = decide(rules, max(expected, cast), cast, &weights[i])
	}
	return outcomes
}

func decide(rules RoundRules, total, cast uint64, weight *[CATEGORY_UNDECRYPTABLE + 1]uint64) Outcome {
	malicious := weight[CATEGORY_MALICIOUS]
	suspected := malicious + weight[CATEGORY_SUSPICIOUS]
	decisive := suspected + weight[CATEGORY_HARMLESS] + weight[CATEGORY_UNDETECTED]
	answered := decisive + weight[CATEGORY_TYPE_UNSUPPORTED]
	switch {
	case weight[CATEGORY_UNDECRYPTABLE]*2 > cast:
		return OUTCOME_INVALID
	case decisive == 0 || answered*ppm < uint64(rules.QuorumPpm)*total:
		return OUTCOME_UNDETERMINED
	case malicious > 0 && malicious*ppm >= uint64(rules.MaliciousPpm)*decisive:
		return OUTCOME_MALICIOUS
	case suspected > 0 && suspected*ppm >= uint64(rules.SuspiciousPpm)*decisive:
		return OUTCOME_SUSPICIOUS
	default:
		return OUTCOME_CLEAN
	}
}

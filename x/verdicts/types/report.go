package types

// VerdictsOf reads the row of one sample, member index of n, out of the
// attestations of a round: what every engine said and weighs in the table, in operator
// and engine order, and the file type that most supernodes saw (ties go to the smaller
// text).
func VerdictsOf(attestations []SignedAttestation, table WeightTable, index, n int) (verdicts []EngineVerdict, fileType string, err error) {
	weight := table.Lookup()
	var fileTypes []string
	for _, signed := range attestations {
		for _, vector := range signed.Attestation.Vectors {
			column, err := UnpackColumn(vector.Column, n)
			if err != nil {
				return nil, "", err
			}
			cell := Cell(column[index])
			verdicts = append(verdicts, EngineVerdict{
				Operator:        signed.Operator,
				Engine:          vector.Engine,
				Version:         vector.Version,
				SignatureDigest: vector.SignatureDigest,
				SignatureTime:   vector.SignatureTime,
				Category:        cell.Category(),
				Confidence:      uint32(cell.Confidence()),
				Label:           vector.Label(uint32(index)),
				Weight:          weight(signed.Operator, vector.Engine),
			})
		}
		features := signed.Attestation.Features
		if len(features.FileTypes) == 0 {
			continue
		}
		column, err := UnpackColumn(features.TypeColumn, n)
		if err != nil {
			return nil, "", err
		}
		fileTypes = append(fileTypes, features.FileTypes[column[index]])
	}
	return verdicts, mostFrequent(fileTypes), nil
}

// mostFrequent returns the text that occurs most often; of several, the smallest.
func mostFrequent(texts []string) string {
	best, bestCount := "", 0
	for _, text := range texts {
		count := 0
		for _, other := range texts {
			if other == text {
				count++
			}
		}
		if count > bestCount || (count == bestCount && text < best) {
			best, bestCount = text, count
		}
	}
	return best
}

// OperatorWeight is what the engines of an operator weigh that were right.
type OperatorWeight struct {
	Operator string
	Weight   uint64
}

// RightOperators returns whose engines gave a decisive answer that agrees with the truth, in
// operator order, and what all of those weigh. Without a truth nobody was right.
func (r Report) RightOperators(truth Outcome) (right []OperatorWeight, total uint64) {
	if !truth.IsTruth() {
		return nil, 0
	}
	for _, verdict := range r.Verdicts { // in operator order
		if !NewCell(verdict.Category, uint8(verdict.Confidence)).right(truth) {
			continue
		}
		if n := len(right); n == 0 || right[n-1].Operator != verdict.Operator {
			right = append(right, OperatorWeight{Operator: verdict.Operator})
		}
		right[len(right)-1].Weight += verdict.Weight
		total += verdict.Weight
	}
	return right, total
}

package types

// Decided tells that enough engines answered to say what the sample is.
func (o Outcome) Decided() bool {
	return o == OUTCOME_CLEAN || o == OUTCOME_SUSPICIOUS || o == OUTCOME_MALICIOUS
}

// IsTruth tells that this can stand as what a sample is, and be claimed in an appeal.
func (o Outcome) IsTruth() bool {
	return o == OUTCOME_CLEAN || o == OUTCOME_MALICIOUS
}

// Truth is what records, weights and rewards take an outcome for. What too little weight
// called malicious was clean: were SUSPICIOUS open, a tenth of the weight that sees
// malice in everything would keep all clean samples out of the records, and have the best.
// It is OUTCOME_UNSPECIFIED, an open truth, when nothing was decided.
func (o Outcome) Truth() Outcome {
	switch {
	case o == OUTCOME_MALICIOUS:
		return OUTCOME_MALICIOUS
	case o.Decided():
		return OUTCOME_CLEAN
	default:
		return OUTCOME_UNSPECIFIED
	}
}

package types

// Decided tells that enough engines answered to say what the sample is.
func (o Outcome) Decided() bool {
	return o == OUTCOME_CLEAN || o == OUTCOME_SUSPICIOUS || o == OUTCOME_MALICIOUS
}

// IsTruth tells that this can stand as what a sample is, and be claimed in an appeal.
func (o Outcome) IsTruth() bool {
	return o == OUTCOME_CLEAN || o == OUTCOME_MALICIOUS
}

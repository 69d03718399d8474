package types

// Decided tells that enough engines answered to say what the sample is.
func (o Outcome) Decided() bool {
	return o == OUTCOME_CLEAN || o == OUTCOME_SUSPICIOUS || o == OUTCOME_MALICIOUS
}

// Claimable tells that a party of an appeal may say that this is right.
func (o Outcome) Claimable() bool {
	return o == OUTCOME_CLEAN || o == OUTCOME_MALICIOUS
}

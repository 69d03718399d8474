package types

// JudgesAgain tells that a round of this kind is over samples that are FINAL and stay
// so: it takes none from the queue and gives none back.
func (k RoundKind) JudgesAgain() bool {
	return k == ROUND_KIND_RETROSPECTIVE || k == ROUND_KIND_APPEAL
}

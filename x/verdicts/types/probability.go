package types

// probabilityUnits is a probability of 1.
const probabilityUnits = 128

// BrierUnits is a squared error of 1; a coin flip has a quarter of it.
const BrierUnits = probabilityUnits * probabilityUnits

// Probability is how likely a cell says that the sample is malicious, in 1/128:
//
//	malicious   98 + 2·confidence    98..128
//	suspicious  66 + 2·confidence    66..96
//	undetected  32 − 2·confidence     2..32
//	harmless    15 − confidence       0..15
//
// The other categories abstain: decisive is false.
func (c Cell) Probability() (probability uint64, decisive bool) {
	confidence := uint64(c.Confidence())
	switch c.Category() {
	case CATEGORY_MALICIOUS:
		return 98 + 2*confidence, true
	case CATEGORY_SUSPICIOUS:
		return 66 + 2*confidence, true
	case CATEGORY_UNDETECTED:
		return 32 - 2*confidence, true
	case CATEGORY_HARMLESS:
		return 15 - confidence, true
	default:
		return 0, false
	}
}

// Brier is the squared error of a cell against the truth, in 1/16384: 0 for a sure and
// right answer, 16384 for a sure and wrong one. decisive is false when the cell abstains.
func Brier(cell Cell, malicious bool) (units uint64, decisive bool) {
	probability, decisive := cell.Probability()
	if !decisive {
		return 0, false
	}
	if malicious {
		probability = probabilityUnits - probability
	}
	return probability * probability, true
}

// SeesMalice tells whether a category counts as a detection.
func SeesMalice(category Category) bool {
	return category == CATEGORY_MALICIOUS || category == CATEGORY_SUSPICIOUS
}

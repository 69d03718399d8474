package trust

import (
	"math/rand"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

type recordKey = collections.Triple[sdk.AccAddress, string, uint64]

func collectionsPage(round uint64, page uint32) collections.Pair[uint64, uint32] {
	return collections.Join(round, page)
}

func delegationID(operator, delegator sdk.AccAddress) collections.Pair[sdk.AccAddress, sdk.AccAddress] {
	return collections.Join(operator, delegator)
}

// confidence is what every player claims, right or wrong.
const confidence = 12

// says turns an opinion into an answer; a detection carries the player's own label.
func says(malicious bool, label string) verdictstypes.Answer {
	if malicious {
		return verdictstypes.Answer{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: confidence, Label: label}
	}
	return verdictstypes.Answer{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: confidence}
}

// honest is right with the given accuracy at first, and nearly always when it looks
// again with newer signatures.
func honest(name string, seed int64, accuracy float64) *player {
	random := rand.New(rand.NewSource(seed))
	opinions := make(map[string]bool)
	return &player{name: name, answer: func(seen sighting) verdictstypes.Answer {
		if seen.round.Kind != verdictstypes.ROUND_KIND_INITIAL {
			return says(seen.malicious != (random.Float64() > 0.99), name+"/Family")
		}
		opinion, known := opinions[seen.sha256]
		if !known {
			opinion = seen.malicious != (random.Float64() > accuracy)
			opinions[seen.sha256] = opinion
		}
		return says(opinion, name+"/Family")
	}}
}

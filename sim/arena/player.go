package arena

import (
	"math/rand"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Engine is the name of the one engine that each player has.
const Engine = "engine"

// Confidence is what every player claims, right or wrong.
const Confidence = 12

// Player is one supernode with one engine.
type Player struct {
	Node *chaintest.Supernode
	Name string
	// Answer says what the engine says of a sample in a round.
	Answer func(seen Sighting) verdictstypes.Answer
	// Hides tells that the player commits and never reveals.
	Hides bool
	// Dropped tells which challenged chunks the player has not kept; nil keeps all.
	Dropped func(samplestypes.Challenge) bool
}

// Sighting is one sample of one round as a player meets it.
type Sighting struct {
	SHA256 string
	Truth
	// Index of the sample in the round.
	Index int
	Round verdictstypes.Round
}

// First tells that the sample is judged for the first time.
func (s Sighting) First() bool { return s.Round.Kind == verdictstypes.ROUND_KIND_INITIAL }

// Says turns an opinion into an answer; a detection carries the player's own label.
func Says(malicious bool, label string) verdictstypes.Answer {
	if malicious {
		return verdictstypes.Answer{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: Confidence, Label: label}
	}
	return verdictstypes.Answer{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: Confidence}
}

// Honest is right with the given accuracy at first, and nearly always when it looks
// again with newer signatures.
func Honest(name string, seed int64, accuracy float64) *Player {
	random := rand.New(rand.NewSource(seed))
	opinions := make(map[string]bool)
	return &Player{Name: name, Answer: func(seen Sighting) verdictstypes.Answer {
		if !seen.First() {
			return Says(seen.Malicious != (random.Float64() > 0.99), name+"/Family")
		}
		opinion, known := opinions[seen.SHA256]
		if !known {
			opinion = seen.Malicious != (random.Float64() > accuracy)
			if seen.Hard && opinion {
				opinion = random.Float64() > 0.8
			}
			opinions[seen.SHA256] = opinion
		}
		return Says(opinion, name+"/Family")
	}}
}

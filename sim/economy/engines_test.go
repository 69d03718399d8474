package economy

import (
	"math/rand"

	"github.com/virusmap/virusmap/sim/arena"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// careful is an honest engine as they are: it misses some malware at first, nearly none
// later, and calls one of two hundred clean files malicious.
func careful(name string, seed int64, detection float64) *arena.Player {
	random := rand.New(rand.NewSource(seed))
	opinions := make(map[string]bool)
	return &arena.Player{Name: name, Answer: func(seen arena.Sighting) verdictstypes.Answer {
		opinion, known := opinions[seen.SHA256]
		if !known || !seen.First() {
			chance := 0.005
			switch {
			case seen.Malicious && !seen.First():
				chance = 0.99
			case seen.Malicious && seen.Hard:
				chance = 0.2
			case seen.Malicious:
				chance = detection
			}
			opinion = random.Float64() < chance
			opinions[seen.SHA256] = opinion
		}
		return arena.Says(opinion, name+"/Family")
	}}
}

// alwaysClean is E-24: most samples are clean, so why look.
func alwaysClean() *arena.Player {
	return &arena.Player{Name: "always_clean", Answer: func(arena.Sighting) verdictstypes.Answer { return arena.Says(false, "") }}
}

// alwaysMalicious is the other way round.
func alwaysMalicious() *arena.Player {
	return &arena.Player{Name: "always_malicious", Answer: func(arena.Sighting) verdictstypes.Answer { return arena.Says(true, "Any/Generic") }}
}

// copier is E-20: it reads every reveal of a model and says in the next round what the
// model said in the last one, which is all there is to read before it must commit.
func copier(model *arena.Player) *arena.Player {
	last := make(map[uint64][]bool)
	original := model.Answer
	model.Answer = func(seen arena.Sighting) verdictstypes.Answer {
		answer := original(seen)
		last[seen.Round.Number] = append(last[seen.Round.Number], verdictstypes.SeesMalice(answer.Category))
		return answer
	}
	return &arena.Player{Name: "copier", Answer: func(seen arena.Sighting) verdictstypes.Answer {
		for round := seen.Round.Number - 1; round > 0; round-- {
			if column := last[round]; len(column) > 0 {
				return arena.Says(column[seen.Index%len(column)], model.Name+"/Family")
			}
		}
		return arena.Says(false, "")
	}}
}

// turned is E-32: an honest engine whose update makes it call nine of ten clean files
// malicious, from a round on.
func turned(seed int64, from uint64) *arena.Player {
	random := rand.New(rand.NewSource(seed))
	player := careful("turned", seed, 0.9)
	honest := player.Answer
	player.Answer = func(seen arena.Sighting) verdictstypes.Answer {
		if seen.Round.Number >= from && !seen.Malicious && random.Float64() < 0.9 {
			return arena.Says(true, "Turned/FalsePositive")
		}
		return honest(seen)
	}
	return player
}

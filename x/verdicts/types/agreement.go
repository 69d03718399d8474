package types

import (
	"encoding/binary"
	"math/bits"
)

const (
	// minEvidence is how many positions an overlap is taken over at least; with fewer
	// two engines count as independent.
	minEvidence = 16
	// noisePpm is the overlap below which two engines count as independent; the chance
	// overlaps with hundreds of engines would add up otherwise.
	noisePpm = 50_000
	// alikePpm is the overlap from which two engines count once in saying what is hard.
	alikePpm = 500_000
	// minRepresentatives is how many unlike engines it takes to call a sample hard.
	minRepresentatives = 3
	// labelHashes is how many hashes a label can have.
	labelHashes = 256
)

// plane is one bit per position of an error window.
type plane [WindowSize / 64]uint64

// answers are the planes of a window in words.
type answers struct {
	answered, wrong, detected plane
	labels                    [labelPlanes]plane
}

func newAnswers(window ErrorWindow) *answers {
	a := &answers{}
	if len(window.Planes) != WindowBytes {
		return a
	}
	load := func(to *plane, index int) {
		from := window.Planes[index*planeBytes:]
		for word := range to {
			to[word] = binary.LittleEndian.Uint64(from[word*8:])
		}
	}
	load(&a.answered, planeAnswered)
	load(&a.wrong, planeWrong)
	load(&a.detected, planeDetected)
	for i := range a.labels {
		load(&a.labels[i], planeLabel+i)
	}
	return a
}

// Independence tells for each of several engines by how much it is more than a copy of
// the others, in ppm: 1 / Σⱼ ρᵢⱼ over all of them including itself. ρ is the larger of
// the overlap of the errors, less the hard samples, and the overlap of the labels. n
// exact copies get 1/n each. The work grows with the square of the number of windows.
func Independence(windows []ErrorWindow) []uint32 {
	engines := make([]*answers, len(windows))
	for i, window := range windows {
		engines[i] = newAnswers(window)
	}
	hard := hardSamples(engines)
	sums := make([]uint64, len(engines))
	for i, engine := range engines {
		sums[i] += ppm
		for j, other := range engines[:i] {
			overlap := engine.overlap(other, hard)
			sums[i] += overlap
			sums[j] += overlap
		}
	}
	independence := make([]uint32, len(engines))
	for i, sum := range sums {
		independence[i] = uint32(ppm * ppm / sum)
	}
	return independence
}

// overlap is ρ of two engines in ppm.
func (a *answers) overlap(b *answers, hard *plane) uint64 {
	overlap := max(a.errorOverlap(b, hard), a.labelOverlap(b))
	if overlap < noisePpm {
		return 0
	}
	return overlap
}

// errorOverlap is the share of common errors among all errors of two engines (Jaccard),
// over the n samples that both answered and that are not hard. Of x and y errors made
// independently x·y/n are common by chance; these are taken off.
func (a *answers) errorOverlap(b *answers, hard *plane) uint64 {
	var n, mine, others, common uint64
	for i := range hard {
		both := a.answered[i] & b.answered[i] &^ hard[i]
		n += uint64(bits.OnesCount64(both))
		mine += uint64(bits.OnesCount64(a.wrong[i] & both))
		others += uint64(bits.OnesCount64(b.wrong[i] & both))
		common += uint64(bits.OnesCount64(a.wrong[i] & b.wrong[i] & both))
	}
	all := mine + others - common
	chance := mine * others // all in n-ths
	switch {
	case all < minEvidence || common*n < chance:
		return 0
	case all*n == chance: // both are always wrong
		return ppm
	default:
		return (common*n - chance) * ppm / (all*n - chance)
	}
}

// labelOverlap is the share of equal label hashes among the common detections of two
// engines. Of n unlike labels n/256 have equal hashes by chance; these are taken off.
func (a *answers) labelOverlap(b *answers) uint64 {
	var same, all int
	for i := range a.detected {
		both := a.detected[i] & b.detected[i]
		if both == 0 {
			continue
		}
		var unlike uint64
		for bit := range a.labels {
			unlike |= a.labels[bit][i] ^ b.labels[bit][i]
		}
		all += bits.OnesCount64(both)
		same += bits.OnesCount64(both &^ unlike)
	}
	if all < minEvidence || same*labelHashes <= all {
		return 0
	}
	return uint64(same*labelHashes-all) * ppm / uint64(all*(labelHashes-1))
}

// hardSamples are the positions whose errors say nothing about copying: those that every
// engine got wrong, and those that most unlike engines got wrong. A hundred copies of one
// engine can make neither of them, for the first needs all others and in the second they
// count once.
func hardSamples(engines []*answers) *plane {
	hard := wrongForAll(engines)
	unlike := representatives(engines, hard)
	if len(unlike) < minRepresentatives {
		return hard
	}
	most := wrongForMost(unlike)
	for i := range hard {
		hard[i] |= most[i]
	}
	return hard
}

// representatives clusters engines greedily: one that is alike to no representative
// before it becomes another.
func representatives(engines []*answers, hard *plane) []*answers {
	var unlike []*answers
	for _, engine := range engines {
		alike := false
		for _, other := range unlike {
			if alike = engine.overlap(other, hard) >= alikePpm; alike {
				break
			}
		}
		if !alike {
			unlike = append(unlike, engine)
		}
	}
	return unlike
}

// wrongForAll are the positions that at least minRepresentatives engines answered, and
// none of them rightly.
func wrongForAll(engines []*answers) *plane {
	hard := answeredByThree(engines)
	for _, engine := range engines {
		for i := range hard {
			hard[i] &^= engine.answered[i] &^ engine.wrong[i]
		}
	}
	return hard
}

// wrongForMost are the positions that at least minRepresentatives engines answered, and
// more than half of them wrongly.
func wrongForMost(engines []*answers) *plane {
	var lead [WindowSize]int // wrong answers less right ones
	for _, engine := range engines {
		for i, answered := range engine.answered {
			for ; answered != 0; answered &= answered - 1 {
				bit := bits.TrailingZeros64(answered)
				if engine.wrong[i]>>bit&1 == 1 {
					lead[i*64+bit]++
				} else {
					lead[i*64+bit]--
				}
			}
		}
	}
	hard := answeredByThree(engines)
	for position, lead := range lead {
		if lead <= 0 {
			hard[position/64] &^= 1 << (position % 64)
		}
	}
	return hard
}

// answeredByThree are the positions that at least minRepresentatives engines answered.
func answeredByThree(engines []*answers) *plane {
	var one, two, three plane
	for _, engine := range engines {
		for i, answered := range engine.answered {
			three[i] |= two[i] & answered
			two[i] |= one[i] & answered
			one[i] |= answered
		}
	}
	return &three
}

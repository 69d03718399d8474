package similarity

import (
	"bytes"
	"math/bits"
	"strconv"
	"strings"

	"github.com/glaslos/ssdeep"
)

const (
	ssdeepPieces = 4
	// pieceChars is the least that two digests share before ssdeep compares them at all.
	pieceChars = 7
	// minDistinctChars of a piece: less is padding or a table.
	minDistinctChars = 5
)

// ssdeepOf gives the digest of a body and a sketch of it. It has none up to minSSDEEPBytes.
//
// Each part of a digest has two slots, by whether its block size is an even or an odd
// power of two times three: when a copy grows into the next block size, the part that both
// have keeps its slots. In a slot is the piece with the smallest key of those whose
// key is even, or odd (min-hash with one permutation and two bins).
func ssdeepOf(body []byte) (digest string, pieces [ssdeepPieces]key) {
	if len(body) <= minSSDEEPBytes {
		return "", pieces
	}
	digest, err := ssdeep.FuzzyBytes(body)
	if err != nil {
		return "", pieces
	}
	size, rest, _ := strings.Cut(digest, ":")
	part, double, _ := strings.Cut(rest, ":")
	blockSize, err := strconv.Atoi(size)
	if err != nil {
		return "", pieces
	}
	sketch(&pieces, blockSize, part)
	sketch(&pieces, 2*blockSize, double)
	return digest, pieces
}

func sketch(pieces *[ssdeepPieces]key, blockSize int, part string) {
	parity := bits.Len(uint(blockSize/3)) % 2
	for i := 0; i+pieceChars <= len(part); i++ {
		piece := part[i : i+pieceChars]
		if distinct(piece) < minDistinctChars {
			continue
		}
		candidate := keyOf(domainSSDEEP, strconv.Itoa(blockSize), piece)
		slot := &pieces[2*parity+int(candidate[len(candidate)-1]&1)]
		if *slot == (key{}) || bytes.Compare(candidate[:], slot[:]) < 0 {
			*slot = candidate
		}
	}
}

func distinct(text string) int {
	count := 0
	for i := range len(text) {
		if strings.IndexByte(text, text[i]) == i {
			count++
		}
	}
	return count
}

package types

import (
	"crypto/sha256"
	"encoding/binary"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// MaxChallengeAttempts bounds the samples that are looked at for one challenge. A
	// supernode that stores one in a hundred samples finds one of them in 47 % of the
	// draws, one that stores 3 in 21 in all but 5 of 100,000.
	MaxChallengeAttempts = 64

	challengeDomain = "virusmap/challenge/v1"
	chunkDomain     = "virusmap/challenge-chunk/v1"
)

// ChallengeSeed is where the search for the sample of a challenge starts:
// SHA-256(domain || beacon || epoch || operator || index || attempt), integers in big
// endian. All parts but the operator have fixed lengths, so that no other parts give the
// same input.
func ChallengeSeed(beacon []byte, epoch uint64, operator sdk.AccAddress, index, attempt uint32) []byte {
	input := make([]byte, 0, 128)
	input = append(input, challengeDomain...)
	input = append(input, beacon...)
	input = binary.BigEndian.AppendUint64(input, epoch)
	input = append(input, operator...)
	input = binary.BigEndian.AppendUint32(input, index)
	input = binary.BigEndian.AppendUint32(input, attempt)
	seed := sha256.Sum256(input)
	return seed[:]
}

// DrawChunk picks one of the chunks, which must not be 0. The modulo prefers the first
// ones by at most chunks/2^64, which is less than 2^-41 for the largest sample.
func DrawChunk(seed []byte, chunks uint64) uint64 {
	hash := sha256.Sum256(append([]byte(chunkDomain), seed...))
	return binary.BigEndian.Uint64(hash[:8]) % chunks
}

// DrawnHeight is the block in which the challenge was drawn, unless the window has been
// changed since.
func (c Challenge) DrawnHeight(params Params) int64 {
	return c.DeadlineHeight - int64(params.ChallengeWindowBlocks)
}

// MiddleHeight is the middle of the window in which the challenge can be answered.
func (c Challenge) MiddleHeight(params Params) int64 {
	return c.DeadlineHeight - int64(params.ChallengeWindowBlocks)/2
}

// Blames tells whether the challenge, when nobody answers it, is a miss: the sample that
// was drawn must still be there. It is not when it was taken down, proved to be junk, or
// was dropped and submitted again under another storage root.
func (c Challenge) Blames(sample Sample, params Params) bool {
	return sample.Status != STATUS_BLOCKED && sample.Status != STATUS_INVALID &&
		sample.SubmittedHeight <= c.DrawnHeight(params)
}

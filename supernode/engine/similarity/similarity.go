// Package similarity computes from content what changed copies of one file have in
// common and unrelated files do not: fuzzy digests, a structure and the unpacked content,
// and from these the ten keys that supernodes attest. README.md explains each.
//
// Everything is a pure function of the bytes, so that all supernodes come to equal keys.
// It parses hostile input and runs in workers only.
package similarity

import (
	"errors"
	"fmt"

	"github.com/virusmap/virusmap/supernode/engine/worker"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// MaxBytes is the largest content that has features.
const MaxBytes = 1 << 30

// ErrTooLarge means that a content has more than MaxBytes.
var ErrTooLarge = errors.New("content is too large for similarity features")

// Features are what a content has to compare. Texts are empty and keys are zero where a
// content lacks the feature.
type Features struct {
	// TLSH of the body, with the prefix T1, in upper case.
	TLSH string `json:"tlsh"`
	// SSDEEP of the body: block size, digest, digest at the double block size.
	SSDEEP string `json:"ssdeep"`
	// Structure is a hexadecimal SHA-256 over names and kinds, not over data.
	Structure string `json:"structure"`
	// Unpacked is a hexadecimal SHA-256 over the set of what an archive holds.
	Unpacked string `json:"unpacked"`
	// Keys are what is attested of the features.
	Keys verdictstypes.SimilarityKeys `json:"keys"`
}

// maxDigestBytes of a body go into the digests: what is larger was mostly filled up to be
// too large for scanners, behind what matters.
const maxDigestBytes = 8 << 20

// Slots of the keys.
const (
	slotUnpacked  = 0
	slotStructure = 1
	slotTLSH      = 2
	slotSSDEEP    = 6
)

// Handle computes the features of a task's content.
func Handle(task *worker.Task) (any, error) { return Of(task.Content) }

// Of computes the features of content. Hostile content may take seconds, hundreds of
// megabytes or crash a parser beyond recovery: outside of a worker it is for content of
// one's own, such as in simulations.
func Of(content []byte) (Features, error) {
	if len(content) > MaxBytes {
		return Features{}, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(content), MaxBytes)
	}
	var f Features
	tag, body := typeOf(content), content
	members := unpack(content, tag)
	if members != nil {
		f.Unpacked, f.Keys[slotUnpacked] = members.digest()
		body = members.body(tag)
	}
	if members != nil && len(members.leaves) == 1 { // a file that is only packed is that file
		content, tag, members = body, typeOf(body), nil
	}
	if structure, ok := structureOf(content, tag, members); ok {
		f.Structure, f.Keys[slotStructure] = structure.digest()
	}
	if members == nil {
		body = withoutTail(body, tag)
	}
	body = body[:min(len(body), maxDigestBytes)]
	var bands [tlshBands]key
	f.TLSH, bands = tlshOf(body)
	copy(f.Keys[slotTLSH:], bands[:])
	var pieces [ssdeepPieces]key
	f.SSDEEP, pieces = ssdeepOf(body)
	copy(f.Keys[slotSSDEEP:], pieces[:])
	return f, nil
}

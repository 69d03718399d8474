package types

import (
	"bytes"
	"crypto/sha256"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const assignDomain = "virusmap/assign/v1"

// score ranks an operator for a sample by rendezvous hashing (Thaler and Ravishankar,
// 1998): SHA-256(domain || sha256 || operator). The first parts have fixed lengths, so
// that no other parts give the same input.
func score(contentSHA256 []byte, operator sdk.AccAddress) [sha256.Size]byte {
	input := make([]byte, 0, len(assignDomain)+sha256Bytes+MaxAddressBytes)
	input = append(input, assignDomain...)
	input = append(input, contentSHA256...)
	input = append(input, operator...)
	return sha256.Sum256(input)
}

// Holders are the operators that must store a sample, best first: the replication ones
// with the largest scores, or all when there are fewer. The order of the operators does
// not matter. One that joins or leaves moves only what is assigned to it.
func Holders(contentSHA256 []byte, operators []sdk.AccAddress, replication int) []sdk.AccAddress {
	type candidate struct {
		operator sdk.AccAddress
		score    [sha256.Size]byte
	}
	candidates := make([]candidate, 0, len(operators))
	for _, operator := range operators {
		candidates = append(candidates, candidate{operator, score(contentSHA256, operator)})
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		if order := bytes.Compare(b.score[:], a.score[:]); order != 0 {
			return order
		}
		return bytes.Compare(a.operator, b.operator)
	})
	holders := make([]sdk.AccAddress, 0, min(len(candidates), max(replication, 0)))
	for _, holder := range candidates[:cap(holders)] {
		holders = append(holders, holder.operator)
	}
	return holders
}

// Holds tells whether an operator is among the Holders of a sample. It stops at the
// replication-th better operator, which takes few hashes for most that do not hold it.
func Holds(contentSHA256 []byte, operator sdk.AccAddress, operators []sdk.AccAddress, replication int) bool {
	own := score(contentSHA256, operator)
	known, better := false, 0
	for _, other := range operators {
		if bytes.Equal(other, operator) {
			known = true
			continue
		}
		// Different operators never have one score, short of a collision of SHA-256.
		if rival := score(contentSHA256, other); bytes.Compare(rival[:], own[:]) > 0 {
			better++
		}
		if better >= replication {
			return false
		}
	}
	return known && replication > 0
}

package wanted

import (
	"slices"
	"strings"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// family is a wanted family in tokens.
type family struct {
	bounty bountytypes.Bounty
	tokens []string
}

// in tells whether one of the labels names the family: whether its tokens stand in the
// label, one after the other. "agent" is in "Win.Trojan.Agent-123", and so is
// "trojan.agent"; "agent" is not in "Win.Trojan.AgentTesla".
func (f family) in(labels []string) bool {
	return len(f.tokens) > 0 && slices.ContainsFunc(labels, func(label string) bool {
		have := tokens(label)
		for len(have) >= len(f.tokens) {
			if slices.Equal(have[:len(f.tokens)], f.tokens) {
				return true
			}
			have = have[1:]
		}
		return false
	})
}

// tokens splits a label, in lower case, at everything but [a-z0-9].
func tokens(label string) []string {
	return strings.FieldsFunc(strings.Map(lower, label), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// lower knows only ASCII: in Unicode there are signs whose lower case is an ASCII letter.
func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r - 'A' + 'a'
	}
	return r
}

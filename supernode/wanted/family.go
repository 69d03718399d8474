package wanted

import (
	"slices"

	"github.com/virusmap/virusmap/supernode/threat"
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
		have := threat.Tokens(label)
		for len(have) >= len(f.tokens) {
			if slices.Equal(have[:len(f.tokens)], f.tokens) {
				return true
			}
			have = have[1:]
		}
		return false
	})
}

package urlrules

import (
	"math/bits"

	"github.com/virusmap/virusmap/supernode/engine/rules"
)

// Neighbours of each key on a QWERTY keyboard.
var neighbours = map[byte]string{
	'q': "wa12", 'w': "qeas23", 'e': "wrsd34", 'r': "etdf45", 't': "ryfg56", 'y': "tugh67", 'u': "yihj78", 'i': "uojk89",
	'o': "ipkl90", 'p': "ol0", 'a': "qwsz", 's': "awedxz", 'd': "serfcx", 'f': "drtgvc", 'g': "ftyhbv", 'h': "gyujnb",
	'j': "huikmn", 'k': "jiolm", 'l': "kop", 'z': "asx", 'x': "zsdc", 'c': "xdfv", 'v': "cfgb", 'b': "vghn", 'n': "bhjm", 'm': "njk",
}

// typo names the rule by which a label is one slip away from a name, if it is.
func typo(label, name string) (rules.Rule, bool) {
	prefix := 0
	for prefix < len(label) && prefix < len(name) && label[prefix] == name[prefix] {
		prefix++
	}
	here, there := label[prefix:], name[prefix:]
	switch len(label) - len(name) {
	case -1:
		return omission, here == there[1:]
	case 1:
		if here[1:] != there {
			return rules.Rule{}, false
		}
		if prefix > 0 && here[0] == label[prefix-1] || len(there) > 0 && here[0] == there[0] {
			return doubling, true
		}
		return edit, true
	case 0:
		switch {
		case len(here) >= 2 && here[0] == there[1] && here[1] == there[0] && here[2:] == there[2:]:
			return swap, true
		case len(here) == 0 || here[1:] != there[1:]:
			return rules.Rule{}, false
		case containsByte(neighbours[there[0]], here[0]):
			return adjacentKey, true
		case bits.OnesCount8(here[0]^there[0]) == 1:
			return bitsquat, true
		}
		return edit, true
	}
	return rules.Rule{}, false
}

func containsByte(text string, c byte) bool {
	for i := range len(text) {
		if text[i] == c {
			return true
		}
	}
	return false
}

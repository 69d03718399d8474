// Package text says which characters the state machine accepts in texts for people.
package text

import "unicode/utf8"

// IsPrintable tells whether s is valid UTF-8 without control characters and without
// the invisible ones that reorder or hide text. It is a fixed list and not
// unicode.IsPrint, whose tables grow with Go: two releases must never disagree in
// the middle of a chain.
func IsPrintable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !Printable(r) {
			return false
		}
	}
	return true
}

// Printable tells whether r may stand in a text.
func Printable(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == utf8.RuneError, r == 0xfeff:
		return false
	case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return false
	default:
		return true
	}
}

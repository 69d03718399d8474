package urlrules

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// confusables are the letters of other scripts, and rare Latin ones, that look like ASCII
// letters: the prototypes of Unicode Technical Standard #39 (confusables.txt of Unicode 15),
// as far as IDNA allows the letter in a name and the prototype is lower-case ASCII.
var confusables = map[rune]string{
	// Latin
	'æ': "ae", 'ı': "i", 'œ': "oe", 'ƍ': "g", 'ƽ': "s", 'ǀ': "l", 'ǁ': "ll", 'ɑ': "a", 'ɡ': "g", 'ɣ': "y",
	'ɩ': "i", 'ɪ': "i", 'ɯ': "w", 'ʋ': "u", 'ʏ': "y", 'ʣ': "dz", 'ʦ': "ts", 'ʪ': "ls", 'ʫ': "lz",
	// Cyrillic
	'а': "a", 'г': "r", 'е': "e", 'о': "o", 'р': "p", 'с': "c", 'у': "y", 'х': "x", 'ѕ': "s", 'і': "i", 'ј': "j",
	'ѡ': "w", 'ѵ': "v", 'ү': "y", 'һ': "h", 'ҽ': "e", 'ӏ': "i", 'ӕ': "ae", 'ԁ': "d", 'ԛ': "q", 'ԝ': "w",
	// Greek
	'α': "a", 'γ': "y", 'ι': "i", 'ν': "v", 'ο': "o", 'ρ': "p", 'σ': "o", 'υ': "u", 'ϳ': "j",
	// Armenian
	'ա': "w", 'գ': "q", 'զ': "q", 'հ': "h", 'ո': "n", 'ռ': "n", 'ս': "u", 'ց': "g", 'ք': "f", 'օ': "o",
	// Letters with a stroke, which do not decompose; in UTS #39 their prototypes keep it.
	'ł': "l", 'đ': "d", 'ø': "o", 'ħ': "h", 'ŧ': "t", 'ƀ': "b", 'ɨ': "i", 'ɫ': "l",
	// Cyrillic and Greek letters that are only alike in some fonts, and the dotless k.
	'к': "k", 'κ': "k", 'т': "t", 'τ': "t", 'п': "n", 'η': "n", 'в': "b", 'м': "m", 'ω': "w", 'ĸ': "k",
}

// alike are ASCII characters and pairs that look like another one. They are folded after
// everything else, in brands and names alike.
var alike = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "0", "o", "1", "l", "i", "l", "3", "e", "5", "s", "8", "b", "4", "a")

// unmarked replaces every character by the ASCII letters it is confused with and drops the
// marks of others (é as e). What looks like nothing in ASCII stays.
func unmarked(label string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(label) {
		if prototype, ok := confusables[r]; ok {
			out.WriteString(prototype)
		} else if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// skeleton is the same text for all labels that look alike.
func skeleton(label string) string { return alike.Replace(unmarked(label)) }

// joined are scripts that ordinary names mix with Latin: "highly restrictive" in UTS #39,
// section 5.2.
var joined = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul}

// mixesScripts tells whether a label has Latin letters beside others that no language
// writes with them, or Cyrillic beside Greek.
func mixesScripts(label string) bool {
	var latin, cyrillic, greek, other bool
	for _, r := range label {
		switch {
		case !unicode.IsLetter(r) || unicode.In(r, joined...):
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic = true
		case unicode.Is(unicode.Greek, r):
			greek = true
		default:
			other = true
		}
	}
	return latin && (cyrillic || greek || other) || cyrillic && greek
}

package community

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxCommentBytes bounds a comment's text in UTF-8.
	MaxCommentBytes = 4096
	// MaxTags bounds the tags of one comment, and maxTagBytes each of them.
	MaxTags     = 16
	maxTagBytes = 64
)

// ErrText is returned for a text that cannot be stored.
var ErrText = errors.New("text")

// CheckText refuses what is not 1..limit bytes of UTF-8 without control characters other
// than line ends and tabs, and without the characters that turn the direction of writing.
func CheckText(text string, limit int) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("%w: it is empty", ErrText)
	case len(text) > limit:
		return fmt.Errorf("%w: %d bytes, at most %d", ErrText, len(text), limit)
	case !utf8.ValidString(text):
		return fmt.Errorf("%w: it is not UTF-8", ErrText)
	}
	for _, r := range text {
		if (unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t') || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return fmt.Errorf("%w: it has the control character U+%04X", ErrText, r)
		}
	}
	return nil
}

// tagPattern is # and a word that begins a text or follows what is no part of one.
var tagPattern = regexp.MustCompile(`(?:^|[^\p{L}\p{N}_&/#])#([\p{L}\p{N}_][\p{L}\p{N}_.-]*)`)

// Tags are the words that a text marks with #, in lower case, each once, the first MaxTags.
func Tags(text string) []string {
	tags := []string{}
	seen := make(map[string]bool)
	for _, match := range tagPattern.FindAllStringSubmatch(text, -1) {
		tag := CanonicalTag(match[1])
		if tag == "" || seen[tag] {
			continue
		}
		seen[tag] = true
		if tags = append(tags, tag); len(tags) == MaxTags {
			break
		}
	}
	return tags
}

// CanonicalTag is how a tag is stored and looked for; empty when it cannot be one.
func CanonicalTag(tag string) string {
	tag = strings.ToLower(strings.TrimRight(strings.TrimPrefix(tag, "#"), ".-"))
	if len(tag) > maxTagBytes {
		return ""
	}
	return tag
}

// CommentID is derived from all that makes a comment, so that the same request sent again is
// the same comment. It tells of which item it is, as VirusTotal's does.
func CommentID(item Item, author string, unixSeconds int64, text string) string {
	sum := hexSHA256(fmt.Appendf(nil, "virusmap comment\n%s\n%s\n%d\n%s", item, author, unixSeconds, text))
	return fmt.Sprintf("%s-%s-%s", item.prefix(), item.ID, sum[:16])
}

package community

import (
	"fmt"
	"strings"
	"unicode"
)

// Bounds of collections.
const (
	MaxCollectionName        = 128  // bytes
	MaxCollectionDescription = 4096 // bytes
	// MaxCollectionItems bounds one collection, MaxCollections those of one account.
	MaxCollectionItems = 10_000
	MaxCollections     = 200
	// MaxWords bounds the words by which a collection is found.
	MaxWords = 64

	maxWordBytes = 32
	minWordRunes = 2
)

// CheckCollection refuses a name or a description that cannot be stored. Errors: ErrText.
func CheckCollection(name, description string) error {
	if err := CheckText(name, MaxCollectionName); err != nil {
		return fmt.Errorf("name: %w", err)
	}
	if strings.ContainsAny(name, "\r\n\t") {
		return fmt.Errorf("name: %w: it has more than one line", ErrText)
	}
	if description == "" {
		return nil
	}
	if err := CheckText(description, MaxCollectionDescription); err != nil {
		return fmt.Errorf("description: %w", err)
	}
	return nil
}

// CollectionID is derived from who made what when.
func CollectionID(owner, name string, unixSeconds int64) string {
	return hexSHA256(fmt.Appendf(nil, "virusmap collection\n%s\n%s\n%d", owner, name, unixSeconds))
}

// Words are what a text can be found by: its words in lower case, each once, the first MaxWords.
func Words(text string) []string {
	words := []string{}
	seen := make(map[string]bool)
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		word = strings.ToLower(word)
		if len(word) > maxWordBytes {
			word = strings.ToValidUTF8(word[:maxWordBytes], "")
		}
		if len([]rune(word)) < minWordRunes || seen[word] {
			continue
		}
		seen[word] = true
		if words = append(words, word); len(words) == MaxWords {
			break
		}
	}
	return words
}

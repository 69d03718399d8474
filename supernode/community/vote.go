package community

import (
	"fmt"
	"slices"
	"strings"
)

// Verdicts on items, and those on comments.
const (
	Harmless  = "harmless"
	Malicious = "malicious"

	Positive = "positive"
	Negative = "negative"
	Abuse    = "abuse"
)

// Verdicts are what can be said of an item of a type in a vote.
func Verdicts(itemType string) []string {
	if itemType == "comment" {
		return []string{Positive, Negative, Abuse}
	}
	return []string{Harmless, Malicious}
}

// CheckVerdict refuses a verdict that an item cannot get. Errors: ErrText.
func CheckVerdict(item Item, verdict string) error {
	if allowed := Verdicts(item.Type); !slices.Contains(allowed, verdict) {
		return fmt.Errorf("%w: %.40q is not one of %s", ErrText, verdict, strings.Join(allowed, ", "))
	}
	return nil
}

// VoteID is the same for all votes of one account on one item, as the last one counts.
func VoteID(item Item, account string) string {
	return fmt.Sprintf("%s-%s-%s", item.prefix(), item.ID, hexSHA256([]byte("virusmap vote\n" + account))[:16])
}

// Reputation is VirusTotal's figure for an item: how many votes of harmless it has more than
// of malicious.
func Reputation(harmless, malicious int64) int64 { return harmless - malicious }

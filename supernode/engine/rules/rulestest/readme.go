// Package rulestest checks what packages of rules have to keep.
package rulestest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var made = regexp.MustCompile(`rules\.(Weak|Suspect|Strong)\("([\w.]+)",(?: (\d+), "([^"]*)",)?`)

// RequireReadme asserts that the rules that a source file makes and the table of a readme
// are the same: identifier, strength, confidence and label.
func RequireReadme(t *testing.T, source, readme string, atLeast int) {
	t.Helper()
	code, err := os.ReadFile(source)
	require.NoError(t, err)
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	strengths := map[string]string{"Weak": "hint", "Suspect": "suspicious", "Strong": "malicious"}
	found := made.FindAllStringSubmatch(string(code), -1)
	require.GreaterOrEqual(t, len(found), atLeast)
	for _, rule := range found {
		confidence, label := rule[3], "`"+regexp.QuoteMeta(rule[4])+"…?`"
		if strengths[rule[1]] == "hint" {
			confidence, label = "0", ""
		}
		row := "(?m)^\\| `" + regexp.QuoteMeta(rule[2]) + "` \\| " + strengths[rule[1]] + " \\| " + confidence + " \\| " + label + " \\| "
		if label == "" {
			row = strings.TrimSuffix(row, "  \\| ") + " +\\| "
		}
		require.Regexp(t, row, string(text), "rule %s", rule[2])
	}
	require.Equal(t, len(found), strings.Count(string(text), "\n| `"), "%s has rules that do not exist", readme)
}

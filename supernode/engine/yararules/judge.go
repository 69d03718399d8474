package yararules

import (
	"fmt"
	"strings"

	yara "github.com/Velocidex/go-yara"
)

// Verdict is what the matches together say, in the words of engine's answers.
type Verdict struct {
	Category   string `json:"category"`
	Confidence int    `json:"confidence"`
	Label      string `json:"label,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

const (
	// A rule that does not say how sure it is counts as a hint.
	defaultCategory   = "suspicious"
	defaultConfidence = 8
	// Rules that match nothing say little about content they do not describe.
	undetectedConfidence = 4
	maxConfidence        = 15
	maxNamed             = 10
)

// judge takes the strongest match: malicious before suspicious, then by confidence.
// A rule states them in its metadata: category ("malicious" or "suspicious"),
// confidence (0..15) and label; the rule's name is the default label.
func judge(matches yara.MatchRules) Verdict {
	verdict := Verdict{Category: "undetected", Confidence: undetectedConfidence}
	var names []string
	for _, match := range matches {
		names = append(names, match.Rule)
		if found := read(match); stronger(found, verdict) {
			verdict = found
		}
	}
	if len(names) > 0 {
		verdict.Detail = "matched " + strings.Join(names[:min(len(names), maxNamed)], ", ")
	}
	if more := len(names) - maxNamed; more > 0 {
		verdict.Detail += fmt.Sprintf(" and %d more", more)
	}
	return verdict
}

var rank = map[string]int{"undetected": 0, "suspicious": 1, "malicious": 2}

func stronger(a, b Verdict) bool {
	if rank[a.Category] != rank[b.Category] {
		return rank[a.Category] > rank[b.Category]
	}
	return a.Confidence > b.Confidence
}

func read(match yara.MatchRule) Verdict {
	verdict := Verdict{Category: defaultCategory, Confidence: defaultConfidence, Label: match.Rule}
	if category := text(match.Metas, "category"); rank[category] > 0 {
		verdict.Category = category
	}
	if label := text(match.Metas, "label"); label != "" {
		verdict.Label = label
	}
	for _, meta := range match.Metas {
		if value, ok := meta.Value.(int); ok && meta.Identifier == "confidence" {
			verdict.Confidence = min(max(value, 0), maxConfidence)
		}
	}
	return verdict
}

func text(metas []yara.Meta, name string) string {
	for _, meta := range metas {
		if value, ok := meta.Value.(string); ok && meta.Identifier == name {
			return value
		}
	}
	return ""
}

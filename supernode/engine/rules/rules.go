// Package rules is what documented rules have in common: each has an identifier, a
// strength, a confidence and a label, and the strongest one that hits is the verdict.
package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Strength of a rule's finding.
type Strength int

const (
	// Hint says nothing alone; EnoughHints of them make a content suspicious.
	Hint Strength = iota
	Suspicious
	Malicious
)

// EnoughHints is how many hints say something.
const EnoughHints = 3

// Rule is one documented observation.
type Rule struct {
	ID       string
	Strength Strength
	// Confidence 1..15 in the verdict; 0 of a hint.
	Confidence int
	// Label begins with phishing, counterfeit, malware, cryptomining or suspicious. One that
	// ends in a hyphen is followed by whom the finding is about.
	Label string
	// What is observed, as shown in a verdict's detail.
	What string
}

// Weak makes a rule that is a hint.
func Weak(id, what string) Rule { return Rule{ID: id, What: what} }

// Suspect makes a rule that makes a content suspicious.
func Suspect(id string, confidence int, label, what string) Rule {
	return Rule{id, Suspicious, confidence, label, what}
}

// Strong makes a rule that decides alone.
func Strong(id string, confidence int, label, what string) Rule {
	return Rule{id, Malicious, confidence, label, what}
}

// Findings are the rules that hit, each once.
type Findings []finding

type finding struct {
	rule  Rule
	about string
}

// Add notes a finding about somebody, who may be empty.
func (f *Findings) Add(rule Rule, about string) {
	if !slices.ContainsFunc(*f, func(known finding) bool { return known.rule.ID == rule.ID }) {
		*f = append(*f, finding{rule, about})
	}
}

// AddIf notes a finding when there is one.
func (f *Findings) AddIf(hit bool, rule Rule) {
	if hit {
		f.Add(rule, "")
	}
}

// Verdict is what findings together say, in the words of engine's answers.
type Verdict struct {
	Category   string `json:"category"`
	Confidence int    `json:"confidence"`
	Label      string `json:"label,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

// Judge takes the strongest finding, or the one for several hints. undetected is the
// confidence that there is none.
func (f Findings) Judge(several Rule, undetected int) Verdict {
	hints := 0
	for _, found := range f {
		if found.rule.Strength == Hint {
			hints++
		}
	}
	if hints >= EnoughHints {
		f = append(slices.Clone(f), finding{several, ""})
	}
	var strongest finding
	var details []string
	for _, found := range f {
		details = append(details, fmt.Sprintf("%s (%s)", found.rule.What, found.rule.ID))
		if r, s := found.rule, strongest.rule; r.Strength > s.Strength || r.Strength == s.Strength && r.Confidence > s.Confidence {
			strongest = found
		}
	}
	verdict := Verdict{Category: "undetected", Confidence: undetected, Detail: strings.Join(details, "; ")}
	switch strongest.rule.Strength {
	case Hint:
		return verdict
	case Suspicious:
		verdict.Category = "suspicious"
	case Malicious:
		verdict.Category = "malicious"
	}
	verdict.Confidence, verdict.Label = strongest.rule.Confidence, strongest.rule.Label+strongest.about
	return verdict
}

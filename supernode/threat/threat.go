// Package threat finds what kind of threat the labels of engines speak of, and its name:
// VirusTotal's popular_threat_classification. It is a pure function of the labels.
//
// The steps are those of AVclass (Sebastián, Rivera, Kotzias, Caballero: "AVclass: A Tool for
// Massive Malware Labeling", RAID 2016), with lists of our own and a rule for few engines:
//
//  1. Labels are those of detections. Engines count by their names: the same program at
//     several supernodes has one voice.
//  2. A label is cut into tokens at everything but letters and digits. What follows "!" is
//     left out, which is a hash or the name of a method, and so are digits at a token's end.
//  3. A token that names a category votes for it, once per engine. "Trojan" and "pua" say the
//     least, and count only in a label without another category.
//  4. Of the other tokens generic words, platforms, what looks like a hash, and what has less
//     than four characters are left out. What is left may be a name.
//  5. Names that two engines say are listed, the most frequent first. When there are none,
//     those are that one engine says where naming schemes have the family: the first such
//     token of a label that has a type too, as in Win.Trojan.Name-1 and Trojan:Win32/Name.A.
//     Names of rules alone are no families.
//  6. The suggested label is the first category, a dot, the first name, and, if two engines
//     say it, a slash and the second name.
//
// Labels of lists and URL rules, "phishing:list", give a category alone: what follows names
// the list or the rule.
package threat

import (
	"cmp"
	"slices"
	"strings"
)

// Opinion is the label of a detection.
type Opinion struct {
	// Engine that gave it, by name.
	Engine string
	// Label as the engine wrote it; it may be empty.
	Label string
}

// Count is how many engines say a word.
type Count struct {
	Count int    `json:"count"`
	Value string `json:"value"`
}

// Classification has VirusTotal's form. All words are of [a-z0-9].
type Classification struct {
	SuggestedLabel string  `json:"suggested_threat_label"`
	Categories     []Count `json:"popular_threat_category,omitempty"`
	Names          []Count `json:"popular_threat_name,omitempty"`
}

// maxListed bounds the categories and the names.
const maxListed = 10

// Classify is nil when the labels tell neither a category nor a name.
func Classify(opinions []Opinion) *Classification {
	categories, names, families := voices{}, voices{}, voices{}
	for _, opinion := range opinions {
		said := read(opinion.Label)
		categories.add(opinion.Engine, said.categories...)
		names.add(opinion.Engine, said.names...)
		if said.family != "" {
			families.add(opinion.Engine, said.family)
		}
	}
	c := Classification{Categories: categories.counts(1), Names: names.counts(2)}
	if len(c.Names) == 0 {
		c.Names = families.counts(1)
	}
	if c.SuggestedLabel = c.suggest(); c.SuggestedLabel == "" {
		return nil
	}
	return &c
}

func (c Classification) suggest() string {
	var parts []string
	if len(c.Categories) > 0 {
		parts = append(parts, c.Categories[0].Value)
	}
	if len(c.Names) > 0 {
		name := c.Names[0].Value
		if len(c.Names) > 1 && c.Names[1].Count > 1 {
			name += "/" + c.Names[1].Value
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ".")
}

// voices are the engines that say a word.
type voices map[string]map[string]bool

func (v voices) add(engine string, words ...string) {
	for _, word := range words {
		if v[word] == nil {
			v[word] = make(map[string]bool)
		}
		v[word][engine] = true
	}
}

// counts are the words that so many engines say, the most frequent first and then by
// alphabet; among categories "trojan" comes after those that are as frequent.
func (v voices) counts(least int) (counts []Count) {
	for word, engines := range v {
		if len(engines) >= least {
			counts = append(counts, Count{len(engines), word})
		}
	}
	slices.SortFunc(counts, func(a, b Count) int {
		if a.Count != b.Count || (a.Value == trojan) == (b.Value == trojan) {
			return cmp.Or(b.Count-a.Count, strings.Compare(a.Value, b.Value))
		}
		if a.Value == trojan {
			return 1
		}
		return -1
	})
	return counts[:min(len(counts), maxListed)]
}

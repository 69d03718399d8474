package types

import (
	"slices"
	"sort"

	"github.com/virusmap/virusmap/x/internal/text"
)

// Answer is what one engine says of one sample.
type Answer struct {
	Category   Category
	Confidence uint8
	// Label is cut to what a vector can carry: printable, at most MaxLabelBytes.
	Label string
}

// NewVerdictVector builds the canonical vector of an engine from its answers, one
// per member of the round in member order.
func NewVerdictVector(engine, version string, signatureDigest []byte, signatureTime int64, answers []Answer) VerdictVector {
	column := make([]byte, len(answers))
	labels := make([]string, len(answers))
	for i, answer := range answers {
		column[i] = byte(NewCell(answer.Category, answer.Confidence))
		labels[i] = CleanText(answer.Label, MaxLabelBytes)
	}
	table := distinct(labels)
	vector := VerdictVector{
		Engine:          engine,
		Version:         CleanText(version, MaxVersionBytes),
		SignatureDigest: signatureDigest,
		SignatureTime:   signatureTime,
		Column:          PackColumn(column),
		Labels:          table,
	}
	for i, label := range labels {
		if label == "" {
			continue
		}
		vector.Labelled = append(vector.Labelled, uint32(i))
		vector.LabelRefs = append(vector.LabelRefs, uint32(sort.SearchStrings(table, label)))
	}
	return vector
}

// NewFeatureVector builds the canonical feature vector from one file type per
// member; an empty type counts as "unknown", and so do those past MaxFileTypes.
func NewFeatureVector(fileTypes []string) FeatureVector {
	const unknown = "unknown"
	types := make([]string, len(fileTypes))
	for i, fileType := range fileTypes {
		if types[i] = CleanText(fileType, MaxFileTypeBytes); types[i] == "" {
			types[i] = unknown
		}
	}
	table := distinct(types)
	if len(table) > MaxFileTypes {
		table = distinct(append(table[:MaxFileTypes-1:MaxFileTypes-1], unknown))
	}
	column := make([]byte, len(types))
	for i, fileType := range types {
		index, found := slices.BinarySearch(table, fileType)
		if !found {
			index = sort.SearchStrings(table, unknown)
		}
		column[i] = byte(index)
	}
	return FeatureVector{FileTypes: table, TypeColumn: PackColumn(column)}
}

// NewAttestation joins vectors and features in canonical order.
func NewAttestation(vectors []VerdictVector, features FeatureVector) Attestation {
	slices.SortFunc(vectors, func(a, b VerdictVector) int {
		if a.Engine < b.Engine {
			return -1
		}
		return 1
	})
	return Attestation{Vectors: vectors, Features: features}
}

// CleanText makes a text from outside fit for a vector: unprintable characters
// are dropped and the rest is cut at a character boundary to maxBytes.
func CleanText(raw string, maxBytes int) string {
	clean := make([]byte, 0, min(len(raw), maxBytes))
	for _, r := range raw {
		if !text.Printable(r) {
			continue
		}
		if len(clean)+len(string(r)) > maxBytes {
			break
		}
		clean = append(clean, string(r)...)
	}
	return string(clean)
}

// distinct returns the non-empty texts once each, in ascending order.
func distinct(texts []string) []string {
	sorted := slices.Clone(texts)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	if len(sorted) > 0 && sorted[0] == "" {
		sorted = sorted[1:]
	}
	if len(sorted) == 0 {
		return nil
	}
	return sorted
}

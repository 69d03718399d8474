package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	maxLabelBytes  = verdictstypes.MaxLabelBytes
	maxDetailBytes = 512
)

// answer is a verdict on the wire: what workers and commands give back. It comes
// from where hostile content was parsed and is decoded as such.
type answer struct {
	// Category in VirusTotal's spelling, such as "malicious" or "type-unsupported".
	Category string `json:"category"`
	// Confidence 0..15.
	Confidence uint8  `json:"confidence"`
	Label      string `json:"label,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

// categories an engine may give; the others are the node's to say.
var categories = map[string]verdictstypes.Category{
	"harmless":         verdictstypes.CATEGORY_HARMLESS,
	"undetected":       verdictstypes.CATEGORY_UNDETECTED,
	"suspicious":       verdictstypes.CATEGORY_SUSPICIOUS,
	"malicious":        verdictstypes.CATEGORY_MALICIOUS,
	"type-unsupported": verdictstypes.CATEGORY_TYPE_UNSUPPORTED,
	"timeout":          verdictstypes.CATEGORY_TIMEOUT,
	"failure":          verdictstypes.CATEGORY_FAILURE,
}

// decodeAnswer wants exactly one JSON object with known fields.
func decodeAnswer(data []byte) (Verdict, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var a answer
	if err := decoder.Decode(&a); err != nil {
		return Verdict{}, fmt.Errorf("answer is not the JSON wanted: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Verdict{}, errors.New("answer has data after the JSON object")
	}
	return a.verdict()
}

func (a answer) verdict() (Verdict, error) {
	category, ok := categories[a.Category]
	if !ok {
		return Verdict{}, fmt.Errorf("category %q is unknown", shorten(a.Category, 32))
	}
	if a.Confidence > MaxConfidence {
		return Verdict{}, fmt.Errorf("confidence %d, at most %d", a.Confidence, MaxConfidence)
	}
	return Verdict{Category: category, Confidence: a.Confidence, Label: a.Label, Detail: a.Detail}, nil
}

// tidy makes a verdict fit for the chain whatever an engine put into it.
func tidy(v Verdict) Verdict {
	v.Confidence = min(v.Confidence, MaxConfidence)
	v.Label = shorten(v.Label, maxLabelBytes)
	v.Detail = shorten(v.Detail, maxDetailBytes)
	switch v.Category {
	case verdictstypes.CATEGORY_MALICIOUS, verdictstypes.CATEGORY_SUSPICIOUS:
	default:
		v.Label = "" // a label without a detection would be read as one
	}
	return v
}

// shorten keeps the printable characters that fit.
func shorten(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

package light

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Bounds of a report from outside.
const (
	// MaxReportBytes bounds the whole JSON document.
	MaxReportBytes = 8 << 20
	// MaxResults bounds the engines of a report: 100 supernodes with 16 engines each.
	MaxResults = 1600

	maxFields     = 4096
	maxTextBytes  = 256
	maxChainBytes = 64
	maxURLBytes   = 8 << 10
)

// ParseReport reads a VirusTotal v3 object of a file or a URL, bare or inside {"data": …}. In the
// parts that are checked against the chain it takes no unknown, missing or repeated
// field, so that no two readers can see different reports; errors name the field.
func ParseReport(document []byte) (Report, error) {
	if len(document) > MaxReportBytes {
		return Report{}, fmt.Errorf("report has %d bytes, at most %d", len(document), MaxReportBytes)
	}
	if !utf8.Valid(document) {
		return Report{}, fmt.Errorf("report is not UTF-8")
	}
	root := parseObject("report", document, maxFields)
	object := root
	if _, wrapped := root.fields["data"]; wrapped {
		object = root.object("data", maxFields)
	}
	attributes := object.object("attributes", maxFields)
	report := Report{SHA256: object.hash("id")}
	var err error
	if report.Kind, err = parseSubject(object, attributes, &report); err != nil {
		return Report{}, err
	}
	if _, ok := attributes.fields["last_analysis_results"]; attributes.err == nil && !ok {
		return Report{}, fmt.Errorf("the report has no last_analysis_results: the analysis is not finished, or the round's vectors have left the state")
	}
	results := attributes.object("last_analysis_results", MaxResults)
	stats := attributes.object("last_analysis_stats", len(Categories))
	chain := attributes.object("virusmap", maxFields)
	// The first error in reading order; a child carries its parent's.
	for _, part := range []*jsonObject{root, object, attributes, results, stats, chain} {
		if part.err != nil {
			return Report{}, part.err
		}
	}
	if report.Results, err = parseResults(results); err != nil {
		return Report{}, err
	}
	if report.Stats, err = parseStats(stats); err != nil {
		return Report{}, err
	}
	report.Chain, err = parseChain(chain)
	return report, err
}

// parseSubject reads what a report is about: a file, or a URL, whose content is the text of
// the URL itself.
func parseSubject(object, attributes *jsonObject, report *Report) (samplestypes.Kind, error) {
	kind := object.text("type", maxTextBytes)
	switch {
	case object.err != nil:
		return 0, object.err
	case kind == "url":
		address := attributes.text("url", maxURLBytes)
		if attributes.err != nil {
			return 0, attributes.err
		}
		if hash := sha256.Sum256([]byte(address)); hex.EncodeToString(hash[:]) != report.SHA256 {
			return 0, fmt.Errorf("id %s is not the SHA-256 of attributes.url", report.SHA256)
		}
		size := uint64(len(address))
		report.SizeBytes = &size
		return samplestypes.KIND_URL, nil
	case kind != "file":
		return 0, fmt.Errorf("type is %q, want \"file\" or \"url\"", kind)
	}
	if hash := attributes.hash("sha256"); attributes.err == nil && hash != report.SHA256 {
		return 0, fmt.Errorf("attributes.sha256 %s differs from id %s", hash, report.SHA256)
	}
	if _, ok := attributes.fields["size"]; ok {
		size := attributes.integer("size", 1<<53)
		report.SizeBytes = &size
	}
	return samplestypes.KIND_FILE, attributes.err
}

func parseResults(object *jsonObject) (Results, error) {
	results := make(Results, len(object.fields))
	for key := range object.fields {
		if len(key) > maxTextBytes || !verdictstypes.IsPrintable(key) {
			return nil, fmt.Errorf("last_analysis_results: key %.64q is longer than %d bytes or not printable", key, maxTextBytes)
		}
		entry := object.object(key, maxFields)
		results[key] = EngineResult{
			Category:        entry.text("category", maxTextBytes),
			EngineName:      entry.text("engine_name", maxTextBytes),
			EngineVersion:   entry.text("engine_version", maxTextBytes),
			EngineUpdate:    entry.optionalText("engine_update", maxTextBytes),
			Method:          entry.text("method", maxTextBytes),
			Label:           entry.textOrNull("result", verdictstypes.MaxLabelBytes),
			Confidence:      uint32(entry.integer("confidence", 15)),
			Operator:        entry.text("operator", maxTextBytes),
			Engine:          entry.text("engine", maxTextBytes),
			SignatureDigest: entry.optionalText("signature_digest", 64),
		}
		if err := entry.finish(); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func parseStats(object *jsonObject) (Stats, error) {
	stats := make(Stats, len(Categories))
	for _, category := range Categories {
		stats[category] = uint32(object.integer(category, MaxResults))
	}
	return stats, object.finish()
}

func parseChain(object *jsonObject) (Chain, error) {
	chain := Chain{
		ChainID:      object.text("chain_id", maxChainBytes),
		Round:        object.integer("round", 1<<63-1),
		Outcome:      object.text("outcome", maxTextBytes),
		Height:       int64(object.integer("height", 1<<63-1)),
		RoundStatus:  object.text("round_status", maxTextBytes),
		Seats:        uint32(object.integer("seats", 1<<32-1)),
		Attestations: uint32(object.integer("attestations", 1<<32-1)),
	}
	return chain, object.finish()
}

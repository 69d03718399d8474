// Package lighttest makes true reports to verify: of given facts, or of a real chain.
package lighttest

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Facts are what a gateway knows of a sample.
type Facts struct {
	ChainID   string
	Height    int64
	SHA256    []byte
	SizeBytes uint64
	Round     verdictstypes.Round
	Outcome   verdictstypes.Outcome
	Verdicts  []verdictstypes.EngineVerdict
	// Monikers by operator.
	Monikers map[string]string
}

var categories = []string{
	"malicious", "suspicious", "undetected", "harmless", "timeout", "confirmed-timeout", "failure", "type-unsupported",
}

// Document is a VirusTotal v3 file object as a gateway answers with it.
func (f Facts) Document() []byte {
	stats := map[string]int{}
	for _, category := range categories {
		stats[category] = 0
	}
	results := map[string]any{}
	for _, verdict := range f.Verdicts {
		category := name(verdict.Category.String(), "CATEGORY_")
		key := f.key(verdict)
		result := map[string]any{
			"category": category, "engine_name": key, "engine_version": verdict.Version, "method": "attested",
			"result": nil, "confidence": verdict.Confidence, "operator": verdict.Operator, "engine": verdict.Engine,
		}
		if verdict.Label != "" {
			result["result"] = verdict.Label
		}
		if verdict.Category == verdictstypes.CATEGORY_UNDECRYPTABLE {
			category = "failure"
			result["category"], result["result"] = category, "undecryptable"
		}
		if verdict.SignatureTime != 0 {
			result["engine_update"] = time.Unix(verdict.SignatureTime, 0).UTC().Format("20060102")
		}
		if len(verdict.SignatureDigest) != 0 {
			result["signature_digest"] = hex.EncodeToString(verdict.SignatureDigest)
		}
		results[key] = result
		stats[category]++
	}
	hash := hex.EncodeToString(f.SHA256)
	document, err := json.Marshal(map[string]any{"data": map[string]any{
		"type": "file", "id": hash, "links": map[string]any{"self": "http://127.0.0.1/api/v3/files/" + hash},
		"attributes": map[string]any{
			"sha256": hash, "size": f.SizeBytes, "names": []string{"a.bin"}, "meaningful_name": "a.bin",
			"last_analysis_date":    f.Round.FinalTime,
			"last_analysis_results": results,
			"last_analysis_stats":   stats,
			"virusmap": map[string]any{
				"chain_id": f.ChainID, "round": f.Round.Number, "outcome": name(f.Outcome.String(), "OUTCOME_"),
				"height": f.Height, "round_status": name(f.Round.Status.String(), "ROUND_STATUS_"),
				"seats": f.Round.Seats, "attestations": f.Round.Attestations,
			},
		},
	}})
	if err != nil {
		panic(err) // maps of plain values
	}
	return document
}

func (f Facts) key(verdict verdictstypes.EngineVerdict) string {
	same := 0
	for _, other := range f.Verdicts {
		if other.Engine == verdict.Engine {
			same++
		}
	}
	if same == 1 {
		return verdict.Engine
	}
	if moniker := f.Monikers[verdict.Operator]; moniker != "" {
		return verdict.Engine + "@" + moniker
	}
	return verdict.Engine + "@" + verdict.Operator
}

func name(enum, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(enum, prefix)), "_", "-")
}

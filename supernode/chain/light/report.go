package light

import (
	"encoding/hex"
	"strings"
	"time"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// MethodBlacklist is the method of every result, as VirusTotal writes it.
const MethodBlacklist = "blacklist"

// Report is the part of a VirusTotal v3 file object that can be checked against the chain.
type Report struct {
	// SHA256 of the plaintext in lower-case hex; the id of the object.
	SHA256 string
	// SizeBytes of the plaintext; nil when the object has no size.
	SizeBytes *uint64
	Results   Results
	Stats     Stats
	Chain     Chain
}

// Results are the cells of a report by their display key, see NewResults.
type Results map[string]EngineResult

// EngineResult is one entry of last_analysis_results.
type EngineResult struct {
	Category      string `json:"category"`
	EngineName    string `json:"engine_name"`
	EngineVersion string `json:"engine_version"`
	// EngineUpdate is the date of the signature set as YYYYMMDD, or "" when it has none.
	EngineUpdate string `json:"engine_update"`
	Method       string `json:"method"`
	// Label is null when the engine gave none.
	Label *string `json:"result"`
	// Confidence is 0..15.
	Confidence uint32 `json:"confidence"`
	Operator   string `json:"operator"`
	// Engine is the registered name; EngineName is the display key.
	Engine string `json:"engine"`
	// SignatureDigest is the SHA-256 of the signature set in hex, or "".
	SignatureDigest string `json:"signature_digest"`
}

// Stats are last_analysis_stats: how many results have each of VirusTotal's eight categories.
type Stats map[string]uint32

// Chain is attributes.virusmap: where on the chain the report comes from.
type Chain struct {
	ChainID string `json:"chain_id"`
	Round   uint64 `json:"round"`
	Outcome string `json:"outcome"`
	// Height of the state at which the report was read.
	Height      int64  `json:"height"`
	RoundStatus string `json:"round_status"`
	// Seats were expected to attest, Attestations were revealed.
	Seats        uint32 `json:"seats"`
	Attestations uint32 `json:"attestations"`
}

// Categories are VirusTotal's eight, the keys of Stats.
var Categories = []string{
	"malicious", "suspicious", "undetected", "harmless",
	"timeout", "confirmed-timeout", "failure", "type-unsupported",
}

// CategoryName is VirusTotal's name of a category. A submission that does not open
// is a failure there; the outcome "invalid" tells the difference.
func CategoryName(category verdictstypes.Category) string {
	if category == verdictstypes.CATEGORY_UNDECRYPTABLE {
		category = verdictstypes.CATEGORY_FAILURE
	}
	return enumName(category.String(), "CATEGORY_")
}

// OutcomeName is clean, suspicious, malicious, undetermined or invalid.
func OutcomeName(outcome verdictstypes.Outcome) string {
	return enumName(outcome.String(), "OUTCOME_")
}

// RoundStatusName is commit, reveal, tally, final or void.
func RoundStatusName(status verdictstypes.RoundStatus) string {
	return enumName(status.String(), "ROUND_STATUS_")
}

func enumName(name, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, prefix)), "_", "-")
}

// NewResults writes the cells of a sample as VirusTotal does. The key is the engine's
// name when it is unique in the round, else engine@moniker, and engine@operator when
// that is not unique either. moniker may return "".
func NewResults(verdicts []verdictstypes.EngineVerdict, moniker func(operator string) string) Results {
	engines, keys := map[string]int{}, map[string]int{}
	for _, verdict := range verdicts {
		engines[verdict.Engine]++
		keys[verdict.Engine+"@"+moniker(verdict.Operator)]++
	}
	results := make(Results, len(verdicts))
	for _, verdict := range verdicts {
		key := verdict.Engine
		if engines[key] > 1 {
			name := moniker(verdict.Operator)
			if name == "" || keys[key+"@"+name] > 1 {
				name = verdict.Operator
			}
			key += "@" + name
		}
		results[key] = newResult(key, verdict)
	}
	return results
}

func newResult(key string, verdict verdictstypes.EngineVerdict) EngineResult {
	result := EngineResult{
		Category:        CategoryName(verdict.Category),
		EngineName:      key,
		EngineVersion:   verdict.Version,
		Method:          MethodBlacklist,
		Confidence:      verdict.Confidence,
		Operator:        verdict.Operator,
		Engine:          verdict.Engine,
		SignatureDigest: hex.EncodeToString(verdict.SignatureDigest),
	}
	if verdict.Label != "" {
		result.Label = &verdict.Label
	}
	if verdict.SignatureTime != 0 {
		result.EngineUpdate = time.Unix(verdict.SignatureTime, 0).UTC().Format("20060102")
	}
	return result
}

// NewStats counts results by category; every category has an entry.
func NewStats(results Results) Stats {
	stats := make(Stats, len(Categories))
	for _, category := range Categories {
		stats[category] = 0
	}
	for _, result := range results {
		stats[result.Category]++
	}
	return stats
}

// NewChain fills attributes.virusmap from a round, read at a height.
func NewChain(chainID string, height int64, round verdictstypes.Round, outcome verdictstypes.Outcome) Chain {
	return Chain{
		ChainID:      chainID,
		Round:        round.Number,
		Outcome:      OutcomeName(outcome),
		Height:       height,
		RoundStatus:  RoundStatusName(round.Status),
		Seats:        round.Seats,
		Attestations: round.Attestations,
	}
}

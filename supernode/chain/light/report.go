package light

import (
	"encoding/hex"
	"strings"
	"time"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// MethodAttested is the method of every result.
	MethodAttested = "attested"
	// LabelUndecryptable is the result of an engine whose supernode could not open the
	// submission; its category is failure, as VirusTotal has none for that.
	LabelUndecryptable = "undecryptable"
)

// Report is the part of a VirusTotal v3 file object that can be checked against the chain.
type Report struct {
	// SHA256 of the plaintext in lower-case hex; the id of the object.
	SHA256 string
	// Kind is FILE or URL.
	Kind samplestypes.Kind
	// SizeBytes of the plaintext; nil when the object has no size.
	SizeBytes *uint64
	Results   Results
	Stats     Stats
	Chain     Chain
}

// Results are the cells of a report by display key: the engine's name when one
// supernode alone has it, else engine@moniker or engine@operator.
type Results map[string]EngineResult

// EngineResult is one entry of last_analysis_results.
type EngineResult struct {
	Category      string `json:"category"`
	EngineName    string `json:"engine_name"`
	EngineVersion string `json:"engine_version"`
	// EngineUpdate is the date of the signature set as YYYYMMDD, or "" when it has none.
	EngineUpdate string `json:"engine_update,omitempty"`
	Method       string `json:"method"`
	// Label is null when the engine gave none.
	Label *string `json:"result"`
	// Confidence is 0..15.
	Confidence uint32 `json:"confidence"`
	Operator   string `json:"operator"`
	// Engine is the registered name; EngineName is the display key.
	Engine string `json:"engine"`
	// SignatureDigest is the SHA-256 of the signature set in hex, or "".
	SignatureDigest string `json:"signature_digest,omitempty"`
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

// newResult writes a proved verdict under a display key, as the gateway does.
func newResult(key string, verdict verdictstypes.EngineVerdict) EngineResult {
	result := EngineResult{
		Category:        CategoryName(verdict.Category),
		EngineName:      key,
		EngineVersion:   verdict.Version,
		Method:          MethodAttested,
		Confidence:      verdict.Confidence,
		Operator:        verdict.Operator,
		Engine:          verdict.Engine,
		SignatureDigest: hex.EncodeToString(verdict.SignatureDigest),
	}
	switch label := LabelUndecryptable; {
	case verdict.Category == verdictstypes.CATEGORY_UNDECRYPTABLE:
		result.Label = &label
	case verdict.Label != "":
		result.Label = &verdict.Label
	}
	if verdict.SignatureTime != 0 {
		result.EngineUpdate = time.Unix(verdict.SignatureTime, 0).UTC().Format("20060102")
	}
	return result
}

package light

import (
	"time"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Result of checking one report.
type Result struct {
	SHA256 string `json:"sha256"`
	// Claims in the order they were checked; a claim that hangs on a failed one fails too.
	Claims []Claim `json:"claims"`
	// Unproved is what no claim covers.
	Unproved []string `json:"unproved"`
	Proof    Proof    `json:"proof"`
}

// Claim is one statement about the report.
type Claim struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// Proof is the evidence, as far as it was found true.
type Proof struct {
	ChainID string `json:"chain_id"`
	// Height of the proved state; its app hash stands in the header of Height + 1.
	Height     int64     `json:"height"`
	HeaderHash []byte    `json:"header_hash"`
	HeaderTime time.Time `json:"header_time"`
	AppHash    []byte    `json:"app_hash"`
	// Witnesses is how many further servers cross-checked the headers.
	Witnesses int          `json:"witnesses"`
	Stores    []StoreProof `json:"stores"`

	Sample samplestypes.Sample `json:"sample"`
	Round  verdictstypes.Round `json:"round"`
	// Index of the sample among the members of the round.
	Index    int                           `json:"index"`
	Outcome  string                        `json:"outcome"`
	Verdicts []verdictstypes.EngineVerdict `json:"verdicts"`
}

// Unproved is what no claim covers, in words for the reader.
var Unproved = []string{
	"that the engines were right: the chain records what they said",
	"which program an operator ran under an engine's name, version and signature digest",
	"names, tags, MD5, SHA-1, dates and every other attribute that is not in a claim",
	"that no newer round ended after the proved height",
}

// OK tells whether every claim holds.
func (r Result) OK() bool {
	for _, claim := range r.Claims {
		if !claim.OK {
			return false
		}
	}
	return len(r.Claims) > 0
}

// Package engine is the one contract between VirusMap and everything that judges
// content: antivirus daemons, YARA rules, heuristics, and any command.
//
// An engine takes content and a deadline and gives a category, a confidence and a
// label. Adding one is an entry in Config. Whatever an engine does, however
// hostile the content, Scan comes back with a verdict.
package engine

import (
	"context"
	"time"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// MaxConfidence is full confidence; 0 is none.
const MaxConfidence = 15

// Engine judges content. All methods may be called from many goroutines.
type Engine interface {
	// Info tells what would judge right now: versions change while a node runs.
	Info(ctx context.Context) (Info, error)
	// Scan never panics and honours the context's deadline. An engine that gives no
	// answer in its own time is asked once more: TIMEOUT when the context ended
	// first, CONFIRMED_TIMEOUT when it was late again, FAILURE when it broke.
	Scan(ctx context.Context, content *Content) Verdict
	Close() error
}

// Verdict is what an engine says of one content.
type Verdict struct {
	Category verdictstypes.Category
	// Confidence is 0..15 in the category.
	Confidence uint8
	// Label names what was found: printable UTF-8 of at most 128 bytes, or empty.
	Label string
	// Detail explains the verdict to people; it does not go on chain. At most 512 bytes.
	Detail string
}

// Info describes an engine.
type Info struct {
	// Name under which the engine is registered.
	Name string
	// Version of the program, 1..64 bytes.
	Version string
	// Method is how it judges: "signatures", "rules", "heuristics" or what the config says.
	Method string
	// Note tells people what they should know about the result's worth.
	Note string
	// SignatureDigest is the SHA-256 of the signature set, or nil when it has none.
	SignatureDigest []byte
	// SignatureTime is the date of the signature set, by its own statement or else
	// by its newest file; zero when it has none.
	SignatureTime time.Time
}

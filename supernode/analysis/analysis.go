// Package analysis finds static facts about one sample, in an isolated worker.
package analysis

import (
	"context"
	"time"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/engine/filetype"
	"github.com/virusmap/virusmap/supernode/engine/similarity"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// Unknown is the type tag of content that nothing recognised.
const Unknown = filetype.Unknown

// HeadBytes is how much of the beginning decides the type.
const HeadBytes = filetype.HeadBytes

// Facts of a sample.
type Facts = filetype.Facts

// Features are what changed copies of a sample have in common.
type Features = similarity.Features

// MaxFeatureBytes is the largest sample that has features.
const MaxFeatureBytes = similarity.MaxBytes

// Timeouts of one analysis and one fingerprint, which at worst unpacks what it takes.
const (
	timeout            = 20 * time.Second
	fingerprintTimeout = 60 * time.Second
)

// FileType returns VirusTotal's type_tag of content by its first HeadBytes bytes,
// such as "elf", "peexe", "pdf", "zip", "shell", "text" or "unknown". It looks at
// magic numbers only and may run outside of a worker.
func FileType(head []byte) string { return filetype.Of(head) }

// Analyser hands samples to isolated workers.
type Analyser struct {
	pool *worker.Pool
	own  bool
}

// Open uses the given pool, which stays the caller's, or one of its own when nil.
func Open(pool *worker.Pool) (*Analyser, error) {
	if pool != nil {
		return &Analyser{pool: pool}, nil
	}
	pool, err := engine.NewPool(engine.Config{Workers: 1})
	if err != nil {
		return nil, err
	}
	return &Analyser{pool: pool, own: true}, nil
}

// Analyse returns the facts of a sample. When the sample breaks the parser the
// error says so and nothing else is harmed.
func (a *Analyser) Analyse(ctx context.Context, content *engine.Content) (Facts, error) {
	if content.Kind == samplestypes.KIND_URL {
		return Facts{TypeTag: filetype.URL, TypeDescription: "URL", MIME: "text/uri-list"}, nil
	}
	return engine.Analyse(ctx, a.pool, content, timeout)
}

// Fingerprint returns the similarity features of a sample. All analysers come to the same.
func (a *Analyser) Fingerprint(ctx context.Context, content *engine.Content) (Features, error) {
	return engine.Fingerprint(ctx, a.pool, content, fingerprintTimeout)
}

// Close ends the workers when they are the analyser's own.
func (a *Analyser) Close() error {
	if !a.own {
		return nil
	}
	return a.pool.Close()
}

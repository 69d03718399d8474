// Package analysis finds static facts about one sample, in an isolated worker.
package analysis

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"errors"
	"io"
	"time"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/engine/details"
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

// Details are what a report says of a file beside verdicts.
type Details = details.Details

// MaxFeatureBytes is the largest sample that has features.
const MaxFeatureBytes = similarity.MaxBytes

// Timeouts of one analysis, one fingerprint, which at worst unpacks what it takes, and of
// finding details.
const (
	timeout            = 20 * time.Second
	fingerprintTimeout = 60 * time.Second
	detailsTimeout     = 20 * time.Second
)

// FileType returns VirusTotal's type_tag of content by its first HeadBytes bytes,
// such as "elf", "peexe", "pdf", "zip", "shell", "text" or "unknown". It looks at
// magic numbers only and may run outside of a worker.
func FileType(head []byte) string { return filetype.Of(head) }

// TypeDescription is the long name of a type tag, as VirusTotal has it; empty for others.
func TypeDescription(tag string) string { return filetype.DescriptionOf(tag) }

// Identity is what a file is known by.
type Identity struct {
	SHA256  [32]byte
	SHA1    [20]byte
	MD5     [16]byte
	Size    int64 // bytes
	TypeTag string
}

// Identify hashes a content. As FileType it needs no worker.
func Identify(content *engine.Content) (Identity, error) {
	head := make([]byte, min(content.Size, HeadBytes))
	if _, err := content.File.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return Identity{}, err
	}
	legacy, older := sha1.New(), md5.New() //nolint:gosec // what people look files up by
	if _, err := io.Copy(io.MultiWriter(legacy, older), io.NewSectionReader(content.File, 0, content.Size)); err != nil {
		return Identity{}, err
	}
	return Identity{
		SHA256: content.SHA256, SHA1: [20]byte(legacy.Sum(nil)), MD5: [16]byte(older.Sum(nil)), Size: content.Size,
		TypeTag: FileType(head),
	}, nil
}

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

// Details finds what a report says of a file beside verdicts. All analysers come to the same.
func (a *Analyser) Details(ctx context.Context, content *engine.Content) (Details, error) {
	return engine.Details(ctx, a.pool, content, detailsTimeout)
}

// Close ends the workers when they are the analyser's own.
func (a *Analyser) Close() error {
	if !a.own {
		return nil
	}
	return a.pool.Close()
}

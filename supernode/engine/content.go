package engine

import (
	"crypto/sha256"
	"io"
	"os"

	"github.com/virusmap/virusmap/supernode/engine/memfd"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// ErrTooLarge is returned by NewContent when the content is larger than its limit.
var ErrTooLarge = memfd.ErrTooLarge

// Content is one sample in sealed memory: unchangeable, not executable, not on disk.
type Content struct {
	// File must be read with ReadAt: its offset is shared.
	File   *os.File
	Size   int64
	SHA256 [32]byte
	// Kind of the sample; NewContent sets FILE.
	Kind samplestypes.Kind
	// Name is a hint from the submitter and not to be trusted; it may be empty.
	Name string
}

// NewContent reads all of r, at most limit bytes, into sealed memory.
func NewContent(r io.Reader, limit int64) (*Content, error) {
	hash := sha256.New()
	file, size, err := memfd.Create(io.TeeReader(r, hash), limit)
	if err != nil {
		return nil, err
	}
	return &Content{File: file, Size: size, SHA256: [32]byte(hash.Sum(nil)), Kind: samplestypes.KIND_FILE}, nil
}

// Close frees the memory.
func (c *Content) Close() error { return c.File.Close() }

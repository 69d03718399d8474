package vault

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"io"
)

// plainHashes are the names under which the field knows a file. SHA-256 is the
// identity; SHA-1 and MD5 only serve look-ups by older tools.
type plainHashes struct {
	sha256, sha1, md5 hash.Hash
}

func newPlainHashes() *plainHashes {
	return &plainHashes{sha256: sha256.New(), sha1: sha1.New(), md5: md5.New()}
}

func (h *plainHashes) Write(p []byte) (int, error) {
	h.sha256.Write(p)
	h.sha1.Write(p)
	h.md5.Write(p)
	return len(p), nil
}

// backgroundWriter writes to another writer from its own goroutine, so that
// hashing overlaps with encryption and disk. It holds one write at a time.
type backgroundWriter struct {
	pipe *io.PipeWriter
	done chan struct{}
}

// inBackground starts a backgroundWriter; finish must be called exactly once
// before dst is used again.
func inBackground(dst io.Writer) *backgroundWriter {
	reader, writer := io.Pipe()
	b := &backgroundWriter{pipe: writer, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		buf := make([]byte, 128<<10) // more than one age chunk, so that a write never waits for a hash
		_, err := io.CopyBuffer(dst, reader, buf)
		reader.CloseWithError(err)
	}()
	return b
}

func (b *backgroundWriter) Write(p []byte) (int, error) { return b.pipe.Write(p) }

func (b *backgroundWriter) finish() {
	b.pipe.Close()
	<-b.done
}

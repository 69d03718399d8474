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

// Buffers of a backgroundWriter: enough for the writer to work through a whole
// block while hashing catches up.
const (
	backgroundBuffers = 32
	backgroundBuffer  = 64 << 10
)

// backgroundWriter feeds hashes from its own goroutine, so that hashing
// overlaps with encryption and disk. Its memory is bounded by its buffers.
type backgroundWriter struct {
	made       int
	free, full chan []byte
	done       chan error
}

// inBackground starts a backgroundWriter; dst must not be used before finish
// has returned, which must be called exactly once.
func inBackground(dst io.Writer) *backgroundWriter {
	b := &backgroundWriter{
		free: make(chan []byte, backgroundBuffers),
		full: make(chan []byte, backgroundBuffers),
		done: make(chan error, 1),
	}
	go func() {
		var failed error
		for buf := range b.full {
			if failed == nil {
				_, failed = dst.Write(buf)
			}
			b.free <- buf
		}
		b.done <- failed
	}()
	return b
}

// Write never fails; what dst says comes from finish.
func (b *backgroundWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		buf := b.buffer()
		n := copy(buf, p)
		b.full <- buf[:n]
		p = p[n:]
	}
	return written, nil
}

func (b *backgroundWriter) buffer() []byte {
	select {
	case buf := <-b.free:
		return buf[:cap(buf)]
	default:
	}
	if b.made < backgroundBuffers {
		b.made++
		return make([]byte, backgroundBuffer)
	}
	buf := <-b.free
	return buf[:cap(buf)]
}

// finish waits until everything is written and returns the first error of dst.
func (b *backgroundWriter) finish() error {
	close(b.full)
	return <-b.done
}

// Package private keeps what was sent on the private lane: encrypted to the supernode's own
// age identity, in a folder of its own that no other supernode can read from.
package private

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"filippo.io/age"
)

// MaxRecord bounds what Seal takes.
const MaxRecord = 1 << 20

const (
	idBytes  = 16
	suffix   = ".age"
	incoming = ".incoming-"
	// maxOverhead is more than an age file is larger than a record.
	maxOverhead = 16 << 10
)

var (
	// ErrTooLarge is returned for content above its limit.
	ErrTooLarge = errors.New("private: too large")
	// ErrNotFound is returned when nothing is stored under an id.
	ErrNotFound = errors.New("private: not found")
)

var idPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Store is a folder of encrypted contents with random names. It is safe for concurrent use.
type Store struct {
	dir      string
	identity *age.HybridIdentity
	key      []byte // of Tag
}

// Content is what Put stored.
type Content struct {
	ID     string
	SHA256 [32]byte
	SHA1   [20]byte
	MD5    [16]byte
	Size   int64 // bytes
}

// Open makes the folder when it is missing, and drops what a crash left half-written.
func Open(dir string, identity *age.HybridIdentity) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	half, err := filepath.Glob(filepath.Join(dir, incoming+"*"))
	if err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	for _, path := range half {
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("private: %w", err)
		}
	}
	key, err := hkdf.Key(sha256.New, []byte(identity.String()), nil, "virusmap/private-tag/v1", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	return &Store{dir: dir, identity: identity, key: key}, nil
}

// NewID is a random name.
func NewID() string {
	id := make([]byte, idBytes)
	_, _ = rand.Read(id) // ends the process rather than fail
	return hex.EncodeToString(id)
}

// Put encrypts all of r, of at most limit bytes. It is on disk when this returns without
// error; else nothing of it remains. Errors: ErrTooLarge, the error of r, the cause of ctx.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (_ Content, err error) {
	file, err := os.CreateTemp(s.dir, incoming+"*") // mode 0600
	if err != nil {
		return Content{}, fmt.Errorf("private: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close(), os.Remove(file.Name()))
		}
	}()
	c := Content{ID: NewID()}
	if err := s.encrypt(ctx, file, r, limit, &c); err != nil {
		return Content{}, err
	}
	if err := file.Sync(); err != nil {
		return Content{}, fmt.Errorf("private: %w", err)
	}
	if err := os.Rename(file.Name(), s.path(c.ID)); err != nil {
		return Content{}, fmt.Errorf("private: %w", err)
	}
	return c, errors.Join(file.Close(), s.syncDir())
}

func (s *Store) encrypt(ctx context.Context, to io.Writer, r io.Reader, limit int64, c *Content) error {
	sealed, err := age.Encrypt(to, s.identity.Recipient())
	if err != nil {
		return fmt.Errorf("private: %w", err)
	}
	sums := [...]interface {
		io.Writer
		Sum([]byte) []byte
	}{sha256.New(), sha1.New(), md5.New()}
	all := io.MultiWriter(sealed, sums[0], sums[1], sums[2])
	if c.Size, err = io.Copy(all, io.LimitReader(reader{ctx, r}, limit+1)); err != nil {
		return err
	}
	if c.Size > limit {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	copy(c.SHA256[:], sums[0].Sum(nil))
	copy(c.SHA1[:], sums[1].Sum(nil))
	copy(c.MD5[:], sums[2].Sum(nil))
	return sealed.Close()
}

// reader ends with its context.
type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

func (s *Store) path(id string) string { return filepath.Join(s.dir, id+suffix) }

func (s *Store) syncDir() error {
	dir, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Open decrypts a content while it is read; what was read is genuine when Read has returned
// io.EOF. Errors: ErrNotFound.
func (s *Store) Open(id string) (io.ReadCloser, error) {
	if !idPattern.MatchString(id) {
		return nil, ErrNotFound
	}
	file, err := os.Open(s.path(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	plain, err := age.Decrypt(file, s.identity)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("private: %w", err), file.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, file}, nil
}

// Remove deletes a content; one that is not there is none.
func (s *Store) Remove(id string) error {
	if !idPattern.MatchString(id) {
		return nil
	}
	if err := os.Remove(s.path(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("private: %w", err)
	}
	return nil
}

// Older lists the contents that were stored before a time.
func (s *Store) Older(than time.Time) ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	var ids []string
	for _, entry := range entries {
		id, named := strings.CutSuffix(entry.Name(), suffix)
		info, err := entry.Info()
		if named && err == nil && idPattern.MatchString(id) && info.ModTime().Before(than) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Tag is a keyed hash: the same for the same text under the same identity, and nothing to
// who does not have it.
func (s *Store) Tag(kind string, text []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	fmt.Fprintf(mac, "%s\x00%s", kind, text)
	return mac.Sum(nil)
}

// Seal encrypts a record to the identity.
func (s *Store) Seal(record []byte) ([]byte, error) {
	if len(record) > MaxRecord {
		return nil, fmt.Errorf("%w: record of %d bytes, at most %d", ErrTooLarge, len(record), MaxRecord)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, s.identity.Recipient())
	if err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	_, err = w.Write(record)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	return sealed.Bytes(), nil
}

// Unseal undoes Seal.
func (s *Store) Unseal(sealed []byte) ([]byte, error) {
	if len(sealed) > MaxRecord+maxOverhead {
		return nil, fmt.Errorf("%w: sealed record of %d bytes", ErrTooLarge, len(sealed))
	}
	plain, err := age.Decrypt(bytes.NewReader(sealed), s.identity)
	if err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	record, err := io.ReadAll(plain)
	if err != nil {
		return nil, fmt.Errorf("private: %w", err)
	}
	return record, nil
}

// Package zipbundle makes ZIP files of samples, encrypted with a password by WinZip's AES-256
// (https://www.winzip.com/en/support/aes-encryption/), which 7-Zip and all common tools open.
// They are made one after the other for each account, on disk, and kept for a while.
package zipbundle

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of bundles.
const (
	MaxHashes        = 100
	MaxPasswordBytes = 128
	// Lifetime is how long a bundle is kept after it was asked for.
	Lifetime = time.Hour

	// maxBundles bounds those of all accounts that are kept, maxOfAccount those of one: its
	// oldest gives way.
	maxBundles   = 256
	maxOfAccount = 8
	// makeTimeout bounds the making of one.
	makeTimeout = 15 * time.Minute
)

// Status is one of VirusTotal's words for how far a bundle is.
type Status string

// The states of a bundle.
const (
	Starting      Status = "starting"
	Creating      Status = "creating"
	Finished      Status = "finished"
	ErrorStarting Status = "error-starting"
	ErrorCreating Status = "error-creating"
	Timeout       Status = "timeout"
)

var (
	// ErrRequest is returned for a request that is out of bounds.
	ErrRequest = errors.New("request")
	// ErrBusy is returned while another bundle of the account is being made.
	ErrBusy = errors.New("another bundle of the account is being made")
	// ErrFull is returned when as many bundles are kept as may be.
	ErrFull = errors.New("too many bundles are kept")
	// ErrNotFound is returned for a bundle that there is not, or not any more, or that is
	// another account's.
	ErrNotFound = errors.New("no such bundle")
	// ErrUnfinished is returned for the file of a bundle that is not finished.
	ErrUnfinished = errors.New("the bundle is not finished")
	// ErrNotEntitled is what a Source returns for a sample that an account may not have.
	ErrNotEntitled = errors.New("not entitled")
)

// Source opens the plaintext of a sample for an account. Reading to the end without error
// proves that it is the sample's; until then it is not known. Errors: ErrNotEntitled.
type Source func(ctx context.Context, account string, sha256 [32]byte) (io.ReadCloser, error)

// Config tells where bundles are and how large one may be, in bytes of plaintext.
type Config struct {
	Dir      string
	MaxBytes int64
	Source   Source
	Now      func() time.Time
	Log      *slog.Logger
}

// Bundles makes and keeps bundles. Make one with New.
type Bundles struct {
	cfg  Config
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex
	bundles map[string]*bundle
}

// Info tells how far a bundle is.
type Info struct {
	ID       string
	Status   Status
	Progress int // percent
	FilesOK  int
	// FilesError counts those that the account may not have, and those that could not be opened.
	FilesError int
}

type bundle struct {
	Info
	account  string
	password string
	hashes   [][32]byte
	expires  time.Time
}

// New empties the folder of what an earlier run left there.
func New(cfg Config) (*Bundles, error) {
	if err := os.RemoveAll(cfg.Dir); err != nil {
		return nil, fmt.Errorf("zipbundle: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("zipbundle: %w", err)
	}
	b := &Bundles{cfg: cfg, bundles: make(map[string]*bundle)}
	b.ctx, b.stop = context.WithCancel(context.Background())
	b.work.Go(b.clean)
	return b, nil
}

// clean removes expired bundles when nobody asks for any.
func (b *Bundles) clean() {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-ticker.C:
			b.mu.Lock()
			b.expire()
			b.mu.Unlock()
		}
	}
}

// Close ends what is being made and waits for it.
func (b *Bundles) Close() error {
	b.stop()
	b.work.Wait()
	return os.RemoveAll(b.cfg.Dir)
}

// Create begins a bundle of samples by their SHA-256; the same one twice counts once. Errors:
// ErrRequest, ErrBusy, ErrFull.
func (b *Bundles) Create(account string, hashes [][32]byte, password string) (Info, error) {
	if len(hashes) == 0 || len(hashes) > MaxHashes {
		return Info{}, fmt.Errorf("%w: hashes: %d, want 1..%d", ErrRequest, len(hashes), MaxHashes)
	}
	if err := checkPassword(password); err != nil {
		return Info{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	own := b.of(account)
	if slices.ContainsFunc(own, (*bundle).running) {
		return Info{}, ErrBusy
	}
	for len(own) >= maxOfAccount {
		b.drop(own[0].ID)
		own = own[1:]
	}
	if len(b.bundles) >= maxBundles {
		return Info{}, ErrFull
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // it does not fail
	made := &bundle{
		Info: Info{ID: hex.EncodeToString(id[:]), Status: Starting}, account: account, password: password,
		hashes: distinct(hashes), expires: b.cfg.Now().Add(Lifetime),
	}
	b.bundles[made.ID] = made
	b.work.Go(func() { b.make(made) })
	return made.Info, nil
}

// checkPassword takes an empty one for none.
func checkPassword(password string) error {
	if len(password) > MaxPasswordBytes {
		return fmt.Errorf("%w: password: %d bytes, at most %d", ErrRequest, len(password), MaxPasswordBytes)
	}
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return fmt.Errorf("%w: password: it is not printable UTF-8", ErrRequest)
	}
	return nil
}

func distinct(hashes [][32]byte) [][32]byte {
	seen := make(map[[32]byte]bool, len(hashes))
	var kept [][32]byte
	for _, hash := range hashes {
		if !seen[hash] {
			seen[hash] = true
			kept = append(kept, hash)
		}
	}
	return kept
}

func (m *bundle) running() bool { return m.Status == Starting || m.Status == Creating }

// expire drops the bundles whose time is over. The lock is held.
func (b *Bundles) expire() {
	for id, m := range b.bundles {
		if !m.running() && !b.cfg.Now().Before(m.expires) {
			b.drop(id)
		}
	}
}

func (b *Bundles) drop(id string) {
	delete(b.bundles, id)
	_ = os.Remove(b.path(id)) // an open download goes on
}

// of are the bundles of an account, the oldest first. The lock is held.
func (b *Bundles) of(account string) (own []*bundle) {
	for _, m := range b.bundles {
		if m.account == account {
			own = append(own, m)
		}
	}
	slices.SortFunc(own, func(x, y *bundle) int { return x.expires.Compare(y.expires) })
	return own
}

func (b *Bundles) path(id string) string { return filepath.Join(b.cfg.Dir, id+".zip") }

// Info tells how far a bundle of an account is. Errors: ErrNotFound.
func (b *Bundles) Info(account, id string) (Info, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	m := b.bundles[id]
	if m == nil || m.account != account {
		return Info{}, ErrNotFound
	}
	return m.Info, nil
}

// Open opens the file of a finished bundle of an account. Errors: ErrNotFound, ErrUnfinished.
func (b *Bundles) Open(account, id string) (*os.File, error) {
	info, err := b.Info(account, id)
	if err != nil {
		return nil, err
	}
	if info.Status != Finished {
		return nil, ErrUnfinished
	}
	return os.Open(b.path(id))
}

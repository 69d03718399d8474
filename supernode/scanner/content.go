package scanner

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/vault"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// fetched hands the members on one by one as their ciphertexts get here. What nobody
// sends soon is asked for again after all the others, so that it holds none of them up.
func (s *Scanner) fetched(ctx context.Context, urgent urgency, members []*member) <-chan *member {
	const soon = 2 * time.Second
	ready := make(chan *member, len(members))
	go func() {
		defer close(ready)
		deadline, _ := ctx.Deadline()
		first := access{s.gates.soon, urgent, soon}
		late := s.fetch(ctx, first, members, ready)
		again := access{s.gates.late, urgent, time.Until(deadline)}
		s.fetch(ctx, again, late, ready)
	}()
	return ready
}

// fetching is how many samples are fetched at one time, which is as many blocks as one
// caller fetches from the vault.
const fetching = 32

// access is how samples are fetched: through which gate, how urgently, for how long each.
type access struct {
	*gate
	urgent   urgency
	patience time.Duration
}

// fetch gives each member the same time and returns those that did not come in it.
func (s *Scanner) fetch(ctx context.Context, a access, members []*member, ready chan<- *member) (late []*member) {
	var (
		group errgroup.Group
		mu    sync.Mutex
	)
	group.SetLimit(fetching)
	for _, m := range members {
		group.Go(func() error {
			if a.acquire(ctx, a.urgent, 1) != nil {
				return nil // out of time
			}
			defer a.release(1)
			wait, cancel := context.WithTimeout(ctx, a.patience)
			defer cancel()
			if m.err == nil {
				err := s.bring(wait, m)
				if err != nil && wait.Err() != nil {
					mu.Lock()
					defer mu.Unlock()
					late = append(late, m)
					return nil
				}
				m.err = err
			}
			ready <- m
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
	return late
}

// bring stores the ciphertext of a member here.
func (s *Scanner) bring(ctx context.Context, m *member) error {
	id, err := cid.Cast(m.record.Sealing.Cid)
	if err != nil {
		return errors.Join(errMismatch, err)
	}
	return s.Vault.Fetch(ctx, []cid.Cid{id})
}

// open decrypts a fetched member into memory and checks that it is what was submitted.
func (s *Scanner) open(ctx context.Context, urgent urgency, m *member) (*engine.Content, error) {
	if m.err != nil {
		return nil, m.err
	}
	size := int64(m.record.SizeBytes)
	if size > s.cfg.MemoryBytes {
		return nil, fmt.Errorf("its %d bytes are more than memory_bytes, %d", size, s.cfg.MemoryBytes)
	}
	if err := s.gates.memory.acquire(ctx, urgent, size); err != nil {
		return nil, err
	}
	content, err := s.decrypt(ctx, m)
	if err != nil {
		s.gates.memory.release(size)
		return nil, err
	}
	return content, nil
}

// release gives the memory of a content back.
func (s *Scanner) release(content *engine.Content) {
	if err := content.Close(); err != nil {
		s.Log.Warn("content does not close", "error", err)
	}
	s.gates.memory.release(content.Size)
}

// blame tells what to answer for a member that could not be opened: UNDECRYPTABLE is
// the submitter's fault beyond doubt, FAILURE and TIMEOUT are not.
func (s *Scanner) blame(ctx context.Context, m *member, err error) verdictstypes.Category {
	s.Log.Warn("sample cannot be opened", "sha256", hex.EncodeToString(m.sha256), "error", err)
	switch {
	case errors.Is(err, errMismatch), errors.Is(err, vault.ErrUndecryptable), errors.Is(err, vault.ErrNoKey), errors.Is(err, engine.ErrTooLarge):
		return verdictstypes.CATEGORY_UNDECRYPTABLE
	case errors.Is(err, vault.ErrTooLarge) && m.record.SizeBytes <= vault.DefaultMaxSize:
		// The vault takes as much as was claimed, so there is more.
		return verdictstypes.CATEGORY_UNDECRYPTABLE
	case ctx.Err() != nil:
		return verdictstypes.CATEGORY_TIMEOUT
	default:
		return verdictstypes.CATEGORY_FAILURE
	}
}

// errMismatch means that a ciphertext opens to something else than was submitted.
var errMismatch = errors.New("content does not match its record")

func (s *Scanner) decrypt(ctx context.Context, m *member) (*engine.Content, error) {
	id, err := cid.Cast(m.record.Sealing.Cid)
	if err != nil {
		return nil, errors.Join(errMismatch, err)
	}
	plain, err := s.Vault.Unseal(ctx, id, m.identity)
	if err != nil {
		return nil, err
	}
	defer func() { _ = plain.Close() }()
	content, err := engine.NewContent(plain, int64(m.record.SizeBytes))
	if err != nil {
		return nil, err
	}
	content.Kind = m.record.Kind
	if err := matches(content, plain, m); err != nil {
		return nil, errors.Join(err, content.Close())
	}
	return content, nil
}

// matches compares everything the submission promised.
func matches(content *engine.Content, plain *vault.Plaintext, m *member) error {
	sealing := m.record.Sealing
	stored, root, err := plain.Stored()
	if err != nil {
		return err
	}
	commitment := plain.KeyCommitment()
	for _, part := range []struct {
		name string
		same bool
	}{
		{"sha256", bytes.Equal(content.SHA256[:], m.sha256)},
		{"size_bytes", content.Size == int64(m.record.SizeBytes)},
		{"sealing.key_commitment", bytes.Equal(commitment[:], sealing.KeyCommitment)},
		{"sealing.storage_root", bytes.Equal(root[:], sealing.StorageRoot)},
		{"sealing.size_bytes", stored == int64(sealing.SizeBytes)},
	} {
		if !part.same {
			return fmt.Errorf("%w: %s", errMismatch, part.name)
		}
	}
	return nil
}

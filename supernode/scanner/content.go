package scanner

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"

	"github.com/ipfs/go-cid"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/vault"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// prefetch brings the ciphertexts of a round here side by side; what fails is tried
// again, alone, when it is opened.
func (s *Scanner) prefetch(ctx context.Context, samples []member) {
	var missing []cid.Cid
	for _, sample := range samples {
		id, err := cid.Cast(sample.record.Sealing.Cid)
		if err == nil && !s.Vault.Has(ctx, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return
	}
	if err := s.Vault.Fetch(ctx, missing); err != nil {
		s.Log.Warn("not everything could be fetched", "samples", len(missing), "error", err)
	}
}

// open decrypts a sample into memory and checks that it is what was submitted. The
// category says why it could not be opened: UNDECRYPTABLE is the submitter's fault,
// FAILURE and TIMEOUT are not.
func (s *Scanner) open(ctx context.Context, sample member) (*engine.Content, verdictstypes.Category) {
	size := int64(sample.record.SizeBytes)
	if size > s.cfg.MemoryBytes {
		s.Log.Warn("sample is larger than memory_bytes", "sha256", hex.EncodeToString(sample.sha256), "size", size)
		return nil, verdictstypes.CATEGORY_FAILURE
	}
	if s.memory.Acquire(ctx, size) != nil {
		return nil, verdictstypes.CATEGORY_TIMEOUT
	}
	content, err := s.decrypt(ctx, sample)
	if err == nil {
		return content, verdictstypes.CATEGORY_UNSPECIFIED
	}
	s.memory.Release(size)
	s.Log.Warn("sample cannot be opened", "sha256", hex.EncodeToString(sample.sha256), "error", err)
	switch {
	case errors.Is(err, errMismatch), errors.Is(err, vault.ErrUndecryptable), errors.Is(err, vault.ErrTooLarge),
		errors.Is(err, vault.ErrNoKey), errors.Is(err, engine.ErrTooLarge):
		return nil, verdictstypes.CATEGORY_UNDECRYPTABLE
	case ctx.Err() != nil:
		return nil, verdictstypes.CATEGORY_TIMEOUT
	default:
		return nil, verdictstypes.CATEGORY_FAILURE
	}
}

// release gives the memory of a content back.
func (s *Scanner) release(content *engine.Content) {
	size := content.Size
	if err := content.Close(); err != nil {
		s.Log.Warn("content does not close", "error", err)
	}
	s.memory.Release(size)
}

// errMismatch means that a ciphertext opens to something else than was submitted.
var errMismatch = errors.New("content does not match its record")

func (s *Scanner) decrypt(ctx context.Context, sample member) (*engine.Content, error) {
	sealing := sample.record.Sealing
	// The identity comes first: without the epoch's key nothing can be said of the sample.
	identity, err := s.keys.identity(ctx, sealing.VaultEpoch)
	if err != nil {
		return nil, err
	}
	id, err := cid.Cast(sealing.Cid)
	if err != nil {
		return nil, errors.Join(errMismatch, err)
	}
	plain, err := s.Vault.Unseal(ctx, id, identity)
	if err != nil {
		return nil, err
	}
	defer func() { _ = plain.Close() }()
	content, err := engine.NewContent(plain, int64(sample.record.SizeBytes))
	if err != nil {
		return nil, err
	}
	content.Kind = sample.record.Kind
	if err := matches(content, plain, sample); err != nil {
		return nil, errors.Join(err, content.Close())
	}
	return content, nil
}

// matches compares everything the submission promised.
func matches(content *engine.Content, plain *vault.Plaintext, sample member) error {
	sealing := sample.record.Sealing
	stored, root, err := plain.Stored()
	if err != nil {
		return err
	}
	commitment := plain.KeyCommitment()
	switch {
	case !bytes.Equal(content.SHA256[:], sample.sha256), content.Size != int64(sample.record.SizeBytes),
		!bytes.Equal(commitment[:], sealing.KeyCommitment),
		!bytes.Equal(root[:], sealing.StorageRoot), stored != int64(sealing.SizeBytes):
		return errMismatch
	}
	return nil
}

package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
)

// fileKeyDomain separates key commitments from every other use of SHA-256.
const fileKeyDomain = "virusmap/file-key/v1"

// KeyCommitment is SHA-256("virusmap/file-key/v1" || fileKey). It is published
// with a sample so that a buyer who is sent a wrong file key can prove it.
func KeyCommitment(fileKey []byte) [32]byte {
	return sha256.Sum256(append([]byte(fileKeyDomain), fileKey...))
}

// FileKey opens the file key of the sample under c with the first identity that fits. It
// reads no more than the age header, here or from peers, and stores nothing. Whether the
// rest of the ciphertext is intact it cannot tell.
//
// Errors: as Unseal.
func (v *Vault) FileKey(ctx context.Context, c cid.Cid, with ...age.Identity) ([]byte, error) {
	if len(with) == 0 {
		return nil, fmt.Errorf("vault: file key of %s: an identity is required", c)
	}
	head, err := v.head(ctx, c, maxHeader)
	if err != nil {
		return nil, fmt.Errorf("vault: file key of %s: %w", c, err)
	}
	key, err := openHeader(head, with)
	if err != nil {
		return nil, fmt.Errorf("vault: file key of %s: %w", c, err)
	}
	return key, nil
}

// openHeader opens the age header that data begins with.
func openHeader(data []byte, with []age.Identity) ([]byte, error) {
	header, err := age.ExtractHeader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	key, err := age.DecryptHeader(header, &committingIdentity{with: with})
	var noMatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &noMatch):
		return nil, ErrNoKey
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	return key, nil
}

// committingRecipient notes the commitment to the file key that age draws
// while it wraps the key for the real recipient.
type committingRecipient struct {
	to         age.Recipient
	commitment [32]byte
}

func (r *committingRecipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	stanzas, _, err := r.WrapWithLabels(fileKey)
	return stanzas, err
}

// WrapWithLabels passes the labels of the real recipient on: they are how age
// refuses to mix post-quantum recipients with classical ones.
func (r *committingRecipient) WrapWithLabels(fileKey []byte) (stanzas []*age.Stanza, labels []string, err error) {
	if to, ok := r.to.(age.RecipientWithLabels); ok {
		stanzas, labels, err = to.WrapWithLabels(fileKey)
	} else {
		stanzas, err = r.to.Wrap(fileKey)
	}
	if err != nil {
		return nil, nil, err
	}
	if len(stanzas) != 1 {
		return nil, nil, fmt.Errorf("recipient wrote %d stanzas, want exactly 1", len(stanzas))
	}
	r.commitment = KeyCommitment(fileKey)
	return stanzas, labels, nil
}

// committingIdentity tries identities in order and notes the commitment to the
// file key of the one that opens the single stanza. The header MAC, which age
// checks next, makes that file key the only one the header admits.
type committingIdentity struct {
	with       []age.Identity
	commitment [32]byte
}

func (i *committingIdentity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 {
		return nil, fmt.Errorf("file has %d recipient stanzas, want exactly 1", len(stanzas))
	}
	for _, id := range i.with {
		fileKey, err := id.Unwrap(stanzas)
		if errors.Is(err, age.ErrIncorrectIdentity) {
			continue
		}
		if err != nil {
			return nil, err
		}
		i.commitment = KeyCommitment(fileKey)
		return fileKey, nil
	}
	return nil, age.ErrIncorrectIdentity
}

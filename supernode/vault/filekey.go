package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"filippo.io/age"
)

// fileKeyDomain separates key commitments from every other use of SHA-256.
const fileKeyDomain = "virusmap/file-key/v1"

// KeyCommitment is SHA-256("virusmap/file-key/v1" || fileKey). It is published
// with a sample so that a buyer who is sent a wrong file key can prove it.
func KeyCommitment(fileKey []byte) [32]byte {
	return sha256.Sum256(append([]byte(fileKeyDomain), fileKey...))
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

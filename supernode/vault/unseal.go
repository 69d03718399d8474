package vault

import (
	"context"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
)

// Plaintext streams the content of a sealed sample. It is authenticated chunk
// by chunk: what was read before an error is genuine, but the sample as a whole
// is only once Read has returned io.EOF. Reads end with the context of Unseal.
type Plaintext struct {
	decrypted  io.Reader
	from       *boundedHeader
	commitment [32]byte
	stored     *storageRoot
	close      func() error
}

// Unseal opens the sample under c with the first identity that fits, fetching
// its ciphertext from peers when it is missing.
//
// Errors: ErrNotFound (try again), ErrNoKey, ErrUndecryptable and ErrTooLarge
// (final for this CID), the cause of ctx.
func (v *Vault) Unseal(ctx context.Context, c cid.Cid, with ...age.Identity) (*Plaintext, error) {
	if len(with) == 0 {
		return nil, fmt.Errorf("vault: unseal %s: an identity is required", c)
	}
	file, err := v.Ciphertext(ctx, c)
	if err != nil {
		return nil, err
	}
	plain, err := decrypt(file, with)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("vault: unseal %s: %w", c, err)
	}
	return plain, nil
}

func decrypt(file io.ReadCloser, with []age.Identity) (*Plaintext, error) {
	identity := &committingIdentity{with: with}
	stored := newStorageRoot()
	from := &boundedHeader{r: io.TeeReader(file, stored), left: maxHeader}
	decrypted, err := age.Decrypt(from, identity)
	var noMatch *age.NoIdentityMatchError
	switch {
	case from.err != nil:
		return nil, from.err
	case errors.As(err, &noMatch):
		return nil, ErrNoKey
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
	from.left = -1
	return &Plaintext{decrypted: decrypted, from: from, commitment: identity.commitment, stored: stored, close: file.Close}, nil
}

// KeyCommitment is the commitment to the file key that opened the sample.
func (p *Plaintext) KeyCommitment() [32]byte { return p.commitment }

// Stored tells the size and the storage root of the ciphertext, once Read has
// returned io.EOF.
func (p *Plaintext) Stored() (size int64, root [32]byte, err error) {
	root, err = p.stored.sum()
	return p.stored.size, root, err
}

// Read gives the next plaintext. Errors: ErrUndecryptable when the ciphertext
// was tampered with or cut short, otherwise the failure of the store.
func (p *Plaintext) Read(b []byte) (int, error) {
	n, err := p.decrypted.Read(b)
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case p.from.err != nil:
		return n, p.from.err
	default:
		return n, fmt.Errorf("%w: %w", ErrUndecryptable, err)
	}
}

// Close releases the ciphertext.
func (p *Plaintext) Close() error { return p.close() }

// boundedHeader stops a hostile file from growing the age header without end,
// and tells failures of the store from failures of the format.
type boundedHeader struct {
	r    io.Reader
	left int // bytes that the header may still take; negative is no bound
	err  error
}

func (b *boundedHeader) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, fmt.Errorf("header is larger than %d bytes", maxHeader)
	}
	if b.left > 0 {
		p = p[:min(len(p), b.left)]
	}
	n, err := b.r.Read(p)
	if b.left > 0 {
		b.left -= n
	}
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
)

// MaxSealedIdentity is the largest sealed identity in bytes, as on chain.
const MaxSealedIdentity = 4096

// LoadOrCreateIdentity reads the post-quantum age identity at path, or makes a
// new one there with mode 0600. The file is what `age-keygen -pq` writes, so
// the stock age tools read it. The public half is Recipient().String().
func LoadOrCreateIdentity(path string) (*age.HybridIdentity, error) {
	data, err := LoadOrCreateSecret(path, func() ([]byte, error) {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, err
		}
		return fmt.Appendf(nil, "# created: %s\n# public key: %s\n%s\n", time.Now().UTC().Format(time.RFC3339), id.Recipient(), id), nil
	})
	if err != nil {
		return nil, fmt.Errorf("vault: identity file: %w", err)
	}
	id, err := parseIdentity(data)
	if err != nil {
		return nil, fmt.Errorf("vault: identity file %s: %w", path, err)
	}
	return id, nil
}

// parseIdentity takes an age identity file with exactly one post-quantum key.
func parseIdentity(data []byte) (*age.HybridIdentity, error) {
	ids, err := age.ParseIdentities(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("not an age identity file") // the cause may quote the secret
	}
	if len(ids) != 1 {
		return nil, fmt.Errorf("%d identities, want exactly 1", len(ids))
	}
	id, ok := ids[0].(*age.HybridIdentity)
	if !ok {
		return nil, errors.New("identity is not post-quantum, want an AGE-SECRET-KEY-PQ-1 key")
	}
	return id, nil
}

// NewEpochKey makes the vault key of an epoch. Like crypto/rand it cannot fail:
// without a source of randomness the process ends.
func NewEpochKey() *age.HybridIdentity {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		panic(fmt.Errorf("vault: generate epoch key: %w", err))
	}
	return id
}

// SealIdentity encrypts id to a post-quantum recipient (age1pq1...). The result
// is a binary age file around an age identity file: `age -d` gives back a key
// that `age -d -i` takes. It is at most MaxSealedIdentity bytes.
func SealIdentity(id *age.HybridIdentity, toRecipient string) ([]byte, error) {
	to, err := age.ParseHybridRecipient(toRecipient)
	if err != nil {
		return nil, fmt.Errorf("vault: seal identity: recipient: %w", err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, fmt.Errorf("vault: seal identity: %w", err)
	}
	_, err = io.WriteString(w, id.String()+"\n")
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("vault: seal identity: %w", err)
	}
	return sealed.Bytes(), nil
}

// OpenIdentity undoes SealIdentity. Whether the key is the one that was
// published is for the caller to check: compare Recipient().String().
//
// Errors: ErrTooLarge, ErrNoKey, ErrUndecryptable.
func OpenIdentity(sealed []byte, own age.Identity) (*age.HybridIdentity, error) {
	if len(sealed) > MaxSealedIdentity {
		return nil, fmt.Errorf("vault: open identity: %w: it has %d bytes, limit %d", ErrTooLarge, len(sealed), MaxSealedIdentity)
	}
	plain, err := decrypt(io.NopCloser(bytes.NewReader(sealed)), []age.Identity{own})
	if err != nil {
		return nil, fmt.Errorf("vault: open identity: %w", err)
	}
	data, err := io.ReadAll(plain)
	if err != nil {
		return nil, fmt.Errorf("vault: open identity: %w", err)
	}
	id, err := parseIdentity(data)
	if err != nil {
		return nil, fmt.Errorf("vault: open identity: %w: %w", ErrUndecryptable, err)
	}
	return id, nil
}

// SealedFileKey returns the file key of what SealIdentity made when own opens it, else
// nil. With it anybody can see what is inside this one file and nothing else, so that a
// wrong content can be shown without giving own away.
func SealedFileKey(sealed []byte, own age.Identity) []byte {
	if len(sealed) > MaxSealedIdentity {
		return nil
	}
	fileKey, err := age.DecryptHeader(sealed, own)
	if err != nil {
		return nil
	}
	return fileKey
}

package types

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"

	"filippo.io/age"
)

const (
	// FileKeyBytes is the size of an age file key.
	FileKeyBytes = 16
	// MaxIdentityBytes bounds an identity in a report; a post-quantum one has 77.
	MaxIdentityBytes = 128

	hybridStanza = "mlkem768x25519"
)

// RecipientHash is the SHA-256 of a recipient as it is published.
func RecipientHash(recipient string) []byte {
	hash := sha256.Sum256([]byte(recipient))
	return hash[:]
}

// HasProof tells whether a report claims to prove that the key is wrong.
func (m *MsgReportVaultKey) HasProof() bool { return len(m.FileKey) > 0 || m.Identity != "" }

// CheckProof returns ErrInvalidReport unless a report has at most one proof, of its size.
func (m *MsgReportVaultKey) CheckProof() error {
	if len(m.FileKey) > 0 && m.Identity != "" {
		return ErrInvalidReport.Wrap("file_key and identity are both given, want at most one")
	}
	if size := len(m.FileKey); size > 0 && size != FileKeyBytes {
		return ErrInvalidReport.Wrapf("file_key has %d bytes, want %d", size, FileKeyBytes)
	}
	if size := len(m.Identity); size > MaxIdentityBytes {
		return ErrInvalidReport.Wrapf("identity has %d bytes, want at most %d", size, MaxIdentityBytes)
	}
	return nil
}

// Proves returns nil when the proof of a report shows that its maker sealed something else
// than the secret half of recipient, and ErrInvalidReport when it shows nothing.
func (m *MsgReportVaultKey) Proves(sealed SealedKey, recipient string) error {
	if len(m.FileKey) > 0 {
		return sealed.provenByFileKey(m.FileKey, recipient)
	}
	return sealed.provenByIdentity(m.Identity, recipient)
}

// provenByFileKey: the MAC of an age header fits one file key only, so whoever shows that one
// has opened what the maker sealed.
func (k SealedKey) provenByFileKey(fileKey []byte, recipient string) error {
	injected := age.NewInjectedFileKeyIdentity(fileKey)
	if _, err := age.DecryptHeader(k.Sealed, injected); err != nil {
		return ErrInvalidReport.Wrapf("file_key does not open the sealed key: %v", err)
	}
	if k.opensTo(injected, recipient) {
		return ErrInvalidReport.Wrap("file_key: the sealed key is right")
	}
	return nil
}

// provenByIdentity: the maker had to seal to the recipient that was published, and that
// recipient's identity does not open it.
func (k SealedKey) provenByIdentity(identity, recipient string) error {
	own, err := age.ParseHybridIdentity(identity)
	if err != nil {
		return ErrInvalidReport.Wrap("identity is no post-quantum age identity")
	}
	if !bytes.Equal(RecipientHash(own.Recipient().String()), k.RecipientHash) {
		return ErrInvalidReport.Wrap("identity is not the one that the key was to be sealed to")
	}
	if k.opensTo(own, recipient) {
		return ErrInvalidReport.Wrap("identity: the sealed key is right")
	}
	return nil
}

// opensTo tells whether an identity opens a sealed key to the secret half of recipient: an
// age identity file with that one identity, which is also what supernodes take.
func (k SealedKey) opensTo(identity age.Identity, recipient string) bool {
	plain, err := age.Decrypt(bytes.NewReader(k.Sealed), identity)
	if err != nil {
		return false
	}
	file, err := io.ReadAll(io.LimitReader(plain, MaxSealedKeyBytes))
	if err != nil {
		return false
	}
	secrets, err := age.ParseIdentities(bytes.NewReader(file))
	if err != nil || len(secrets) != 1 {
		return false
	}
	secret, ok := secrets[0].(*age.HybridIdentity)
	return ok && secret.Recipient().String() == recipient
}

// headerReader is an identity that opens nothing and keeps the stanzas it is shown.
type headerReader struct{ stanzas []*age.Stanza }

func (r *headerReader) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	r.stanzas = stanzas
	return nil, age.ErrIncorrectIdentity
}

// checkSealed returns ErrInvalidSealedKeys unless field is an age file to one post-quantum
// recipient, as far as this can be seen from outside.
func checkSealed(field string, sealed []byte) error {
	var header headerReader
	_, err := age.DecryptHeader(sealed, &header)
	if !errors.Is(err, age.ErrIncorrectIdentity) {
		return ErrInvalidSealedKeys.Wrapf("%s is no age file: %v", field, err)
	}
	if len(header.stanzas) != 1 || header.stanzas[0].Type != hybridStanza {
		return ErrInvalidSealedKeys.Wrapf("%s is not sealed to exactly one post-quantum recipient", field)
	}
	return nil
}

// Package claims keeps the salts of claims in a file, between `vmtd tx samples claim`,
// which makes them, and `virusmap submit --claims`, which opens them.
package claims

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/virusmap/virusmap/x/samples/types"
)

// maxFileBytes bounds what is read as a file of claims.
const maxFileBytes = 16 << 20

// File is what one contributor claims.
type File struct {
	Contributor string  `json:"contributor"`
	Claims      []Claim `json:"claims"`
}

// Claim is about one content. Whoever knows the salt before the submission shows it can
// tell what was claimed, so it is a secret until then.
type Claim struct {
	// Path is where the content was found; it is there for people.
	Path   string `json:"path"`
	SHA256 Hex    `json:"sha256"`
	Salt   Hex    `json:"salt"`
}

// Hex is 32 bytes that are written in hex.
type Hex [32]byte

// MarshalText writes 64 lower-case digits.
func (h Hex) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads 64 digits.
func (h *Hex) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(h) {
		return fmt.Errorf("%.80q is not %d bytes in hex", text, len(h))
	}
	copy(h[:], raw)
	return nil
}

// New claims the contents of files for a contributor, each under a random salt. A content
// that several files have is claimed once.
func New(contributor string, paths []string) (File, error) {
	file := File{Contributor: contributor}
	for _, path := range paths {
		hash, err := hashOf(path)
		if err != nil {
			return File{}, err
		}
		if _, claimed := file.Salt(hash); claimed {
			continue
		}
		claim := Claim{Path: path, SHA256: hash}
		if _, err := rand.Read(claim.Salt[:]); err != nil {
			return File{}, err
		}
		file.Claims = append(file.Claims, claim)
	}
	return file, file.validate()
}

// Salt returns the salt of a content's claim.
func (f File) Salt(sha256 [32]byte) (salt [32]byte, claimed bool) {
	for _, claim := range f.Claims {
		if claim.SHA256 == sha256 {
			return claim.Salt, true
		}
	}
	return salt, false
}

// Hashes are what goes on chain, see types.ClaimHash.
func (f File) Hashes() ([][]byte, error) {
	contributor, err := types.ParseAddress("contributor", f.Contributor)
	if err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(f.Claims))
	for i, claim := range f.Claims {
		hashes[i] = types.ClaimHash(claim.SHA256[:], contributor, claim.Salt[:])
	}
	return hashes, nil
}

func (f File) validate() error {
	if _, err := types.ParseAddress("contributor", f.Contributor); err != nil {
		return err
	}
	if len(f.Claims) == 0 {
		return errors.New("claims: there are none")
	}
	return nil
}

// Write writes a new file that only its owner can read.
func (f File) Write(path string) error {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	return errors.Join(err, file.Sync(), file.Close())
}

// Read reads what Write wrote.
func Read(path string) (File, error) {
	file, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return File{}, err
	}
	if len(data) > maxFileBytes {
		return File{}, fmt.Errorf("%s: larger than %d bytes", path, maxFileBytes)
	}
	claims, err := parse(data)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return claims, nil
}

func parse(data []byte) (file File, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return File{}, err
	}
	return file, file.validate()
}

func hashOf(path string) (sum Hex, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err == nil && size == 0 {
		err = fmt.Errorf("%s is empty", path)
	}
	return Hex(hash.Sum(nil)), err
}

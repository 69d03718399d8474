package weburl

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// maxIDBytes is the longest base64 of a URL.
const maxIDBytes = (MaxBytes + 2) / 3 * 4

// ParseID reads both forms of a URL's id in VirusTotal's API: the SHA-256 of the canonical
// text in 64 hexadecimal digits, and the base64 of the URL itself, in the URL-safe alphabet
// and without padding (padding and the standard alphabet are taken too). What looks like a
// SHA-256 is one.
func ParseID(id string) ([32]byte, error) {
	if len(id) > maxIDBytes {
		return [32]byte{}, fmt.Errorf("URL id of %d bytes, at most %d", len(id), maxIDBytes)
	}
	if len(id) == 64 {
		if hash, err := hex.DecodeString(id); err == nil {
			return [32]byte(hash), nil
		}
	}
	text := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(id, "="))
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return [32]byte{}, fmt.Errorf("URL id %.80q is neither a SHA-256 in hex nor base64 of a URL", id)
	}
	u, err := Parse(string(decoded))
	if err != nil {
		return [32]byte{}, fmt.Errorf("URL id %.80q: %w", id, err)
	}
	return u.ID(), nil
}

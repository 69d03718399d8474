package wanted

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"io"

	"github.com/virusmap/virusmap/supernode/engine"
)

const sha256Digits = 64

func sha256Of(hash []byte) string { return hex.EncodeToString(hash) }

// digestsOf returns the MD5 and SHA-1 of a content. Both are broken: whoever posts a bounty
// for one of them may be brought any content that has it.
func digestsOf(content *engine.Content) ([]string, error) {
	legacy, older := sha1.New(), md5.New()
	section := io.NewSectionReader(content.File, 0, content.Size)
	if _, err := io.Copy(io.MultiWriter(legacy, older), section); err != nil {
		return nil, err
	}
	return []string{hex.EncodeToString(older.Sum(nil)), hex.EncodeToString(legacy.Sum(nil))}, nil
}

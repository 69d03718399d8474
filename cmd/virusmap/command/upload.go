package command

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
)

// maxNameBytes of a file's name are sent along.
const maxNameBytes = 255

func (s *submitter) upload(ctx context.Context, result *submission, salt string) error {
	receipt, err := s.client.Upload(ctx, api.Upload{
		Name: uploadName(result.Path),
		Size: result.Size,
		Open: func() (io.ReadCloser, error) {
			file, _, err := openRegular(result.Path)
			if err != nil {
				return nil, err
			}
			return s.progress.reading(ctx, file, result.Size), nil
		},
		Contributor: s.contributor,
		ClaimSalt:   salt,
		Channel:     s.channel,
	})
	result.Analysis = receipt.Analysis
	if err == nil && receipt.SHA256 != "" && receipt.SHA256 != result.SHA256 {
		return fmt.Errorf("the file changed while it was read; what was submitted is %s", receipt.SHA256)
	}
	if err != nil {
		return err
	}
	return s.keepReceipt(result, receipt.Signed)
}

// uploadName is the last element of a path as printable UTF-8, without its directories.
func uploadName(path string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(filepath.Base(path), "_"))
	return strings.ToValidUTF8(name[:min(len(name), maxNameBytes)], "")
}

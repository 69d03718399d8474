package command

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// isURL tells a URL from the name of a file.
func isURL(argument string) bool { return strings.Contains(argument, "://") }

// urlID is the SHA-256 of a URL's canonical text in hex.
func urlID(argument string) (string, error) {
	url, err := weburl.Parse(argument)
	if err != nil {
		return "", usageError{err}
	}
	id := url.ID()
	return hex.EncodeToString(id[:]), nil
}

// reportOf asks for the report of a HASH, FILE or URL argument, and returns the hash that it has
// to be about.
func (t *tool) reportOf(ctx context.Context, client *api.Client, argument string) (report api.File, subject string, err error) {
	if isURL(argument) {
		if subject, err = urlID(argument); err != nil {
			return api.File{}, "", err
		}
		report, err = client.URL(ctx, subject)
		return report, subject, err
	}
	if subject, err = resolve(ctx, argument); err != nil {
		return api.File{}, "", err
	}
	report, err = client.File(ctx, subject)
	return report, subject, err
}

// sendURL hands in a URL that the host does not know.
func (s *submitter) sendURL(ctx context.Context, result *submission, url string) error {
	id, err := urlID(url)
	if err != nil {
		return err
	}
	result.SHA256, result.isURL = id, true
	started := time.Now()
	switch known, err := s.client.URL(ctx, id); {
	case err == nil && !s.again && known.Attributes.VirusMap.Outcome != outcomeInvalid:
		result.Status = "known"
	case err != nil && !api.IsNotFound(err):
		return err
	default:
		receipt, err := s.client.SubmitURL(ctx, url, s.contributor)
		if err != nil {
			return err
		}
		result.Status, result.Analysis = "submitted", receipt.Analysis
	}
	return s.finish(ctx, result, started)
}

// subjectKind says what one submits to get a report like the one that was asked for.
func subjectKind(argument string) string {
	if isURL(argument) {
		return "URL"
	}
	return "FILE"
}

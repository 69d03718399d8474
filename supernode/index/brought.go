package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Brought tells whether a source submitted a file here. Of the sources of one file only
// MaxSources are remembered.
func (x *Index) Brought(ctx context.Context, sha256 [32]byte, source []byte) (brought bool, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sources WHERE sha256 = $1 AND source = $2)`, sha256[:], source).Scan(&brought)
	return brought, err
}

// AddAnalysis promises another analysis of a file or URL at a time in unix seconds.
func (x *Index) AddAnalysis(ctx context.Context, file File, now int64) (analysis Analysis, err error) {
	err = x.inTx(ctx, func(tx *sql.Tx) error {
		again := Submission{SHA256: file.SHA256, MD5: file.MD5, Time: now}
		var text string
		err := tx.QueryRowContext(ctx, `SELECT url FROM urls WHERE sha256 = $1`, file.SHA256[:]).Scan(&text)
		if err == nil {
			again.URL = new(weburl.URL)
			*again.URL, err = weburl.Parse(text)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		analysis, err = findOrCreateAnalysis(ctx, tx, again)
		return err
	})
	if err != nil {
		return Analysis{}, fmt.Errorf("store analysis: %w", err)
	}
	return analysis, nil
}

package index

import (
	"context"
	"database/sql"
)

// schemaConsents keeps which version of the text who agreed to for which submission.
const schemaConsents = `
CREATE TABLE consents (
	sha256  BYTEA NOT NULL CHECK (length(sha256) = 32),
	source  BYTEA NOT NULL,
	version BIGINT NOT NULL,
	time    BIGINT NOT NULL,
	PRIMARY KEY (sha256, source, version)
);
`

// Consent is that somebody agreed to a version of the text for a submission.
type Consent struct {
	Source  []byte // as in Submission
	Version uint32
	Time    int64 // of the newest submission under it, unix seconds
}

func recordConsent(ctx context.Context, tx *sql.Tx, s Submission) error {
	if s.Consent == 0 {
		return nil
	}
	source := s.Source
	if source == nil {
		source = []byte{}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO consents (sha256, source, version, time) VALUES ($1, $2, $3, $4)
		ON CONFLICT (sha256, source, version) DO UPDATE SET time = excluded.time`, s.SHA256[:], source, int64(s.Consent), s.Time)
	return err
}

// Consents lists what was agreed to for a sample, at most MaxSources.
func (x *Index) Consents(ctx context.Context, sha256 [32]byte) ([]Consent, error) {
	rows, err := x.read.QueryContext(ctx, `SELECT source, version, time FROM consents WHERE sha256 = $1
		ORDER BY source, version LIMIT $2`, sha256[:], MaxSources)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Consent
	for rows.Next() {
		var c Consent
		if err := rows.Scan(&c.Source, &c.Version, &c.Time); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

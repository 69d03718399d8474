package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// schemaDetails is of files that this node has opened. Texts are empty where a file lacks
// something; pe is the JSON of its headers.
const schemaDetails = `
CREATE TABLE details (
	sha256       BYTEA NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
	ssdeep       TEXT NOT NULL,
	tlsh         TEXT NOT NULL,
	authentihash TEXT NOT NULL,
	pe           TEXT NOT NULL
) ` + wideRows + `;
`

// Bounds of details in bytes.
const (
	maxDigest = 256
	maxPE     = 64 << 10
)

// Details are what a file's content tells beside its hashes. What is not known is empty.
type Details struct {
	SSDEEP, TLSH, Authentihash string
	// PE is VirusTotal's pe_info; nil when the file is no Windows program.
	PE json.RawMessage
}

func (d Details) validate() error {
	for name, text := range map[string]string{"ssdeep": d.SSDEEP, "tlsh": d.TLSH, "authentihash": d.Authentihash} {
		if len(text) > maxDigest || !isText(text) {
			return fmt.Errorf("%s of %d bytes: want at most %d in UTF-8 without NUL", name, len(text), maxDigest)
		}
	}
	if len(d.PE) > maxPE || !isText(string(d.PE)) || len(d.PE) > 0 && !json.Valid(d.PE) {
		return fmt.Errorf("pe of %d bytes: want at most %d of JSON", len(d.PE), maxPE)
	}
	return nil
}

// putDetails stores the details of a file in place of those that it has.
func putDetails(ctx context.Context, tx *sql.Tx, sha256 [32]byte, d Details) error {
	if err := d.validate(); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO details (sha256, ssdeep, tlsh, authentihash, pe) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (sha256) DO UPDATE SET ssdeep = excluded.ssdeep, tlsh = excluded.tlsh,
			authentihash = excluded.authentihash, pe = excluded.pe`,
		sha256[:], d.SSDEEP, d.TLSH, d.Authentihash, string(d.PE))
	return err
}

// HasDetails tells whether this node has opened a file, as which it is listed too.
func (x *Index) HasDetails(ctx context.Context, sha256 [32]byte) (found bool, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM details WHERE sha256 = $1)`, sha256[:]).Scan(&found)
	return found, err
}

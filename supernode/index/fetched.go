package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// schemaFetched holds what this node's own engine saw when it fetched a URL, and which
// addresses names had then.
const schemaFetched = `
CREATE TABLE fetched (
	sha256    BYTEA NOT NULL PRIMARY KEY,
	final_url TEXT NOT NULL,
	chain     TEXT NOT NULL,
	status    BIGINT NOT NULL,
	headers   TEXT NOT NULL,
	bytes     BIGINT NOT NULL,
	content   TEXT NOT NULL,
	title     TEXT NOT NULL,
	ip        TEXT NOT NULL,
	time      BIGINT NOT NULL
);

CREATE TABLE resolutions (
	id   TEXT NOT NULL PRIMARY KEY,
	ip   TEXT NOT NULL,
	host TEXT NOT NULL,
	time BIGINT NOT NULL
);
CREATE INDEX resolutions_by_ip ON resolutions (ip, id);
CREATE INDEX resolutions_by_host ON resolutions (host, id);
`

// schemaCertificates adds what servers send along; a host is a domain or an address.
const schemaCertificates = `
ALTER TABLE fetched ADD COLUMN cookies TEXT NOT NULL DEFAULT '{}';

CREATE TABLE certificates (
	host        TEXT NOT NULL PRIMARY KEY,
	certificate TEXT NOT NULL,
	time        BIGINT NOT NULL
) ` + wideRows + `;

CREATE INDEX resolutions_by_host_and_time ON resolutions (host, time);
`

// Fetched is what a URL led to.
type Fetched struct {
	FinalURL string   // canonical
	Chain    []string // URLs before it, the first one the sample's
	Status   int
	Headers  map[string]string
	Cookies  map[string]string
	Bytes    int64
	// Certificate of the server at the end in JSON; nil without TLS. Certificate finds it
	// by the host, Fetched does not.
	Certificate json.RawMessage
	// ContentSHA256 is in hex.
	ContentSHA256 string
	Title         string
	IP            string
	Time          int64 // unix seconds
}

// Resolution is an address that a name had. Its ID is both, the address first.
type Resolution struct {
	ID, IP, Host string
	Time         int64 // unix seconds
}

// SaveFetched keeps the newest facts of a URL and the resolution they rest on.
func (x *Index) SaveFetched(ctx context.Context, sha256 [32]byte, f Fetched) error {
	chain, err := json.Marshal(f.Chain)
	if err != nil {
		return err
	}
	headers, err := json.Marshal(f.Headers)
	if err != nil {
		return err
	}
	cookies, err := json.Marshal(f.Cookies)
	if err != nil {
		return err
	}
	final, err := weburl.Parse(f.FinalURL)
	if err != nil {
		return fmt.Errorf("final URL: %w", err)
	}
	err = x.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO fetched (sha256, final_url, chain, status, headers, bytes, content, title, ip, time, cookies)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (sha256) DO UPDATE SET final_url = excluded.final_url, chain = excluded.chain, status = excluded.status,
				headers = excluded.headers, bytes = excluded.bytes, content = excluded.content, title = excluded.title,
				ip = excluded.ip, time = excluded.time, cookies = excluded.cookies`,
			sha256[:], f.FinalURL, string(chain), f.Status, string(headers), f.Bytes, f.ContentSHA256, f.Title, f.IP, f.Time, string(cookies))
		if err == nil && len(f.Certificate) > 0 {
			err = putCertificate(ctx, tx, final, f)
		}
		if err != nil || final.Address.IsValid() || f.IP == "" {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO resolutions (id, ip, host, time) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET time = excluded.time`, f.IP+final.Host, f.IP, final.Host, f.Time)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what was fetched: %w", err)
	}
	return nil
}

// Fetched finds what a URL led to. Errors: ErrNotFound.
func (x *Index) Fetched(ctx context.Context, sha256 [32]byte) (f Fetched, err error) {
	var chain, headers, cookies string
	err = x.read.QueryRowContext(ctx, `SELECT final_url, chain, status, headers, bytes, content, title, ip, time, cookies FROM fetched WHERE sha256 = $1`, sha256[:]).
		Scan(&f.FinalURL, &chain, &f.Status, &headers, &f.Bytes, &f.ContentSHA256, &f.Title, &f.IP, &f.Time, &cookies)
	if err != nil {
		return f, orNotFound(err)
	}
	if err := json.Unmarshal([]byte(chain), &f.Chain); err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(cookies), &f.Cookies); err != nil {
		return f, err
	}
	return f, json.Unmarshal([]byte(headers), &f.Headers)
}

// Resolution finds one by its id. Errors: ErrNotFound.
func (x *Index) Resolution(ctx context.Context, id string) (Resolution, error) {
	r := Resolution{ID: id}
	err := x.read.QueryRowContext(ctx, `SELECT ip, host, time FROM resolutions WHERE id = $1`, id).Scan(&r.IP, &r.Host, &r.Time)
	return r, orNotFound(err)
}

// Resolutions lists those of a name or of an address, in the order of their ids.
func (x *Index) Resolutions(ctx context.Context, of, cursor string, limit int) (all []Resolution, next string, err error) {
	query := `SELECT id, ip, host, time FROM resolutions WHERE host = $1 AND id > $2 ORDER BY id LIMIT $3`
	if _, err := netip.ParseAddr(of); err == nil {
		query = `SELECT id, ip, host, time FROM resolutions WHERE ip = $1 AND id > $2 ORDER BY id LIMIT $3`
	}
	rows, err := x.read.QueryContext(ctx, query, of, cursor, limit+1)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var r Resolution
		if err := rows.Scan(&r.ID, &r.IP, &r.Host, &r.Time); err != nil {
			return nil, "", err
		}
		all = append(all, r)
	}
	if len(all) > limit {
		all = all[:limit]
		next = all[limit-1].ID
	}
	return all, next, rows.Err()
}

package index

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Certificate is what a host presented last.
type Certificate struct {
	// JSON is VirusTotal's last_https_certificate.
	JSON json.RawMessage
	Time int64 // unix seconds
}

// putCertificate keeps a certificate by the name of the host that presented it and by its
// address.
func putCertificate(ctx context.Context, tx *sql.Tx, at weburl.URL, f Fetched) error {
	host := at.Host
	if at.Address.IsValid() {
		host = at.Address.String()
	}
	for _, key := range []string{host, f.IP} {
		if key == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO certificates (host, certificate, time) VALUES ($1, $2, $3)
			ON CONFLICT (host) DO UPDATE SET certificate = excluded.certificate, time = excluded.time`,
			key, string(f.Certificate), f.Time); err != nil {
			return err
		}
	}
	return nil
}

// Certificate is what a domain or an address presented last. Errors: ErrNotFound.
func (x *Index) Certificate(ctx context.Context, host string) (c Certificate, err error) {
	var text string
	err = x.read.QueryRowContext(ctx, `SELECT certificate, time FROM certificates WHERE host = $1`, host).Scan(&text, &c.Time)
	c.JSON = json.RawMessage(text)
	return c, orNotFound(err)
}

// NewestResolution is the address that a name had last. Errors: ErrNotFound.
func (x *Index) NewestResolution(ctx context.Context, host string) (r Resolution, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT id, ip, host, time FROM resolutions WHERE host = $1 ORDER BY time DESC LIMIT 1`, host).
		Scan(&r.ID, &r.IP, &r.Host, &r.Time)
	return r, orNotFound(err)
}

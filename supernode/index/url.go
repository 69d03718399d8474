package index

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// schemaURLs holds the URLs that were seen and the hosts in them. A URL's submissions and
// analyses are those of its sample, in files. reversed has the labels of a name from the
// last one on, each with a dot behind it, so that everything below a domain is one range;
// it is bytes because those sort alike everywhere.
const schemaURLs = `
CREATE TABLE urls (
	sha256 BYTEA NOT NULL PRIMARY KEY,
	url    TEXT NOT NULL,
	host   TEXT NOT NULL,
	seen   BIGINT NOT NULL
);
CREATE INDEX urls_by_host ON urls (host, seen, sha256);

CREATE TABLE hosts (
	host       TEXT NOT NULL PRIMARY KEY,
	reversed   BYTEA NOT NULL,
	parent     TEXT NOT NULL,
	first_seen BIGINT NOT NULL,
	last_seen  BIGINT NOT NULL,
	urls       BIGINT NOT NULL
);
CREATE INDEX hosts_by_reversed ON hosts (reversed);
CREATE INDEX hosts_by_parent ON hosts (parent, host);
`

// URL is one URL that was seen.
type URL struct {
	SHA256 [32]byte
	URL    string // canonical
	Host   string
	Seen   int64 // unix seconds, the first time
}

// Host is a name or address that URLs were seen at. Times are unix seconds.
type Host struct {
	Host                string
	FirstSeen, LastSeen int64
	URLs                int64
}

// upsertURL notes a URL that was seen. Doing so again changes nothing but the host's time.
func upsertURL(ctx context.Context, tx *sql.Tx, u weburl.URL, time int64) error {
	id := u.ID()
	result, err := tx.ExecContext(ctx, `INSERT INTO urls (sha256, url, host, seen) VALUES ($1, $2, $3, $4)
		ON CONFLICT (sha256) DO NOTHING`, id[:], u.String(), u.Host, time)
	if err != nil {
		return err
	}
	added, err := result.RowsAffected()
	if err != nil {
		return err
	}
	var key []byte
	if !u.Address.IsValid() {
		key = reversed(u.Host)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO hosts (host, reversed, parent, first_seen, last_seen, urls) VALUES ($1, $2, $3, $4, $4, $5)
		ON CONFLICT (host) DO UPDATE SET urls = hosts.urls + excluded.urls,
			first_seen = CASE WHEN excluded.first_seen < hosts.first_seen THEN excluded.first_seen ELSE hosts.first_seen END,
			last_seen = CASE WHEN excluded.last_seen > hosts.last_seen THEN excluded.last_seen ELSE hosts.last_seen END`,
		u.Host, append([]byte{}, key...), ParentOf(u.Host), time, added)
	return err
}

// reversed is com.example.www. for www.example.com.
func reversed(host string) []byte {
	labels := strings.Split(host, ".")
	slices.Reverse(labels)
	return []byte(strings.Join(labels, ".") + ".")
}

// ParentOf is the domain that a host is right below; empty for an address and for a name
// that has none above it but a public suffix.
func ParentOf(host string) string {
	registered := weburl.RegisteredDomain(host)
	if registered == "" || registered == host {
		return ""
	}
	_, parent, _ := strings.Cut(host, ".")
	return parent
}

// URL finds a URL by its id. Errors: ErrNotFound.
func (x *Index) URL(ctx context.Context, sha256 [32]byte) (URL, error) {
	found := URL{SHA256: sha256}
	err := x.read.QueryRowContext(ctx, `SELECT url, host, seen FROM urls WHERE sha256 = $1`, sha256[:]).Scan(&found.URL, &found.Host, &found.Seen)
	return found, orNotFound(err)
}

func orNotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// URLsAt lists the URLs at a host, the newest first. cursor is empty or what the page
// before ended with; next is empty at the end.
func (x *Index) URLsAt(ctx context.Context, host, cursor string, limit int) (urls []URL, next string, err error) {
	seen, id := int64(1)<<62, []byte{}
	if cursor != "" {
		if seen, id, err = parseURLCursor(cursor); err != nil {
			return nil, "", err
		}
	}
	rows, err := x.read.QueryContext(ctx, `SELECT sha256, url, host, seen FROM urls
		WHERE host = $1 AND (seen, sha256) < ($2, $3) ORDER BY seen DESC, sha256 DESC LIMIT $4`, host, seen, id, limit+1)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var u URL
		var sha256 []byte
		if err := rows.Scan(&sha256, &u.URL, &u.Host, &u.Seen); err != nil {
			return nil, "", err
		}
		copy(u.SHA256[:], sha256)
		urls = append(urls, u)
	}
	if len(urls) > limit {
		urls = urls[:limit]
		last := urls[limit-1]
		next = fmt.Sprintf("%d.%x", last.Seen, last.SHA256)
	}
	return urls, next, rows.Err()
}

// ErrCursor is returned for a cursor that no page ended with.
var ErrCursor = errors.New("cursor is none of this list")

func parseURLCursor(cursor string) (int64, []byte, error) {
	first, second, _ := strings.Cut(cursor, ".")
	seen, err := strconv.ParseInt(first, 10, 64)
	id, badHex := hex.DecodeString(second)
	if err != nil || badHex != nil || len(id) != 32 {
		return 0, nil, ErrCursor
	}
	return seen, id, nil
}

// Host finds a host by its name or address. Errors: ErrNotFound.
func (x *Index) Host(ctx context.Context, host string) (Host, error) {
	found := Host{Host: host}
	err := x.read.QueryRowContext(ctx, `SELECT first_seen, last_seen, urls FROM hosts WHERE host = $1`, host).
		Scan(&found.FirstSeen, &found.LastSeen, &found.URLs)
	return found, orNotFound(err)
}

// Subdomains lists the hosts below a domain, in the order of their labels from the last.
func (x *Index) Subdomains(ctx context.Context, domain, cursor string, limit int) ([]string, string, error) {
	from := reversed(domain)
	end := append(slices.Clone(from[:len(from)-1]), '.'+1)
	if cursor != "" {
		if !strings.HasSuffix(cursor, "."+domain) {
			return nil, "", ErrCursor
		}
		from = reversed(cursor)
	}
	return x.hosts(ctx, limit, `SELECT host FROM hosts WHERE reversed > $1 AND reversed < $2 ORDER BY reversed LIMIT $3`, from, end)
}

// Siblings lists the hosts that are right below the same domain, in the order of their names.
func (x *Index) Siblings(ctx context.Context, host, cursor string, limit int) ([]string, string, error) {
	parent := ParentOf(host)
	if parent == "" {
		return nil, "", nil
	}
	return x.hosts(ctx, limit, `SELECT host FROM hosts WHERE parent = $1 AND host > $2 AND host <> $4 ORDER BY host LIMIT $3`, parent, cursor, host)
}

// hosts runs a query whose third parameter is the limit.
func (x *Index) hosts(ctx context.Context, limit int, query string, first, second any, more ...any) (hosts []string, next string, err error) {
	rows, err := x.read.QueryContext(ctx, query, append([]any{first, second, limit + 1}, more...)...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var host string
		if err := rows.Scan(&host); err != nil {
			return nil, "", err
		}
		hosts = append(hosts, host)
	}
	if len(hosts) > limit {
		hosts = hosts[:limit]
		next = hosts[limit-1]
	}
	return hosts, next, rows.Err()
}

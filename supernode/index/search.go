package index

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// schemaSearch is of search.go.
const schemaSearch = `
CREATE TABLE search_terms (
	sha256 BYTEA NOT NULL CHECK (length(sha256) = 32),
	term   TEXT NOT NULL,
	seen   BIGINT NOT NULL,
	PRIMARY KEY (sha256, term)
);
CREATE INDEX search_terms_by_term ON search_terms (term, seen, sha256);
CREATE INDEX names_by_name ON names (lower(name), sha256);
`

// Kinds of terms.
const (
	TermKind    = "kind"    // file, url or intel
	TermType    = "type"    // the type tag that most supernodes saw, such as peexe
	TermLabel   = "label"   // a whole label, or one word of it, such as its family
	TermOutcome = "outcome" // clean, suspicious, malicious, undetermined or invalid
)

// Term is something that samples have in common. Its value is compared in lower case.
type Term struct{ Kind, Value string }

func (t Term) text() string { return t.Kind + ":" + lower(t.Value) }

// Bounds of a search and of what a sample is found by.
const (
	MaxTerms        = 8    // of a query
	MaxSearchPage   = 300  // results
	maxTermBytes    = 160  // longer ones are cut
	maxTermsOfLabel = 16   // words
	maxTermsOfRound = 256  // per sample
	maxCandidates   = 2000 // looked at for one page
)

// Query asks for samples: by hash, by a name's beginning, or by terms. A name and terms
// together ask for samples with all of them.
type Query struct {
	// Hash is an MD5, SHA-1 or SHA-256.
	Hash []byte
	// Name is how a file name begins, whatever the case. Results come in the order of the names.
	Name string
	// Terms, at most MaxTerms. Results come with those first that last got the first term.
	Terms []Term
	// Cursor of the page before.
	Cursor string
	// Limit is 1 to MaxSearchPage.
	Limit int
}

// Found is a page of samples. There may be a next one even when this one is empty.
type Found struct {
	SHA256 [][32]byte
	// Cursor of the next page, empty when there is none.
	Cursor string
}

// ErrBadQuery is of a query that is out of bounds.
var ErrBadQuery = errors.New("bad query")

// candidate is a row that fits the first part of a query; position orders them.
type candidate struct {
	sha256   []byte
	position []byte
}

// Search finds samples. Errors: ErrBadQuery.
func (x *Index) Search(ctx context.Context, q Query) (Found, error) {
	cursor, err := q.check()
	if err != nil {
		return Found{}, err
	}
	if len(q.Hash) > 0 {
		return x.searchHash(ctx, q.Hash)
	}
	next, filters := x.byName(q.Name), q.Terms
	if q.Name == "" {
		next, filters = x.byTerm(q.Terms[0]), q.Terms[1:]
	}
	var found Found
	for looked := 0; looked < maxCandidates; {
		candidates, err := next(ctx, cursor, q.Limit+1)
		if err != nil {
			return Found{}, err
		}
		for _, c := range candidates {
			if len(found.SHA256) == q.Limit {
				found.Cursor = hex.EncodeToString(cursor)
				return found, nil
			}
			cursor = c.position
			fits, err := x.hasTerms(ctx, c.sha256, filters)
			if err != nil {
				return Found{}, err
			}
			// A file has several names perhaps.
			if fits && !slices.Contains(found.SHA256, [32]byte(c.sha256)) {
				found.SHA256 = append(found.SHA256, [32]byte(c.sha256))
			}
		}
		if len(candidates) <= q.Limit {
			return found, nil
		}
		looked += len(candidates)
	}
	found.Cursor = hex.EncodeToString(cursor)
	return found, nil
}

func (q Query) check() (cursor []byte, err error) {
	switch {
	case q.Limit < 1 || q.Limit > MaxSearchPage:
		return nil, fmt.Errorf("%w: limit %d is not in 1..%d", ErrBadQuery, q.Limit, MaxSearchPage)
	case len(q.Terms) > MaxTerms:
		return nil, fmt.Errorf("%w: %d terms, at most %d", ErrBadQuery, len(q.Terms), MaxTerms)
	case len(q.Hash) == 0 && q.Name == "" && len(q.Terms) == 0:
		return nil, fmt.Errorf("%w: it asks for nothing", ErrBadQuery)
	case len(q.Name) > MaxName || !isText(q.Name):
		return nil, fmt.Errorf("%w: name of %d bytes: want at most %d in UTF-8 without NUL", ErrBadQuery, len(q.Name), MaxName)
	}
	for _, term := range q.Terms {
		if len(term.Value) > maxTermBytes || !isText(term.Value) {
			return nil, fmt.Errorf("%w: %s of %d bytes: want at most %d in UTF-8 without NUL", ErrBadQuery, term.Kind, len(term.Value), maxTermBytes)
		}
	}
	cursor, err = hex.DecodeString(q.Cursor)
	if err != nil || len(cursor) != 0 && len(cursor) < 40 || len(cursor) > 40+MaxName || !isText(string(cursor[min(len(cursor), 40):])) {
		return nil, fmt.Errorf("%w: cursor", ErrBadQuery)
	}
	return cursor, nil
}

func (x *Index) searchHash(ctx context.Context, hash []byte) (Found, error) {
	file, err := x.File(ctx, hash)
	if err == nil {
		return Found{SHA256: [][32]byte{file.SHA256}}, nil
	}
	if !errors.Is(err, ErrNotFound) || len(hash) != 32 {
		return Found{}, ignore(err, ErrNotFound)
	}
	if _, err := x.Sample(ctx, [32]byte(hash)); err != nil {
		return Found{}, ignore(err, ErrNotFound)
	}
	return Found{SHA256: [][32]byte{[32]byte(hash)}}, nil
}

func ignore(err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return err
}

type nextCandidates func(ctx context.Context, cursor []byte, limit int) ([]candidate, error)

// byTerm goes from the newest on. A position is the time, and the hash to part equal ones.
func (x *Index) byTerm(term Term) nextCandidates {
	return func(ctx context.Context, cursor []byte, limit int) ([]candidate, error) {
		seen, sha256 := int64(math.MaxInt64), bytes.Repeat([]byte{0xff}, 32)
		if len(cursor) >= 40 {
			seen, sha256 = int64(binary.BigEndian.Uint64(cursor)), cursor[8:40]
		}
		return x.candidates(ctx, func(rows *sql.Rows) (c candidate, err error) {
			var at int64
			err = rows.Scan(&at, &c.sha256)
			c.position = append(binary.BigEndian.AppendUint64(nil, uint64(at)), c.sha256...)
			return c, err
		}, `SELECT seen, sha256 FROM search_terms WHERE term = $1 AND (seen, sha256) < ($2, $3)
			ORDER BY seen DESC, sha256 DESC LIMIT $4`, term.text(), seen, sha256, limit)
	}
}

// byName goes through the names that begin so. A position is the hash and the name.
func (x *Index) byName(prefix string) nextCandidates {
	prefix = lower(prefix)
	return func(ctx context.Context, cursor []byte, limit int) ([]candidate, error) {
		name, sha256 := prefix, []byte{}
		if len(cursor) >= 40 {
			sha256, name = cursor[8:40], string(cursor[40:])
		}
		return x.candidates(ctx, func(rows *sql.Rows) (c candidate, err error) {
			var name string
			err = rows.Scan(&name, &c.sha256)
			c.position = slices.Concat(make([]byte, 8), c.sha256, []byte(name))
			return c, err
		}, `SELECT lower(name), sha256 FROM names WHERE (lower(name), sha256) > ($1, $2) AND lower(name) < $3
			ORDER BY lower(name), sha256 LIMIT $4`, name, sha256, prefix+"\U0010ffff", limit)
	}
}

func (x *Index) candidates(ctx context.Context, scan func(*sql.Rows) (candidate, error), query string, args ...any) (all []candidate, err error) {
	rows, err := x.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

func (x *Index) hasTerms(ctx context.Context, sha256 []byte, terms []Term) (has bool, err error) {
	for _, term := range terms {
		err := x.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM search_terms WHERE sha256 = $1 AND term = $2)`,
			sha256, term.text()).Scan(&has)
		if err != nil || !has {
			return false, err
		}
	}
	return true, nil
}

// addTerms lets a sample be found, from when it first got a term.
func addTerms(ctx context.Context, tx *sql.Tx, sha256 []byte, seen int64, terms []string) error {
	for _, term := range terms {
		if _, err := tx.ExecContext(ctx, `INSERT INTO search_terms (sha256, term, seen) VALUES ($1, $2, $3)
			ON CONFLICT (sha256, term) DO NOTHING`, sha256, term, seen); err != nil {
			return err
		}
	}
	return nil
}

// termsOf is what a report is found by, each once.
func termsOf(report verdictstypes.Report) []string {
	terms := []string{Term{TermOutcome, OutcomeName(report.Outcome)}.text()}
	if report.FileType != "" {
		terms = append(terms, Term{TermType, report.FileType}.text())
	}
	for _, verdict := range report.Verdicts {
		if verdict.Label == "" {
			continue
		}
		terms = append(terms, Term{TermLabel, verdict.Label}.text())
		words := words(verdict.Label)
		for _, word := range words[:min(len(words), maxTermsOfLabel)] {
			terms = append(terms, Term{TermLabel, word}.text())
		}
	}
	slices.Sort(terms)
	terms = slices.Compact(terms)
	kept := terms[:0]
	for _, term := range terms[:min(len(terms), maxTermsOfRound)] {
		if isText(term) {
			kept = append(kept, term)
		}
	}
	return kept
}

// words splits a label at everything but letters and digits of ASCII, as families are.
func words(label string) []string {
	return strings.FieldsFunc(label, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// lower knows only ASCII, as the databases do.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

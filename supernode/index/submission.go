package index

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Bounds of what is kept of one file. What goes beyond is counted, not kept.
const (
	MaxNames   = 32   // names per file
	MaxName    = 255  // bytes per name
	MaxTypeTag = 32   // bytes
	MaxSource  = 32   // bytes
	MaxSources = 4096 // distinct sources per file

	maxChannel = 32 // bytes
)

// Submission is one upload of a file.
type Submission struct {
	SHA256  [32]byte
	SHA1    [20]byte
	MD5     [16]byte
	Size    int64
	Name    string // may be empty
	TypeTag string // may be empty
	// URL of a sample of kind URL, whose canonical text the hashes are of; nil for a file.
	URL    *weburl.URL
	Source []byte // who sent it, opaque; only used to count distinct ones
	Time   int64  // unix seconds
	// Channel through which it came; may be empty.
	Channel string
	// Consent is the version of the text that was agreed to; 0 when none was shown.
	Consent uint32
	// State of the file from now on; 0 leaves a file that is already stored as it is.
	State State
	// Reuse answers the newest analysis of the file, if it has one, instead of a new one.
	Reuse bool
}

// Analysis is one promised scan of a file.
type Analysis struct {
	ID      string
	SHA256  [32]byte
	Created int64 // unix seconds
}

func (s Submission) validate() error {
	switch {
	case s.Size < 0:
		return fmt.Errorf("size %d: must not be negative", s.Size)
	case len(s.Name) > MaxName || !isText(s.Name):
		return fmt.Errorf("name of %d bytes: want at most %d in UTF-8 without NUL", len(s.Name), MaxName)
	case len(s.TypeTag) > MaxTypeTag || !isText(s.TypeTag):
		return fmt.Errorf("type tag of %d bytes: want at most %d in UTF-8 without NUL", len(s.TypeTag), MaxTypeTag)
	case len(s.Channel) > maxChannel:
		return fmt.Errorf("channel of %d bytes: want at most %d", len(s.Channel), maxChannel)
	case len(s.Source) > MaxSource:
		return fmt.Errorf("source of %d bytes: want at most %d", len(s.Source), MaxSource)
	case s.State < 0 || s.State > StateRefused:
		return fmt.Errorf("unknown state %d", s.State)
	}
	return nil
}

// isText tells whether both databases can hold a string as TEXT.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// Record stores a submission and its analysis in one transaction.
func (x *Index) Record(ctx context.Context, s Submission) (Analysis, error) {
	if err := s.validate(); err != nil {
		return Analysis{}, fmt.Errorf("record submission: %w", err)
	}
	var analysis Analysis
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if err := upsertFile(ctx, tx, s); err != nil {
			return err
		}
		if err := addSubmission(ctx, tx, s); err != nil {
			return err
		}
		if err := recordConsent(ctx, tx, s); err != nil {
			return err
		}
		if s.URL != nil {
			if err := upsertURL(ctx, tx, *s.URL, s.Time); err != nil {
				return err
			}
		}
		var err error
		analysis, err = findOrCreateAnalysis(ctx, tx, s)
		return err
	})
	if err != nil {
		return Analysis{}, fmt.Errorf("record submission: %w", err)
	}
	return analysis, nil
}

func upsertFile(ctx context.Context, tx *sql.Tx, s Submission) error {
	id := s.SHA256[:]
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO files (sha256, sha1, md5, size, type_tag, first_submission, last_submission,
			times_submitted, unique_sources, state) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, $8)
		ON CONFLICT (sha256) DO UPDATE SET
			last_submission = CASE WHEN excluded.last_submission > files.last_submission
				THEN excluded.last_submission ELSE files.last_submission END,
			times_submitted = files.times_submitted + 1,
			type_tag = CASE WHEN excluded.type_tag = '' THEN files.type_tag ELSE excluded.type_tag END,
			state = CASE WHEN excluded.state = 0 THEN files.state ELSE excluded.state END`,
		id, s.SHA1[:], s.MD5[:], s.Size, s.TypeTag, s.Time, s.Time, s.State); err != nil {
		return err
	}
	if s.State == StateQueued || s.State == StateOnChain {
		if _, err := tx.ExecContext(ctx, `DELETE FROM refusals WHERE sha256 = $1`, id); err != nil {
			return err
		}
	}
	if s.Name != "" {
		if _, err := tx.ExecContext(ctx, `INSERT INTO names (sha256, name, seen)
			SELECT sha256, $2, $3 FROM files WHERE sha256 = $1 AND (SELECT count(*) FROM names WHERE sha256 = $1) < $4
			ON CONFLICT (sha256, name) DO NOTHING`, id, s.Name, s.Time, MaxNames); err != nil {
			return err
		}
	}
	return countSource(ctx, tx, s)
}

func countSource(ctx context.Context, tx *sql.Tx, s Submission) error {
	if len(s.Source) == 0 {
		return nil
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO sources (sha256, source)
		SELECT sha256, $2 FROM files WHERE sha256 = $1 AND unique_sources < $3
		ON CONFLICT (sha256, source) DO NOTHING`, s.SHA256[:], s.Source, MaxSources)
	if err != nil {
		return err
	}
	added, err := result.RowsAffected()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE files SET unique_sources = unique_sources + $1 WHERE sha256 = $2`, added, s.SHA256[:])
	return err
}

func findOrCreateAnalysis(ctx context.Context, tx *sql.Tx, s Submission) (Analysis, error) {
	if s.Reuse {
		found, err := scanAnalysis(tx.QueryRowContext(ctx,
			`SELECT id, sha256, created FROM analyses WHERE sha256 = $1 ORDER BY created DESC LIMIT 1`, s.SHA256[:]))
		if !errors.Is(err, ErrNotFound) {
			return found, err
		}
	}
	for _, id := range s.analysisIDs() {
		found, err := scanAnalysis(tx.QueryRowContext(ctx, `SELECT id, sha256, created FROM analyses WHERE id = $1`, id))
		if errors.Is(err, ErrNotFound) {
			found = Analysis{ID: id, SHA256: s.SHA256, Created: s.Time}
			_, err = tx.ExecContext(ctx, `INSERT INTO analyses (id, sha256, created) VALUES ($1, $2, $3)`, id, s.SHA256[:], s.Time)
		}
		if err != nil || found.SHA256 == s.SHA256 {
			return found, err
		}
	}
	return Analysis{}, errors.New("analysis id is taken by another file")
}

// analysisIDs has VirusTotal's forms: u-<sha256>-<unix time> of a URL, and of a file
// base64("<md5>:<unix time>"). Files made to collide in MD5 must not share an id, so the
// second one gets its SHA-256 in the same form.
func (s Submission) analysisIDs() []string {
	if s.URL != nil {
		return []string{fmt.Sprintf("u-%x-%d", s.SHA256, s.Time)}
	}
	var ids []string
	for _, hash := range [][]byte{s.MD5[:], s.SHA256[:]} {
		ids = append(ids, base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", hex.EncodeToString(hash), s.Time)))
	}
	return ids
}

// Analysis finds an analysis by its id. Errors: ErrNotFound.
func (x *Index) Analysis(ctx context.Context, id string) (Analysis, error) {
	return scanAnalysis(x.analysis.QueryRowContext(ctx, id))
}

// LatestAnalysis finds the newest analysis of a file. Errors: ErrNotFound.
func (x *Index) LatestAnalysis(ctx context.Context, sha256 [32]byte) (Analysis, error) {
	return scanAnalysis(x.latest.QueryRowContext(ctx, sha256[:]))
}

func scanAnalysis(row *sql.Row) (Analysis, error) {
	var a Analysis
	var sha256 []byte
	err := row.Scan(&a.ID, &sha256, &a.Created)
	if errors.Is(err, sql.ErrNoRows) {
		return Analysis{}, ErrNotFound
	}
	copy(a.SHA256[:], sha256)
	return a, err
}

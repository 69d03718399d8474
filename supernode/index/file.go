package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// State is how far a file's submission to the chain is.
type State int

const (
	// StateQueued waits in the durable queue for the chain.
	StateQueued State = 1
	// StateOnChain has a record on chain.
	StateOnChain State = 2
	// StateRefused was refused by the chain for good; Refusal tells why.
	StateRefused State = 3
)

// File is what this node knows of one file. Times are unix seconds.
type File struct {
	SHA256  [32]byte
	SHA1    [20]byte
	MD5     [16]byte
	Size    int64 // bytes of plaintext
	TypeTag string
	// Names are the file names it was submitted under, the first one first.
	Names                           []string
	FirstSubmission, LastSubmission int64
	TimesSubmitted, UniqueSources   int64
	State                           State
	// Details are nil when this node has not opened the file.
	Details *Details
}

const selectFile = `SELECT f.sha256, sha1, md5, size, type_tag, first_submission, last_submission,
	times_submitted, unique_sources, state, ssdeep, tlsh, authentihash, pe FROM files f LEFT JOIN details d ON d.sha256 = f.sha256`

// File finds a file by its MD5 (16 bytes), SHA-1 (20) or SHA-256 (32). Where files
// collide in MD5 or SHA-1, the first one submitted is meant. Errors: ErrNotFound.
func (x *Index) File(ctx context.Context, hash []byte) (File, error) {
	var stmt *sql.Stmt
	switch len(hash) {
	case 16:
		stmt = x.fileByMD5
	case 20:
		stmt = x.fileBySHA1
	case 32:
		stmt = x.fileBySHA256
	default:
		return File{}, fmt.Errorf("hash of %d bytes: want 16 (MD5), 20 (SHA-1) or 32 (SHA-256)", len(hash))
	}
	file, err := scanFile(stmt.QueryRowContext(ctx, hash))
	if err != nil {
		return File{}, err
	}
	rows, err := x.names.QueryContext(ctx, file.SHA256[:])
	if err != nil {
		return File{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return File{}, err
		}
		file.Names = append(file.Names, name)
	}
	return file, rows.Err()
}

func scanFile(row *sql.Row) (File, error) {
	var f File
	var sha256, sha1, md5 []byte
	var ssdeep, tlsh, authentihash, pe sql.NullString
	err := row.Scan(&sha256, &sha1, &md5, &f.Size, &f.TypeTag, &f.FirstSubmission, &f.LastSubmission,
		&f.TimesSubmitted, &f.UniqueSources, &f.State, &ssdeep, &tlsh, &authentihash, &pe)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, ErrNotFound
	}
	copy(f.SHA256[:], sha256)
	copy(f.SHA1[:], sha1)
	copy(f.MD5[:], md5)
	if ssdeep.Valid {
		f.Details = &Details{SSDEEP: ssdeep.String, TLSH: tlsh.String, Authentihash: authentihash.String}
		if pe.String != "" {
			f.Details.PE = json.RawMessage(pe.String)
		}
	}
	return f, err
}

// AddKnown stores hashes and type of files that nobody submitted here, or of which the index
// forgot it, in one transaction. Those that are stored stay as they are but for their details,
// which are stored when they are not nil.
func (x *Index) AddKnown(ctx context.Context, files ...File) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		for _, f := range files {
			if len(f.TypeTag) > MaxTypeTag || !isText(f.TypeTag) {
				return fmt.Errorf("type tag of %d bytes: want at most %d in UTF-8 without NUL", len(f.TypeTag), MaxTypeTag)
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO files (sha256, sha1, md5, size, type_tag, first_submission, last_submission,
				times_submitted, unique_sources, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (sha256) DO NOTHING`,
				f.SHA256[:], f.SHA1[:], f.MD5[:], f.Size, f.TypeTag, f.FirstSubmission, f.LastSubmission,
				f.TimesSubmitted, f.UniqueSources, int64(f.State)); err != nil {
				return err
			}
			if f.Details == nil {
				continue
			}
			if err := putDetails(ctx, tx, f.SHA256, *f.Details); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store known files: %w", err)
	}
	return nil
}

package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// MaxReason bounds the stored reason of a refusal in bytes.
const MaxReason = 512

// Refusal is a submission that the chain refused for good, kept for the operator.
type Refusal struct {
	SHA256     [32]byte
	Reason     string
	Submission []byte // protobuf of samples.v1.Submission
	Refused    int64  // unix seconds
}

// MarkOnChain notes that files have reached the chain. Unknown ones are ignored.
func (x *Index) MarkOnChain(ctx context.Context, hashes [][32]byte) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		for _, hash := range hashes {
			if _, err := tx.ExecContext(ctx, `UPDATE files SET state = $1 WHERE sha256 = $2`, StateOnChain, hash[:]); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM refusals WHERE sha256 = $1`, hash[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mark files on chain: %w", err)
	}
	return nil
}

// Refuse stores a refusal and marks its file. The reason is cut to MaxReason bytes.
func (x *Index) Refuse(ctx context.Context, r Refusal) error {
	if len(r.Reason) > MaxReason {
		r.Reason = r.Reason[:MaxReason]
	}
	r.Reason = strings.ReplaceAll(strings.ToValidUTF8(r.Reason, ""), "\x00", "")
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO refusals (sha256, reason, submission, refused) VALUES ($1, $2, $3, $4)
			ON CONFLICT (sha256) DO UPDATE SET reason = excluded.reason, submission = excluded.submission, refused = excluded.refused`,
			r.SHA256[:], r.Reason, r.Submission, r.Refused); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE files SET state = $1 WHERE sha256 = $2`, StateRefused, r.SHA256[:])
		return err
	})
	if err != nil {
		return fmt.Errorf("store refusal: %w", err)
	}
	return nil
}

// Refusal tells why the chain refused a file. Errors: ErrNotFound.
func (x *Index) Refusal(ctx context.Context, sha256 [32]byte) (Refusal, error) {
	r := Refusal{SHA256: sha256}
	err := x.read.QueryRowContext(ctx, `SELECT reason, submission, refused FROM refusals WHERE sha256 = $1`, sha256[:]).
		Scan(&r.Reason, &r.Submission, &r.Refused)
	if errors.Is(err, sql.ErrNoRows) {
		return Refusal{}, ErrNotFound
	}
	return r, err
}

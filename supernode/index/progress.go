package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// schemaProgress is of progress.go.
const schemaProgress = `
CREATE TABLE chain_progress (
	id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
	chain   TEXT NOT NULL,
	height  BIGINT NOT NULL,
	phase   TEXT NOT NULL,
	cursor  BYTEA NOT NULL,
	missing BIGINT NOT NULL
);
`

// Progress is how far the chain is in the index.
type Progress struct {
	// Chain is its id; empty before the first block.
	Chain string
	// Height of the last block that was taken in; 0 when none was.
	Height int64
	// Phase of reading the chain's state that is not done yet, empty when there is none, and
	// Cursor from where on it goes.
	Phase  string
	Cursor []byte
	// Missing counts the rounds whose verdicts could not be read any more.
	Missing int64
}

// Progress is what was stored last; nothing when the chain was not followed yet.
func (x *Index) Progress(ctx context.Context) (p Progress, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT chain, height, phase, cursor, missing FROM chain_progress WHERE id = 1`).
		Scan(&p.Chain, &p.Height, &p.Phase, &p.Cursor, &p.Missing)
	if errors.Is(err, sql.ErrNoRows) {
		return Progress{}, nil
	}
	return p, err
}

// SetProgress stores how far the chain is in the index. What came before it is stored.
func (x *Index) SetProgress(ctx context.Context, p Progress) error {
	if err := x.inTx(ctx, func(tx *sql.Tx) error { return setProgress(ctx, tx, p) }); err != nil {
		return fmt.Errorf("store progress: %w", err)
	}
	return nil
}

func setProgress(ctx context.Context, tx *sql.Tx, p Progress) error {
	if p.Cursor == nil {
		p.Cursor = []byte{}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO chain_progress (id, chain, height, phase, cursor, missing) VALUES (1, $1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET chain = excluded.chain, height = excluded.height, phase = excluded.phase, cursor = excluded.cursor,
			missing = excluded.missing`, p.Chain, p.Height, p.Phase, p.Cursor, p.Missing)
	return err
}

// Forget drops what comes from the chain, and nothing else, and begins with p anew.
func (x *Index) Forget(ctx context.Context, p Progress) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{
			`DELETE FROM samples`, `DELETE FROM reports`, `DELETE FROM rounds`,
			`DELETE FROM search_terms`, `DELETE FROM counts`, `DELETE FROM engine_counts`,
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return setProgress(ctx, tx, p)
	})
	if err != nil {
		return fmt.Errorf("drop what comes from the chain: %w", err)
	}
	return nil
}

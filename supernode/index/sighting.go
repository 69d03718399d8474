package index

import (
	"context"
	"database/sql"
	"fmt"
)

// MarkSighted notes that the chain was told of sightings of these files.
func (x *Index) MarkSighted(ctx context.Context, hashes [][32]byte) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		for _, hash := range hashes {
			if _, err := tx.ExecContext(ctx, `INSERT INTO sightings (sha256) VALUES ($1) ON CONFLICT (sha256) DO NOTHING`, hash[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mark files sighted: %w", err)
	}
	return nil
}

// Sighted tells whether the chain was told of a sighting of a file.
func (x *Index) Sighted(ctx context.Context, sha256 [32]byte) (sighted bool, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sightings WHERE sha256 = $1)`, sha256[:]).Scan(&sighted)
	return sighted, err
}

package index

import (
	"context"
	"database/sql"

	"github.com/virusmap/virusmap/supernode/community"
)

// totalComments is the name under which comments are counted.
const totalComments = "comments"

// Totals are how many comments an item has (comments), votes of each verdict, and, of a
// collection, members of each type. What there is none of is missing.
func (x *Index) Totals(ctx context.Context, item community.Item) (map[string]int64, error) {
	rows, err := x.read.QueryContext(ctx, `SELECT name, total FROM item_totals WHERE item_type = $1 AND item_id = $2`, item.Type, item.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	totals := make(map[string]int64)
	for rows.Next() {
		var name string
		var total int64
		if err := rows.Scan(&name, &total); err != nil {
			return nil, err
		}
		totals[name] = total
	}
	return totals, rows.Err()
}

// addTotal changes one total of an item.
func addTotal(ctx context.Context, tx *sql.Tx, item community.Item, name string, by int64) error {
	if by == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO item_totals (item_type, item_id, name, total) VALUES ($1, $2, $3, $4)
		ON CONFLICT (item_type, item_id, name) DO UPDATE SET total = item_totals.total + excluded.total`, item.Type, item.ID, name, by)
	return err
}

// forget drops what is counted of an item, and its votes.
func forget(ctx context.Context, tx *sql.Tx, item community.Item) error {
	for _, statement := range []string{
		`DELETE FROM votes WHERE item_type = $1 AND item_id = $2`,
		`DELETE FROM item_totals WHERE item_type = $1 AND item_id = $2`,
	} {
		if _, err := tx.ExecContext(ctx, statement, item.Type, item.ID); err != nil {
			return err
		}
	}
	return nil
}

package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/virusmap/virusmap/supernode/community"
)

// ErrTooManyMembers is returned when a collection would have more than
// community.MaxCollectionItems.
var ErrTooManyMembers = errors.New("the collection has too many items")

// Member is an item of a collection.
type Member struct {
	Item community.Item
	// Value is what the id of a URL stands for; empty for others, whose ids say it.
	Value string
	Added int64 // unix seconds
}

// AddMembers adds items to a collection at a time in unix seconds; those it has stay as they
// are. Errors: ErrNotFound, ErrTooManyMembers.
func (x *Index) AddMembers(ctx context.Context, collection string, members []Member, now int64) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if err := touch(ctx, tx, collection, now); err != nil {
			return err
		}
		return addMembers(ctx, tx, collection, members, now)
	})
	if err != nil {
		return fmt.Errorf("add to collection: %w", err)
	}
	return nil
}

// touch notes the time of a change.
func touch(ctx context.Context, tx *sql.Tx, collection string, now int64) error {
	result, err := tx.ExecContext(ctx, `UPDATE collections SET modified = $2 WHERE id = $1`, collection, now)
	if err != nil {
		return err
	}
	return affected(result)
}

func addMembers(ctx context.Context, tx *sql.Tx, collection string, members []Member, now int64) error {
	added := make(map[string]int64)
	for _, member := range members {
		result, err := tx.ExecContext(ctx, `INSERT INTO collection_items (collection, item_type, item_id, value, added)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT (collection, item_type, item_id) DO NOTHING`,
			collection, member.Item.Type, member.Item.ID, member.Value, now)
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return err
		}
		added[member.Item.Type] += rows
	}
	return countMembers(ctx, tx, collection, added)
}

// countMembers changes the totals of a collection and refuses too many.
func countMembers(ctx context.Context, tx *sql.Tx, collection string, changes map[string]int64) error {
	item := community.Item{Type: "collection", ID: collection}
	for itemType, by := range changes {
		if err := addTotal(ctx, tx, item, itemType, by); err != nil {
			return err
		}
	}
	var all int64
	if err := tx.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(total), 0) AS BIGINT) FROM item_totals WHERE item_type = $1 AND item_id = $2
		AND name IN ('file', 'url', 'domain', 'ip_address')`, item.Type, item.ID).Scan(&all); err != nil {
		return err
	}
	if all > community.MaxCollectionItems {
		return ErrTooManyMembers
	}
	return nil
}

// DropMembers takes items out of a collection at a time in unix seconds; those it does not
// have are passed over. Errors: ErrNotFound.
func (x *Index) DropMembers(ctx context.Context, collection string, items []community.Item, now int64) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if err := touch(ctx, tx, collection, now); err != nil {
			return err
		}
		dropped := make(map[string]int64)
		for _, item := range items {
			result, err := tx.ExecContext(ctx, `DELETE FROM collection_items WHERE collection = $1 AND item_type = $2 AND item_id = $3`,
				collection, item.Type, item.ID)
			if err != nil {
				return err
			}
			rows, err := result.RowsAffected()
			if err != nil {
				return err
			}
			dropped[item.Type] -= rows
		}
		return countMembers(ctx, tx, collection, dropped)
	})
	if err != nil {
		return fmt.Errorf("take out of collection: %w", err)
	}
	return nil
}

// Members are at most limit items of one type in a collection, in the order of their ids
// after one.
func (x *Index) Members(ctx context.Context, collection, itemType, after string, limit int) ([]Member, error) {
	rows, err := x.read.QueryContext(ctx, `SELECT item_id, value, added FROM collection_items
		WHERE collection = $1 AND item_type = $2 AND item_id > $3 ORDER BY item_id LIMIT $4`, collection, itemType, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var members []Member
	for rows.Next() {
		m := Member{Item: community.Item{Type: itemType}}
		if err := rows.Scan(&m.Item.ID, &m.Value, &m.Added); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, rows.Err()
}

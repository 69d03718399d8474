package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/virusmap/virusmap/supernode/community"
)

// keptDeletions is for how many seconds deleted comments and collections are remembered,
// longer than a signed request can be sent again.
const keptDeletions = 24 * 60 * 60

// ErrDeleted is returned for a comment or a collection that was deleted not long ago.
var ErrDeleted = errors.New("it was deleted")

// Comment is what an account says about an item.
type Comment struct {
	ID     string
	Item   community.Item
	Author string
	Date   int64 // unix seconds
	Text   string
	// Signed is empty for a comment by API key.
	Signed community.Signed
}

// Position is where a list that is ordered from new to old goes on: after this one.
type Position struct {
	Date int64 // unix seconds
	ID   string
}

// newest is before all there is.
var newest = Position{Date: math.MaxInt64}

// from is the position itself, or the begin of the list for none.
func (p *Position) from() Position {
	if p == nil {
		return newest
	}
	return *p
}

// AddComment stores a comment by its id, once. Errors: ErrDeleted.
func (x *Index) AddComment(ctx context.Context, c Comment) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if err := checkDeleted(ctx, tx, c.ID); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `INSERT INTO comments
			(id, item_type, item_id, author, date, content, statement, pub_key, signature)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
			c.ID, c.Item.Type, c.Item.ID, c.Author, c.Date, c.Text, c.Signed.Statement, notNull(c.Signed.PubKey), notNull(c.Signed.Signature))
		if err != nil {
			return err
		}
		if added, err := result.RowsAffected(); err != nil || added == 0 {
			return err
		}
		for _, tag := range community.Tags(c.Text) {
			if _, err := tx.ExecContext(ctx, `INSERT INTO comment_tags (tag, date, id) VALUES ($1, $2, $3)`, tag, c.Date, c.ID); err != nil {
				return err
			}
		}
		return addTotal(ctx, tx, c.Item, totalComments, 1)
	})
	if err != nil {
		return fmt.Errorf("store comment: %w", err)
	}
	return nil
}

// notNull makes an empty value of a missing one.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// DropComment deletes a comment with its votes at a time in unix seconds. Errors: ErrNotFound.
func (x *Index) DropComment(ctx context.Context, id string, now int64) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		c, err := scanComment(tx.QueryRowContext(ctx, selectComment+` WHERE id = $1`, id))
		if err != nil {
			return err
		}
		for _, tag := range community.Tags(c.Text) {
			if _, err := tx.ExecContext(ctx, `DELETE FROM comment_tags WHERE tag = $1 AND date = $2 AND id = $3`, tag, c.Date, id); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM comments WHERE id = $1`, id); err != nil {
			return err
		}
		if err := rememberDeleted(ctx, tx, id, now); err != nil {
			return err
		}
		if err := forget(ctx, tx, community.Item{Type: "comment", ID: id}); err != nil {
			return err
		}
		return addTotal(ctx, tx, c.Item, totalComments, -1)
	})
	if err != nil {
		return fmt.Errorf("delete comment: %w", err)
	}
	return nil
}

// checkDeleted refuses the id of what was deleted. Comments and collections, whose ids differ
// in form, are remembered in one table.
func checkDeleted(ctx context.Context, tx *sql.Tx, id string) error {
	var deleted bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM deleted_comments WHERE id = $1)`, id).Scan(&deleted)
	if err == nil && deleted {
		return ErrDeleted
	}
	return err
}

func rememberDeleted(ctx context.Context, tx *sql.Tx, id string, now int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM deleted_comments WHERE date < $1`, now-keptDeletions); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO deleted_comments (id, date) VALUES ($1, $2)`, id, now)
	return err
}

const selectComment = `SELECT id, item_type, item_id, author, date, content, statement, pub_key, signature FROM comments`

// Comment finds a comment by its id. Errors: ErrNotFound.
func (x *Index) Comment(ctx context.Context, id string) (Comment, error) {
	return scanComment(x.read.QueryRowContext(ctx, selectComment+` WHERE id = $1`, id))
}

// Comments are at most limit comments of everybody on everything after a position, nil for
// the first ones; newest first.
func (x *Index) Comments(ctx context.Context, after *Position, limit int) ([]Comment, error) {
	from := after.from()
	return x.comments(ctx, selectComment+` WHERE (date, id) < ($1, $2) ORDER BY date DESC, id DESC LIMIT $3`, from.Date, from.ID, limit)
}

// CommentsOf are those on an item.
func (x *Index) CommentsOf(ctx context.Context, item community.Item, after *Position, limit int) ([]Comment, error) {
	from := after.from()
	return x.comments(ctx, selectComment+` WHERE item_type = $1 AND item_id = $2 AND (date, id) < ($3, $4) ORDER BY date DESC, id DESC LIMIT $5`,
		item.Type, item.ID, from.Date, from.ID, limit)
}

// CommentsBy are those by an author.
func (x *Index) CommentsBy(ctx context.Context, author string, after *Position, limit int) ([]Comment, error) {
	from := after.from()
	return x.comments(ctx, selectComment+` WHERE author = $1 AND (date, id) < ($2, $3) ORDER BY date DESC, id DESC LIMIT $4`, author, from.Date, from.ID, limit)
}

// CommentsTagged are those with a tag in its canonical form.
func (x *Index) CommentsTagged(ctx context.Context, tag string, after *Position, limit int) ([]Comment, error) {
	from := after.from()
	return x.comments(ctx, selectComment+` WHERE id IN (SELECT id FROM comment_tags WHERE tag = $1 AND (date, id) < ($2, $3)
		ORDER BY date DESC, id DESC LIMIT $4) ORDER BY date DESC, id DESC`, tag, from.Date, from.ID, limit)
}

func (x *Index) comments(ctx context.Context, query string, args ...any) ([]Comment, error) {
	rows, err := x.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Comment
	for rows.Next() {
		c, err := scanComment(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// rowScanner is a row, alone or of many.
type rowScanner interface{ Scan(into ...any) error }

func scanComment(row rowScanner) (c Comment, err error) {
	err = row.Scan(&c.ID, &c.Item.Type, &c.Item.ID, &c.Author, &c.Date, &c.Text, &c.Signed.Statement, &c.Signed.PubKey, &c.Signed.Signature)
	if errors.Is(err, sql.ErrNoRows) {
		return Comment{}, ErrNotFound
	}
	c.Signed = proof(c.Signed)
	return c, err
}

// proof is what was stored of a statement: nothing for one that there is not, whether the
// database tells empty bytes from none or not.
func proof(s community.Signed) community.Signed {
	if s.Statement == "" {
		return community.Signed{}
	}
	return s
}

package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/virusmap/virusmap/supernode/community"
)

var (
	// ErrTooManyCollections is returned when an account has community.MaxCollections.
	ErrTooManyCollections = errors.New("the account has too many collections")
	// ErrExists is returned for a collection that is there already.
	ErrExists = errors.New("it exists")
	// ErrChanged is returned for a change that is older than the last one.
	ErrChanged = errors.New("the collection was changed since")
)

// Collection is a named list of items. Times are unix seconds.
type Collection struct {
	ID                string
	Owner             string
	Name, Description string
	Created, Modified int64
	// Signed is the statement of the last change of name and description; empty when that
	// came by API key.
	Signed community.Signed
}

// AddCollection stores a new collection with its members. Errors: ErrDeleted, ErrExists,
// ErrTooManyCollections, ErrTooManyMembers.
func (x *Index) AddCollection(ctx context.Context, c Collection, members []Member) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if err := checkDeleted(ctx, tx, c.ID); err != nil {
			return err
		}
		var own int64
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM collections WHERE owner = $1`, c.Owner).Scan(&own); err != nil {
			return err
		}
		if own >= community.MaxCollections {
			return ErrTooManyCollections
		}
		result, err := tx.ExecContext(ctx, `INSERT INTO collections
			(id, owner, name, description, created, modified, statement, pub_key, signature)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
			c.ID, c.Owner, c.Name, c.Description, c.Created, c.Modified, c.Signed.Statement, notNull(c.Signed.PubKey), notNull(c.Signed.Signature))
		if err != nil {
			return err
		}
		if added, err := result.RowsAffected(); err != nil || added == 0 {
			return errors.Join(err, ErrExists)
		}
		if err := addWords(ctx, tx, c); err != nil {
			return err
		}
		return addMembers(ctx, tx, c.ID, members, c.Created)
	})
	if err != nil {
		return fmt.Errorf("store collection: %w", err)
	}
	return nil
}

func addWords(ctx context.Context, tx *sql.Tx, c Collection) error {
	for _, word := range community.Words(c.Name + "\n" + c.Description) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO collection_words (word, collection) VALUES ($1, $2)`, word, c.ID); err != nil {
			return err
		}
	}
	return nil
}

func dropWords(ctx context.Context, tx *sql.Tx, c Collection) error {
	for _, word := range community.Words(c.Name + "\n" + c.Description) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM collection_words WHERE word = $1 AND collection = $2`, word, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// UpdateCollection stores name, description, time and statement of a collection, and adds
// members. Errors: ErrNotFound, ErrChanged, ErrTooManyMembers.
func (x *Index) UpdateCollection(ctx context.Context, c Collection, members []Member) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		earlier, err := scanCollection(tx.QueryRowContext(ctx, selectCollection+` WHERE id = $1`, c.ID))
		if err != nil {
			return err
		}
		if err := touch(ctx, tx, c.ID, c.Modified); err != nil {
			return err
		}
		if err := dropWords(ctx, tx, earlier); err != nil {
			return err
		}
		if err := addWords(ctx, tx, c); err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, `UPDATE collections SET name = $2, description = $3, statement = $4, pub_key = $5, signature = $6
			WHERE id = $1`, c.ID, c.Name, c.Description, c.Signed.Statement, notNull(c.Signed.PubKey), notNull(c.Signed.Signature)); err != nil {
			return err
		}
		return addMembers(ctx, tx, c.ID, members, c.Modified)
	})
	if err != nil {
		return fmt.Errorf("store collection: %w", err)
	}
	return nil
}

// DropCollection deletes a collection with its members at a time in unix seconds. What was
// said about it stays. Errors: ErrNotFound.
func (x *Index) DropCollection(ctx context.Context, id string, now int64) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		c, err := scanCollection(tx.QueryRowContext(ctx, selectCollection+` WHERE id = $1`, id))
		if err != nil {
			return err
		}
		if err := dropWords(ctx, tx, c); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM collection_items WHERE collection = $1`,
			`DELETE FROM collections WHERE id = $1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, id); err != nil {
				return err
			}
		}
		if err := rememberDeleted(ctx, tx, id, now); err != nil {
			return err
		}
		return forget(ctx, tx, community.Item{Type: "collection", ID: id})
	})
	if err != nil {
		return fmt.Errorf("delete collection: %w", err)
	}
	return nil
}

const selectCollection = `SELECT id, owner, name, description, created, modified, statement, pub_key, signature FROM collections`

// Collection finds a collection by its id. Errors: ErrNotFound.
func (x *Index) Collection(ctx context.Context, id string) (Collection, error) {
	return scanCollection(x.read.QueryRowContext(ctx, selectCollection+` WHERE id = $1`, id))
}

// Collections are at most limit collections after a position, newest first.
func (x *Index) Collections(ctx context.Context, after *Position, limit int) ([]Collection, error) {
	from := after.from()
	return x.collections(ctx, selectCollection+` WHERE (created, id) < ($1, $2) ORDER BY created DESC, id DESC LIMIT $3`, from.Date, from.ID, limit)
}

// CollectionsBy are those of an owner.
func (x *Index) CollectionsBy(ctx context.Context, owner string, after *Position, limit int) ([]Collection, error) {
	from := after.from()
	return x.collections(ctx, selectCollection+` WHERE owner = $1 AND (created, id) < ($2, $3) ORDER BY created DESC, id DESC LIMIT $4`,
		owner, from.Date, from.ID, limit)
}

// CollectionsWith are those that have an item, in the order of their ids after one.
func (x *Index) CollectionsWith(ctx context.Context, item community.Item, after string, limit int) ([]Collection, error) {
	return x.collections(ctx, selectCollection+` WHERE id IN (SELECT collection FROM collection_items WHERE item_type = $1 AND item_id = $2 AND collection > $3
		ORDER BY collection LIMIT $4) ORDER BY id`, item.Type, item.ID, after, limit)
}

// maxSearchWords is how many words a search compares.
const maxSearchWords = 4

// SearchCollections are those with all of the words, of which maxSearchWords count, in the
// order of their ids after one.
func (x *Index) SearchCollections(ctx context.Context, words []string, after string, limit int) ([]Collection, error) {
	if len(words) == 0 {
		return nil, nil
	}
	args := []any{after, limit}
	for i := range maxSearchWords {
		args = append(args, words[min(i, len(words)-1)])
	}
	return x.collections(ctx, selectCollection+` WHERE id IN (SELECT collection FROM collection_words AS first WHERE word = $3 AND collection > $1
		AND EXISTS (SELECT 1 FROM collection_words WHERE word = $4 AND collection = first.collection)
		AND EXISTS (SELECT 1 FROM collection_words WHERE word = $5 AND collection = first.collection)
		AND EXISTS (SELECT 1 FROM collection_words WHERE word = $6 AND collection = first.collection)
		ORDER BY collection LIMIT $2) ORDER BY id`, args...)
}

func (x *Index) collections(ctx context.Context, query string, args ...any) ([]Collection, error) {
	rows, err := x.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Collection
	for rows.Next() {
		c, err := scanCollection(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

func scanCollection(row rowScanner) (c Collection, err error) {
	err = row.Scan(&c.ID, &c.Owner, &c.Name, &c.Description, &c.Created, &c.Modified, &c.Signed.Statement, &c.Signed.PubKey, &c.Signed.Signature)
	if errors.Is(err, sql.ErrNoRows) {
		return Collection{}, ErrNotFound
	}
	c.Signed = proof(c.Signed)
	return c, err
}

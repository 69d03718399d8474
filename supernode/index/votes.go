package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/virusmap/virusmap/supernode/community"
)

// ErrOlderVote is returned for a vote from before the one that counts.
var ErrOlderVote = errors.New("the account has voted since")

// Vote is the verdict of an account on an item; an account has one on each.
type Vote struct {
	Item    community.Item
	Account string
	Verdict string
	Date    int64 // unix seconds
	// Signed is empty for a vote by API key.
	Signed community.Signed
}

// PutVote stores a vote instead of the account's earlier one. Errors: ErrOlderVote.
func (x *Index) PutVote(ctx context.Context, v Vote) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		var earlier string
		var date int64
		err := tx.QueryRowContext(ctx, `SELECT verdict, date FROM votes WHERE item_type = $1 AND item_id = $2 AND account = $3`,
			v.Item.Type, v.Item.ID, v.Account).Scan(&earlier, &date)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		case date > v.Date:
			return ErrOlderVote
		default:
			if err := addTotal(ctx, tx, v.Item, earlier, -1); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO votes (item_type, item_id, account, verdict, date, statement, pub_key, signature)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (item_type, item_id, account) DO UPDATE SET verdict = excluded.verdict,
			date = excluded.date, statement = excluded.statement, pub_key = excluded.pub_key, signature = excluded.signature`,
			v.Item.Type, v.Item.ID, v.Account, v.Verdict, v.Date, v.Signed.Statement, notNull(v.Signed.PubKey), notNull(v.Signed.Signature)); err != nil {
			return err
		}
		return addTotal(ctx, tx, v.Item, v.Verdict, 1)
	})
	if err != nil {
		return fmt.Errorf("store vote: %w", err)
	}
	return nil
}

// VotesOf are at most limit votes on an item after a position, whose ID is an account; newest
// first.
func (x *Index) VotesOf(ctx context.Context, item community.Item, after *Position, limit int) ([]Vote, error) {
	from := after.from()
	rows, err := x.read.QueryContext(ctx, `SELECT account, verdict, date, statement, pub_key, signature FROM votes
		WHERE item_type = $1 AND item_id = $2 AND (date, account) < ($3, $4) ORDER BY date DESC, account DESC LIMIT $5`,
		item.Type, item.ID, from.Date, from.ID, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var votes []Vote
	for rows.Next() {
		v := Vote{Item: item}
		if err := rows.Scan(&v.Account, &v.Verdict, &v.Date, &v.Signed.Statement, &v.Signed.PubKey, &v.Signed.Signature); err != nil {
			return nil, err
		}
		v.Signed = proof(v.Signed)
		votes = append(votes, v)
	}
	return votes, rows.Err()
}

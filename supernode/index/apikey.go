package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Bounds of the API keys that are kept.
const (
	MaxKeysPerAccount = 32
	MaxKeys           = 1_000_000
)

var (
	// ErrTooManyKeys is returned when no key can be added before others expire or are dropped.
	ErrTooManyKeys = errors.New("too many API keys")
	// ErrForeignKey is returned for a key that another account authorised before.
	ErrForeignKey = errors.New("the API key is another account's")
)

// APIKey is a key that a wallet authorised. Of the key itself only its SHA-256 is known.
type APIKey struct {
	Hash            [32]byte
	Account         string
	Issued, Expires int64 // unix seconds
}

// AddAPIKey stores a key and drops those that have expired by now, in unix seconds. Of a key
// that the account authorised more than once, what was issued last counts. Errors:
// ErrForeignKey, ErrTooManyKeys. The entry goes into the audit log with it.
func (x *Index) AddAPIKey(ctx context.Context, key APIKey, now int64, entry AuditEntry) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM api_keys WHERE expires <= $1`, now); err != nil {
			return err
		}
		var owner string
		err := tx.QueryRowContext(ctx, `SELECT account FROM api_keys WHERE hash = $1`, key.Hash[:]).Scan(&owner)
		switch {
		case err == nil && owner != key.Account:
			return ErrForeignKey
		case errors.Is(err, sql.ErrNoRows):
			err = checkRoomForKey(ctx, tx, key.Account)
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO api_keys (hash, account, issued, expires) VALUES ($1, $2, $3, $4)
			ON CONFLICT (hash) DO UPDATE SET issued = excluded.issued, expires = excluded.expires WHERE excluded.issued > api_keys.issued`,
			key.Hash[:], key.Account, key.Issued, key.Expires)
		if err != nil {
			return err
		}
		return addAuditEntry(ctx, tx, entry)
	})
	if err != nil {
		return fmt.Errorf("store API key: %w", err)
	}
	return nil
}

func checkRoomForKey(ctx context.Context, tx *sql.Tx, account string) error {
	var own, all int64
	err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM api_keys WHERE account = $1), (SELECT count(*) FROM api_keys)`,
		account).Scan(&own, &all)
	switch {
	case err != nil:
		return err
	case own >= MaxKeysPerAccount:
		return fmt.Errorf("%w: the account has %d already", ErrTooManyKeys, own)
	case all >= MaxKeys:
		return fmt.Errorf("%w: all accounts together have %d", ErrTooManyKeys, all)
	}
	return nil
}

// APIKey finds a key by its SHA-256. Errors: ErrNotFound.
func (x *Index) APIKey(ctx context.Context, hash [32]byte) (APIKey, error) {
	key := APIKey{Hash: hash}
	err := x.apiKey.QueryRowContext(ctx, hash[:]).Scan(&key.Account, &key.Issued, &key.Expires)
	if errors.Is(err, sql.ErrNoRows) {
		return APIKey{}, ErrNotFound
	}
	return key, err
}

// DropAPIKey drops a key. Errors: ErrNotFound. The entry goes into the audit log with it.
func (x *Index) DropAPIKey(ctx context.Context, hash [32]byte, entry AuditEntry) error {
	err := x.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM api_keys WHERE hash = $1`, hash[:])
		if err != nil {
			return err
		}
		if err := affected(result); err != nil {
			return err
		}
		return addAuditEntry(ctx, tx, entry)
	})
	if err != nil {
		return fmt.Errorf("drop API key: %w", err)
	}
	return nil
}

// MaxKeyPage bounds what APIKeys answers at once.
const MaxKeyPage = 1000

// APIKeys lists the keys of all accounts by their hash, from after one on.
func (x *Index) APIKeys(ctx context.Context, after []byte, limit int) ([]APIKey, error) {
	if after == nil {
		after = []byte{}
	}
	rows, err := x.read.QueryContext(ctx, `SELECT hash, account, issued, expires FROM api_keys WHERE hash > $1 ORDER BY hash LIMIT $2`,
		after, min(max(limit, 1), MaxKeyPage))
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	defer rows.Close()
	var all []APIKey
	for rows.Next() {
		var key APIKey
		var hash []byte
		if err := rows.Scan(&hash, &key.Account, &key.Issued, &key.Expires); err != nil {
			return nil, fmt.Errorf("list API keys: %w", err)
		}
		copy(key.Hash[:], hash)
		all = append(all, key)
	}
	return all, rows.Err()
}

package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

const (
	selectPrivateFile     = `SELECT id, owner, tag, size, created, expires, sealed FROM private_files`
	selectPrivateAnalysis = `SELECT id, file, owner, created, done, sealed FROM private_analyses`

	// maxPrivatePage bounds a page of private files, of analyses, and of what expired.
	maxPrivatePage = 1000
)

type privateRow interface{ Scan(into ...any) error }

func scanPrivateFile(from privateRow) (PrivateFile, error) {
	var f PrivateFile
	err := from.Scan(&f.ID, &f.Owner, &f.Tag, &f.Size, &f.Created, &f.Expires, &f.Sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return PrivateFile{}, ErrNotFound
	}
	return f, err
}

func scanPrivateAnalysis(from privateRow) (PrivateAnalysis, error) {
	var a PrivateAnalysis
	err := from.Scan(&a.ID, &a.File, &a.Owner, &a.Created, &a.Done, &a.Sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return PrivateAnalysis{}, ErrNotFound
	}
	return a, err
}

// PrivateFile finds what an owner has of a content. Errors: ErrNotFound.
func (x *Index) PrivateFile(ctx context.Context, owner, tag []byte) (PrivateFile, error) {
	return scanPrivateFile(x.read.QueryRowContext(ctx, selectPrivateFile+` WHERE owner = $1 AND tag = $2`, owner, tag))
}

// PrivateFileByID is for the scanner and for cleaning up. Errors: ErrNotFound.
func (x *Index) PrivateFileByID(ctx context.Context, id string) (PrivateFile, error) {
	return scanPrivateFile(x.read.QueryRowContext(ctx, selectPrivateFile+` WHERE id = $1`, id))
}

// PrivateAnalysis finds an analysis, whoever owns it. Errors: ErrNotFound.
func (x *Index) PrivateAnalysis(ctx context.Context, id string) (PrivateAnalysis, error) {
	return scanPrivateAnalysis(x.read.QueryRowContext(ctx, selectPrivateAnalysis+` WHERE id = $1`, id))
}

// LatestPrivateAnalysis finds the newest finished analysis of a file. Errors: ErrNotFound.
func (x *Index) LatestPrivateAnalysis(ctx context.Context, file string) (PrivateAnalysis, error) {
	return scanPrivateAnalysis(x.read.QueryRowContext(ctx, selectPrivateAnalysis+
		` WHERE file = $1 AND done > 0 ORDER BY created DESC, id DESC LIMIT 1`, file))
}

// PrivatePosition is where a page of a list begins: after what was created then under that
// ID. The zero value is the beginning, which is the newest.
type PrivatePosition struct {
	Created int64
	ID      string
}

func (p PrivatePosition) orNewest() PrivatePosition {
	if p == (PrivatePosition{}) {
		return PrivatePosition{Created: 1 << 62}
	}
	return p
}

// PrivateFiles lists the files of an owner, the newest first.
func (x *Index) PrivateFiles(ctx context.Context, owner []byte, after PrivatePosition, limit int) ([]PrivateFile, error) {
	after = after.orNewest()
	return privateList(ctx, x, scanPrivateFile, selectPrivateFile+
		` WHERE owner = $1 AND (created, id) < ($2, $3) ORDER BY created DESC, id DESC LIMIT $4`, owner, after.Created, after.ID, privatePage(limit))
}

// PrivateAnalyses lists the analyses of an owner, the newest first.
func (x *Index) PrivateAnalyses(ctx context.Context, owner []byte, after PrivatePosition, limit int) ([]PrivateAnalysis, error) {
	after = after.orNewest()
	return privateList(ctx, x, scanPrivateAnalysis, selectPrivateAnalysis+
		` WHERE owner = $1 AND (created, id) < ($2, $3) ORDER BY created DESC, id DESC LIMIT $4`, owner, after.Created, after.ID, privatePage(limit))
}

// WaitingPrivateAnalyses lists some of those that are not done, the oldest first.
func (x *Index) WaitingPrivateAnalyses(ctx context.Context) ([]PrivateAnalysis, error) {
	return privateList(ctx, x, scanPrivateAnalysis, selectPrivateAnalysis+` WHERE done = 0 ORDER BY created LIMIT $1`, maxPrivatePage)
}

// ExpiredPrivateFiles lists some of those whose time is over at now, in unix seconds.
func (x *Index) ExpiredPrivateFiles(ctx context.Context, now int64) ([]PrivateFile, error) {
	return privateList(ctx, x, scanPrivateFile, selectPrivateFile+` WHERE expires <= $1 ORDER BY expires LIMIT $2`, now, maxPrivatePage)
}

func privatePage(limit int) int { return min(max(limit, 1), maxPrivatePage) }

func privateList[T any](ctx context.Context, x *Index, scan func(privateRow) (T, error), query string, arguments ...any) ([]T, error) {
	rows, err := x.read.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, fmt.Errorf("list what is private: %w", err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list what is private: %w", err)
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

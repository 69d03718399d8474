package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/virusmap/virusmap/supernode/index"
)

const (
	tidyInterval = time.Minute
	// orphanAge is how long a private content may be on disk before the index knows it.
	orphanAge = time.Hour
)

// Housekeep forgets what is kept for a time only, until ctx ends.
func (g *Gateway) Housekeep(ctx context.Context) error {
	ticker := time.NewTicker(tidyInterval)
	defer ticker.Stop()
	for {
		if err := g.tidy(ctx); err != nil && ctx.Err() == nil {
			g.log.Error("what is old is not all forgotten", "error", err)
		}
		select {
		case <-ctx.Done():
			g.noteTally(context.WithoutCancel(ctx), true)
			return nil
		case <-ticker.C:
		}
	}
}

func (g *Gateway) tidy(ctx context.Context) error {
	g.noteTally(ctx, false)
	return errors.Join(
		g.dropExpired(ctx),
		g.dropOrphans(ctx),
		g.deps.Index.PruneAudit(ctx, g.now().Unix()-int64(g.cfg.AuditDays)*secondsPerDay),
		g.pruneUsage(ctx),
	)
}

// dropExpired deletes the private files whose time is over, even where no scanner runs now.
func (g *Gateway) dropExpired(ctx context.Context) error {
	if g.deps.Private == nil {
		return nil
	}
	for {
		files, err := g.deps.Index.ExpiredPrivateFiles(ctx, g.now().Unix())
		if err != nil || len(files) == 0 {
			return err
		}
		for _, file := range files {
			entry := index.AuditEntry{Time: g.now().Unix(), Actor: "retention", Action: actionPrivateDelete, Result: resultDone}
			err := g.deps.Index.DropExpiredPrivateFile(ctx, file.ID, entry)
			if isNotFound(err) {
				continue // its owner deleted it or sent it once more meanwhile
			}
			if err != nil {
				return err
			}
			if err := g.deps.Private.Remove(file.ID); err != nil {
				return err
			}
		}
	}
}

// dropOrphans deletes private contents that the index does not know: a crash came between.
func (g *Gateway) dropOrphans(ctx context.Context) error {
	if g.deps.Private == nil {
		return nil
	}
	ids, err := g.deps.Private.Older(time.Now().Add(-orphanAge))
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := g.deps.Index.PrivateFileByID(ctx, id)
		if isNotFound(err) {
			err = g.deps.Private.Remove(id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

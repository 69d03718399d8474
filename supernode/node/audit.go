package node

import (
	"context"

	"github.com/virusmap/virusmap/supernode/index"
)

// Audit reads the audit log of a home, the newest entry first. The supernode may be running.
func Audit(ctx context.Context, home string, query index.AuditQuery) ([]index.AuditEntry, error) {
	cfg, err := Load(home)
	if err != nil {
		return nil, err
	}
	x, err := index.Open(ctx, cfg.index(home))
	if err != nil {
		return nil, err
	}
	defer x.Close()
	return x.AuditLog(ctx, query)
}

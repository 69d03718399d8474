package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
)

// AddPublic stores data as it is, not encrypted, for every peer of the swarm to
// read: round archives, never samples. It is on disk when AddPublic returns.
// The same data gives the same CID.
func (v *Vault) AddPublic(ctx context.Context, data []byte) (cid.Cid, error) {
	c, err := v.addPublic(ctx, data)
	if err != nil {
		return cid.Undef, fmt.Errorf("vault: add public: %w", err)
	}
	return c, nil
}

func (v *Vault) addPublic(ctx context.Context, data []byte) (cid.Cid, error) {
	stage, err := v.store.newStage(ctx)
	if err != nil {
		return cid.Undef, err
	}
	c, err := importFile(ctx, &source{ctx: ctx, r: bytes.NewReader(data), limit: v.cfg.MaxSize}, stage)
	if err != nil {
		return cid.Undef, errors.Join(err, stage.discard())
	}
	if err := v.store.commit(ctx, c, stage); err != nil {
		return cid.Undef, err
	}
	return c, v.announce(ctx, stage.cids)
}

// ReadPublic gives what AddPublic stored here or at a peer, if it is at most
// limit bytes. Errors: as Unseal.
func (v *Vault) ReadPublic(ctx context.Context, c cid.Cid, limit int64) ([]byte, error) {
	if limit < 0 {
		return nil, fmt.Errorf("vault: read %s: limit is negative", c)
	}
	if err := v.ensure(ctx, c, limit); err != nil {
		return nil, err
	}
	file, err := v.open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("vault: read %s: %w", c, err)
	}
	defer file.Close()
	if size := file.Size(); size > uint64(limit) {
		return nil, fmt.Errorf("vault: read %s: %w: %d bytes, limit %d", c, ErrTooLarge, size, limit)
	}
	data := make([]byte, file.Size())
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, fmt.Errorf("vault: read %s: %w", c, err)
	}
	return data, nil
}

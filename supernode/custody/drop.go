package custody

import (
	"bytes"
	"context"
	"encoding/hex"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// drop removes files and then their pins, so that a crash in between leaves a pin, which
// is harmless.
func (c *Custody) drop(ctx context.Context, files []file) error {
	names := make([][32]byte, len(files))
	for i, f := range files {
		if err := c.Vault.Remove(ctx, f.cid); err != nil {
			return err
		}
		c.metrics.dropped.Inc()
		names[i] = f.name
	}
	return c.Vault.Unpin(names...)
}

// sweep drops what is pinned in the range of a page and has no record there any more: it
// has expired, or its hash has got another ciphertext.
func (c *Custody) sweep(ctx context.Context, t terms, from, through []byte, entries []samplestypes.SampleEntry) (swept int, err error) {
	if !t.fresh {
		return 0, nil
	}
	recorded := make(map[string][]byte, len(entries))
	for _, entry := range entries {
		recorded[string(entry.Sha256)] = entry.Sample.Sealing.Cid
	}
	for {
		pins, err := c.Vault.Pins(from, pageSize)
		if err != nil {
			return swept, err
		}
		for _, pin := range pins {
			if through != nil && bytes.Compare(pin.Name[:], through) > 0 {
				return swept, nil
			}
			if bytes.Equal(recorded[string(pin.Name[:])], pin.CID.Bytes()) {
				continue
			}
			gone, err := c.gone(ctx, pin)
			if err != nil {
				return swept, err
			}
			if gone {
				if err := c.drop(ctx, []file{{name: pin.Name, cid: pin.CID}}); err != nil {
					return swept, err
				}
				swept++
			}
		}
		if len(pins) < pageSize {
			return swept, nil
		}
		from = bytes.Clone(pins[len(pins)-1].Name[:])
	}
}

// gone asks once more about a pin, because the record may be newer than the page.
func (c *Custody) gone(ctx context.Context, pin vault.Pin) (bool, error) {
	response, err := c.Chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(pin.Name[:])})
	if status.Code(err) == codes.NotFound {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return !bytes.Equal(response.Entry.Sample.Sealing.Cid, pin.CID.Bytes()), nil
}

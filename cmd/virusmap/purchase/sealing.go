package purchase

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// errOtherContent means that what was fetched is not what the chain has a record of.
var errOtherContent = errors.New("not the ciphertext that the chain has a record of")

// verify reads a whole ciphertext and compares it with its record: the size, the storage
// root, which binds every byte, and the CID as unixfs-v1-2025 (IPIP-499) gives it, which is
// the way of the vault.
func verify(ctx context.Context, file io.Reader, sealing samplestypes.Sealing) error {
	got, err := vault.Identify(ctx, file, maxCiphertext)
	switch {
	case errors.Is(err, vault.ErrTooLarge):
		return fmt.Errorf("%w: %w", errOtherContent, err)
	case err != nil:
		return err
	case uint64(got.Size) != sealing.SizeBytes:
		return fmt.Errorf("%w: %d bytes, want %d", errOtherContent, got.Size, sealing.SizeBytes)
	case !bytes.Equal(got.StorageRoot[:], sealing.StorageRoot):
		return fmt.Errorf("%w: storage root %x, want %x", errOtherContent, got.StorageRoot, sealing.StorageRoot)
	case !bytes.Equal(got.CID.Bytes(), sealing.Cid):
		return fmt.Errorf("%w: CID %s by the profile unixfs-v1-2025, want another", errOtherContent, got.CID)
	}
	return nil
}

package purchase

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ipfs/go-cid"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// Source has ciphertexts. Nothing that it says is believed.
type Source interface {
	// Fetch appends what part lacks of the file under c, and stops at size bytes. It may
	// begin anew by truncating part.
	Fetch(ctx context.Context, c cid.Cid, size int64, part *os.File) error
	// String names it in errors.
	String() string
}

// errTooMuch is of a source that has more to say than the chain's record.
var errTooMuch = errors.New("sends more than the size on the chain")

const (
	// maxCiphertext bounds what is fetched, whatever a record says.
	maxCiphertext = 2 << 30
	// A source that is slower than minSpeed, in bytes a second, is given up.
	minSpeed  = 16 << 10
	fetchTime = 10 * time.Minute
)

// fetch puts the verified ciphertext at path, trying one source after the other. What is in
// path.part from an interrupted fetch is kept.
func fetch(ctx context.Context, sources []Source, sealing samplestypes.Sealing, partPath, path string) error {
	c, err := cid.Cast(sealing.Cid)
	if err != nil {
		return fmt.Errorf("CID on the chain: %w", err)
	}
	if sealing.SizeBytes > maxCiphertext {
		return fmt.Errorf("ciphertext has %d bytes, limit %d", sealing.SizeBytes, int64(maxCiphertext))
	}
	if len(sources) == 0 {
		return errors.New("nowhere to fetch it from")
	}
	part, err := os.OpenFile(partPath, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := fetchVerified(ctx, sources, c, sealing, part); err != nil {
		return errors.Join(err, part.Close())
	}
	return place(part, path, nil)
}

func fetchVerified(ctx context.Context, sources []Source, c cid.Cid, sealing samplestypes.Sealing, part *os.File) error {
	var errs []error
	for _, source := range sources {
		err := fetchFrom(ctx, source, c, sealing, part)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		errs = append(errs, fmt.Errorf("%s: %w", source, err))
	}
	return errors.Join(errs...)
}

// fetchFrom completes part and verifies it. When that fails and another source began the
// file, this one gets a chance with a file of its own.
func fetchFrom(ctx context.Context, source Source, c cid.Cid, sealing samplestypes.Sealing, part *os.File) error {
	begun, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	size := int64(sealing.SizeBytes)
	if begun != size {
		limited, cancel := context.WithTimeoutCause(ctx, fetchTime+time.Duration(size/minSpeed)*time.Second, errors.New("too slow"))
		err = source.Fetch(limited, c, size, part)
		cancel()
	}
	if err == nil {
		err = verifyPart(ctx, part, sealing)
	}
	if err == nil || (!errors.Is(err, errOtherContent) && !errors.Is(err, errTooMuch)) {
		return err
	}
	if truncated := restart(part); truncated != nil || begun == 0 {
		return errors.Join(err, truncated)
	}
	return fetchFrom(ctx, source, c, sealing, part)
}

func verifyPart(ctx context.Context, part *os.File, sealing samplestypes.Sealing) error {
	if _, err := part.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return verify(ctx, part, sealing)
}

// restart empties a file.
func restart(part *os.File) error {
	_, err := part.Seek(0, io.SeekStart)
	return errors.Join(err, part.Truncate(0))
}

// verifyFile verifies a ciphertext that was fetched before.
func verifyFile(ctx context.Context, path string, sealing samplestypes.Sealing) error {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	defer file.Close()
	return verify(ctx, file, sealing)
}

package feeds

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dsnet/compress/bzip2"
	"golang.org/x/sync/errgroup"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	// lineWorkers is how many lines of one package are written at one time.
	lineWorkers = 8
	// slotWait is how long a package waits for others that are being made.
	slotWait = 30 * time.Second
	// buildTimeout bounds the making of one package.
	buildTimeout = 10 * time.Minute
	// stamp is how VirusTotal writes a minute.
	stamp = "200601021504"
)

// Line writes the JSON of an entry, without the end of the line.
type Line func(ctx context.Context, position uint64, entry markettypes.FeedEntry) ([]byte, error)

// MinuteFile gives the package of a minute: bzip2 of one line per entry, in their order. The
// entries have been checked against the record. The caller closes the file. Errors:
// ErrIncomplete, ErrBusy.
func (f *Feeds) MinuteFile(ctx context.Context, record markettypes.FeedPackage, line Line) (*os.File, error) {
	name := fmt.Sprintf("%s-%x", fileName(record), record.Root)
	return f.cache.open(ctx, name, func(ctx context.Context, w io.Writer) error {
		return withSlot(ctx, f.minutes, func(ctx context.Context) error {
			if err := f.check(ctx, record); err != nil {
				return err
			}
			return f.writeMinute(ctx, w, record, line)
		})
	})
}

func fileName(record markettypes.FeedPackage) string {
	return record.Feed + "-" + Time(record.Minute).Format(stamp) + ".jsonl.bz2"
}

func (f *Feeds) writeMinute(ctx context.Context, w io.Writer, record markettypes.FeedPackage, line Line) error {
	compressed, err := bzip2.NewWriter(w, nil)
	if err != nil {
		return err
	}
	for position := uint64(0); position < record.Count; {
		entries, err := f.deps.Index.FeedEntries(ctx, record.Feed, record.Minute, position, int(min(pageEntries, record.Count-position)))
		if err != nil {
			return err
		}
		if len(entries) == 0 { // dropped since they were checked
			return ErrNoPackage
		}
		if err := writeLines(ctx, compressed, position, entries, line); err != nil {
			return err
		}
		position += uint64(len(entries))
	}
	return compressed.Close()
}

// writeLines makes the lines at the same time and writes them in order.
func writeLines(ctx context.Context, w io.Writer, position uint64, entries []markettypes.FeedEntry, line Line) error {
	lines := make([][]byte, len(entries))
	workers, ctx := errgroup.WithContext(ctx)
	workers.SetLimit(lineWorkers)
	for i, entry := range entries {
		workers.Go(func() (err error) {
			lines[i], err = line(ctx, position+uint64(i), entry)
			return err
		})
	}
	if err := workers.Wait(); err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// HourFile gives the packages of an hour as tar.bz2, with a file as MinuteFile gives it for
// each minute that has a package. The caller closes the file. Errors: as those of MinuteFile.
func (f *Feeds) HourFile(ctx context.Context, records []markettypes.FeedPackage, line Line) (*os.File, error) {
	if len(records) == 0 {
		return nil, ErrNoPackage
	}
	roots := sha256.New()
	for _, record := range records {
		fmt.Fprintf(roots, "%d %x\n", record.Minute, record.Root)
	}
	name := fmt.Sprintf("%s-%s.tar.bz2-%x", records[0].Feed, Time(records[0].Minute).Format("2006010215"), roots.Sum(nil))
	return f.cache.open(ctx, name, func(ctx context.Context, w io.Writer) error {
		return withSlot(ctx, f.hours, func(ctx context.Context) error { return f.writeHour(ctx, w, records, line) })
	})
}

func (f *Feeds) writeHour(ctx context.Context, w io.Writer, records []markettypes.FeedPackage, line Line) error {
	// What it holds is compressed already.
	compressed, err := bzip2.NewWriter(w, &bzip2.WriterConfig{Level: bzip2.BestSpeed})
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	for _, record := range records {
		if err := f.addMinute(ctx, archive, record, line); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), compressed.Close())
}

func (f *Feeds) addMinute(ctx context.Context, archive *tar.Writer, record markettypes.FeedPackage, line Line) error {
	file, err := f.MinuteFile(ctx, record, line)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: fileName(record), Size: info.Size(), Mode: 0o644, ModTime: Time(record.Minute + 1),
	}); err != nil {
		return err
	}
	_, err = io.Copy(archive, file)
	return err
}

// withSlot runs fn while it holds one of the slots. Errors: ErrBusy.
func withSlot(ctx context.Context, slots chan struct{}, fn func(context.Context) error) error {
	select {
	case slots <- struct{}{}:
	case <-time.After(slotWait):
		return ErrBusy
	}
	defer func() { <-slots }()
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	return fn(ctx)
}

package feeds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// newPrefix starts the names of files that are being written.
const newPrefix = ".new-"

// openTries is how often a file is made that others push out of the cache before it is open.
const openTries = 3

// cache keeps files in a folder; when they are too large together, those that were not
// used for longest go. Open files can be read to the end all the same.
type cache struct {
	dir     string
	bytes   int64
	flights singleflight.Group
	evicts  sync.Mutex
}

func openCache(dir string, bytes int64) (*cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	unfinished, err := filepath.Glob(filepath.Join(dir, newPrefix+"*"))
	if err != nil {
		return nil, err
	}
	for _, path := range unfinished {
		err = errors.Join(err, os.Remove(path))
	}
	return &cache{dir: dir, bytes: bytes}, err
}

// open opens a file. When it is not there it is written by build, once for all who ask, and
// not given up on when the first of them leaves.
func (c *cache) open(ctx context.Context, name string, build func(context.Context, io.Writer) error) (*os.File, error) {
	path := filepath.Join(c.dir, name)
	for range openTries {
		file, err := os.Open(path)
		if err == nil {
			now := time.Now()
			_ = os.Chtimes(path, now, now) // at worst it goes earlier
			return file, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if _, err, _ := c.flights.Do(name, func() (any, error) {
			return nil, c.make(context.WithoutCancel(ctx), path, build)
		}); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %s does not stay in the cache", ErrBusy, name)
}

func (c *cache) make(ctx context.Context, path string, build func(context.Context, io.Writer) error) (err error) {
	file, err := os.CreateTemp(c.dir, newPrefix+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	err = build(ctx, file)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		return err
	}
	return c.evict(filepath.Base(path))
}

// evict makes the files fit, but never takes the one that was just made.
func (c *cache) evict(kept string) error {
	c.evicts.Lock()
	defer c.evicts.Unlock()
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	var total int64
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || strings.HasPrefix(entry.Name(), newPrefix) {
			continue // renamed meanwhile, or being written
		}
		total += info.Size()
		if entry.Name() != kept {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, file := range files {
		if total <= c.bytes {
			break
		}
		if err := os.Remove(filepath.Join(c.dir, file.Name())); err != nil {
			return err
		}
		total -= file.Size()
	}
	return nil
}

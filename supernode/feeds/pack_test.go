package feeds

import (
	"archive/tar"
	"compress/bzip2"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

var errCrash = errors.New("crash")

// crashAfter handles so many blocks.
func crashAfter(blocks int, handle func(context.Context, chain.Block) error) func(context.Context, chain.Block) error {
	return func(ctx context.Context, block chain.Block) error {
		if blocks == 0 {
			return errCrash
		}
		blocks--
		return handle(ctx, block)
	}
}

func TestPackagesAreThereInTime(t *testing.T) {
	n := startNode(t, func(cfg *Config) { cfg.DelayMinutes = 60 })
	n.chain.Block(at(0, 0), "files", entries(0, 1)...)
	n.chain.Block(at(1, 0), "")
	n.run()
	n.follows(1)
	for now, want := range map[int]error{59: ErrTooEarly, 60: nil, 7 * 24 * 60: nil, 7*24*60 + 1: ErrNoPackage} {
		n.clock.set(at(now, 0))
		_, err := n.pack(0)
		require.ErrorIs(t, err, want, now)
	}
	n.clock.set(at(120, 0))
	_, err := n.pack(1)
	require.ErrorIs(t, err, ErrTooEarly, "the chain may be in that minute still")
}

func TestPackageIsMadeOnceForAll(t *testing.T) {
	n := startNode(t, nil)
	n.chain.Block(at(0, 0), "files", entries(0, 20)...)
	n.chain.Block(at(1, 0), "")
	n.run()
	n.follows(1)
	record, err := n.Record(context.Background(), "files", minuteAt(0))
	require.NoError(t, err)
	var made atomic.Int64
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			file, err := n.MinuteFile(context.Background(), record, func(ctx context.Context, position uint64, entry markettypes.FeedEntry) ([]byte, error) {
				made.Add(1)
				return lineOf(ctx, position, entry)
			})
			require.NoError(t, err)
			defer file.Close()
			require.Len(t, lines(t, file), 20)
		})
	}
	wait.Wait()
	require.EqualValues(t, 20, made.Load())
}

func TestPackageThatCannotBeMadeLeavesNothing(t *testing.T) {
	n := startNode(t, nil)
	n.chain.Block(at(0, 0), "files", entries(0, 300)...)
	n.chain.Block(at(1, 0), "")
	n.run()
	n.follows(1)
	record, err := n.Record(context.Background(), "files", minuteAt(0))
	require.NoError(t, err)
	_, err = n.MinuteFile(context.Background(), record, func(ctx context.Context, position uint64, entry markettypes.FeedEntry) ([]byte, error) {
		if position == 299 {
			return nil, errCrash
		}
		return lineOf(ctx, position, entry)
	})
	require.ErrorIs(t, err, errCrash)
	left, err := os.ReadDir(filepath.Join(n.dir, "feeds"))
	require.NoError(t, err)
	require.Empty(t, left)
	got, err := n.pack(0)
	require.NoError(t, err)
	require.Len(t, got, 300)
}

func TestCacheStaysWithinItsBound(t *testing.T) {
	n := startNode(t, func(cfg *Config) { cfg.CacheBytes = 300 })
	for minute := range 10 {
		n.chain.Block(at(minute, 0), "files", entries(10*minute, 10)...)
	}
	n.chain.Block(at(10, 0), "")
	n.run()
	n.follows(10)
	dir := filepath.Join(n.dir, "feeds")
	require.NoError(t, os.WriteFile(filepath.Join(dir, newPrefix+"left"), make([]byte, 10), 0o600))
	for range 2 {
		for minute := range 10 {
			got, err := n.pack(minute)
			require.NoError(t, err)
			require.Len(t, got, 10)
		}
	}
	var total int64
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, file := range files {
		info, err := file.Info()
		require.NoError(t, err)
		if !strings.HasPrefix(file.Name(), newPrefix) {
			total += info.Size()
		}
	}
	require.LessOrEqual(t, total, int64(300))
	require.NotZero(t, total)

	n.stop()
	require.NoError(t, n.index.Close())
	n.open(nil)
	require.NoFileExists(t, filepath.Join(dir, newPrefix+"left"), "what was not finished goes at the next start")
}

func TestHourHoldsItsMinutes(t *testing.T) {
	n := startNode(t, nil)
	for _, minute := range []int{0, 1, 7, 59, 60} {
		n.chain.Block(at(minute, 0), "files", entries(minute, 2)...)
	}
	n.chain.Block(at(61, 0), "")
	n.clock.set(at(90, 0))
	n.run()
	n.follows(61)
	records, err := n.HourRecords(context.Background(), "files", minuteAt(0))
	require.NoError(t, err)
	file, err := n.HourFile(context.Background(), records, lineOf)
	require.NoError(t, err)
	defer file.Close()
	archive := tar.NewReader(bzip2.NewReader(file))
	var names []string
	for {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		names = append(names, header.Name)
		require.Len(t, lines(t, archive), 2)
	}
	require.Equal(t, []string{
		"files-202603011000.jsonl.bz2", "files-202603011001.jsonl.bz2", "files-202603011007.jsonl.bz2", "files-202603011059.jsonl.bz2",
	}, names)
	_, err = n.HourRecords(context.Background(), "urls", minuteAt(0))
	require.ErrorIs(t, err, ErrNoPackage)
}

func TestConfigIsChecked(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	for field, change := range map[string]func(*Config){
		"delay_minutes":  func(c *Config) { c.DelayMinutes = -1 },
		"retention_days": func(c *Config) { c.RetentionDays = 0 },
		"cache_bytes":    func(c *Config) { c.CacheBytes = -1 },
		"builds":         func(c *Config) { c.Builds = 0 },
	} {
		cfg := DefaultConfig()
		change(&cfg)
		require.ErrorContains(t, cfg.Validate(), field)
	}
}

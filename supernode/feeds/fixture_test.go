package feeds

import (
	"bufio"
	"compress/bzip2"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/feeds/feedstest"
	"github.com/virusmap/virusmap/supernode/index"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// start of the chains of these tests.
var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func at(minute, second int) time.Time {
	return start.Add(time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
}

func minuteAt(minute int) int64 { return Minute(at(minute, 0)) }

// clock is set by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// node has feeds over an index on disk.
type node struct {
	*Feeds
	t     *testing.T
	dir   string
	chain *feedstest.Chain
	clock *clock
	index *index.Index
	stop  func() // what Run returns is checked
}

func startNode(t *testing.T, change func(*Config)) *node {
	t.Helper()
	n := &node{t: t, dir: t.TempDir(), chain: feedstest.New(), clock: &clock{now: at(30, 0)}}
	n.open(change)
	return n
}

// open opens the feeds over what is in the folder, as after a start.
func (n *node) open(change func(*Config)) {
	n.t.Helper()
	var err error
	n.index, err = index.Open(context.Background(), index.Config{Path: filepath.Join(n.dir, "index.db")})
	require.NoError(n.t, err)
	n.t.Cleanup(func() { n.index.Close() })
	cfg := DefaultConfig()
	cfg.DelayMinutes = 2
	if change != nil {
		change(&cfg)
	}
	n.Feeds, err = New(context.Background(), cfg, Deps{
		Chain: n.chain, Index: n.index, Dir: filepath.Join(n.dir, "feeds"), Now: n.clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(n.t, err)
}

// run follows the chain until stop is called.
func (n *node) run() {
	n.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	var once sync.Once
	n.stop = func() {
		once.Do(func() {
			cancel()
			require.NoError(n.t, <-done)
		})
	}
	n.t.Cleanup(n.stop)
}

// follows waits until a minute was reached.
func (n *node) follows(minute int) {
	n.t.Helper()
	require.Eventually(n.t, func() bool { return n.head.Load() == minuteAt(minute) }, 20*time.Second, 5*time.Millisecond)
}

func entries(from, count int) (made []markettypes.FeedEntry) {
	for i := from; i < from+count; i++ {
		hash := make([]byte, 32)
		binary.BigEndian.PutUint64(hash, uint64(i+1))
		made = append(made, markettypes.FeedEntry{Sha256: hash, Round: uint64(i), Outcome: 3, Stage: 1})
	}
	return made
}

func lineOf(_ context.Context, position uint64, entry markettypes.FeedEntry) ([]byte, error) {
	return fmt.Appendf(nil, `{"position":%d,"round":%d}`, position, entry.Round), nil
}

// lines unpacks a package.
func lines(t *testing.T, file io.Reader) (all []string) {
	t.Helper()
	scanner := bufio.NewScanner(bzip2.NewReader(file))
	for scanner.Scan() {
		all = append(all, scanner.Text())
	}
	require.NoError(t, scanner.Err())
	return all
}

// pack gives the lines of a minute.
func (n *node) pack(minute int) ([]string, error) {
	n.t.Helper()
	record, err := n.Record(context.Background(), "files", minuteAt(minute))
	if err != nil {
		return nil, err
	}
	file, err := n.MinuteFile(context.Background(), record, lineOf)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return lines(n.t, file), nil
}

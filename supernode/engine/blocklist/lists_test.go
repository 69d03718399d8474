package blocklist

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// logged collects what is logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func open(t *testing.T, path string, log io.Writer) *Lists {
	t.Helper()
	lists, err := Open([]List{{Path: path, Name: "n", Category: "phishing"}}, slog.New(slog.NewTextHandler(log, nil)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lists.Close()) })
	return lists
}

func TestChangedFileIsTakenUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.txt")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write("one.example\n")
	log := &logged{}
	lists := open(t, path, log)
	first := lists.Current()
	require.True(t, listed(t, first.Set, "http://one.example/"))

	write("one.example\ntwo.example\n")
	require.Eventually(t, func() bool { return listed(t, lists.Current().Set, "http://two.example/") }, time.Minute, 10*time.Millisecond)
	second := lists.Current()
	require.NotEqual(t, first.Files.Digest, second.Files.Digest)
	require.False(t, listed(t, first.Set, "http://two.example/"), "a set in use does not change")

	for _, broken := range []string{"<html>error</html>", ""} {
		write(broken)
		errors := strings.Count(log.String(), "cannot be used")
		require.Eventually(t, func() bool { return strings.Count(log.String(), "cannot be used") > errors }, time.Minute, 10*time.Millisecond)
		require.Same(t, second, lists.Current())
	}
	require.NoError(t, os.Remove(path))
	require.Eventually(t, func() bool { return strings.Count(log.String(), "cannot be used") == 3 }, time.Minute, 10*time.Millisecond)
	require.Same(t, second, lists.Current())

	// As update scripts do it.
	require.NoError(t, os.WriteFile(path+".new", []byte("three.example\n"), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
	require.Eventually(t, func() bool { return listed(t, lists.Current().Set, "http://three.example/") }, time.Minute, 10*time.Millisecond)
	require.False(t, listed(t, lists.Current().Set, "http://one.example/"))
}

func TestListsAreChecked(t *testing.T) {
	good := List{Path: "x", Name: "n", Category: "malware"}
	change := func(f func(*List)) []List {
		l := good
		f(&l)
		return []List{l}
	}
	for says, lists := range map[string][]List{
		"want 1..256":          nil,
		"path is missing":      change(func(l *List) { l.Path = "" }),
		"name":                 change(func(l *List) { l.Name = "a b" }),
		"category":             change(func(l *List) { l.Category = "evil" }),
		"format":               change(func(l *List) { l.Format = "xml" }),
		"confidence 16":        change(func(l *List) { l.Confidence = 16 }),
		"no such file":         change(func(l *List) { l.Path = "/nowhere/list" }),
		"not a regular file":   change(func(l *List) { l.Path = "/dev/zero" }),
		"lists[0]: path is mi": {{}},
	} {
		_, err := Open(lists, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, says)
	}
}

// BenchmarkMillion reports what a million entries cost, and then one look-up.
func BenchmarkMillion(b *testing.B) {
	path := filepath.Join(b.TempDir(), "list.txt")
	file, err := os.Create(path)
	require.NoError(b, err)
	for i := range 1_000_000 {
		fmt.Fprintf(file, "0.0.0.0 host-%d.evil-%d.example\n", i, i%1000)
	}
	require.NoError(b, file.Close())
	started := time.Now()
	lists, err := Open([]List{{Path: path, Name: "n", Category: "phishing"}}, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	defer lists.Close()
	took := time.Since(started)
	set := lists.Current().Set
	require.Equal(b, 1_000_000, set.Len())
	u, err := weburl.Parse("http://a.host-77.evil-77.example/some/path/file.html?q=1")
	require.NoError(b, err)
	b.ResetTimer()
	for b.Loop() {
		if _, found := set.URL(u); !found {
			b.Fatal("not found")
		}
	}
	b.ReportMetric(took.Seconds(), "load-s")
	b.ReportMetric(float64(cap(set.entries)*20)/1e6, "set-MB")
}

package purchase_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yeka/zip"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	"github.com/virusmap/virusmap/cmd/virusmap/purchase/purchasetest"
)

// shop is a buyer with a directory, in front of a market.
type shop struct {
	t       *testing.T
	market  *purchasetest.Chain
	server  *httptest.Server
	home    string
	out     string
	results []purchase.Result
	told    []string
	steps   []string
	// crashAt is the number of the step after which the buyer is killed; -1 for never.
	crashAt int
	adjust  func(*purchase.Buyer)
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{
		t: t, market: &purchasetest.Chain{Market: purchasetest.New()}, crashAt: -1,
		home: filepath.Join(t.TempDir(), "orders"), out: filepath.Join(t.TempDir(), "out"),
	}
	s.server = httptest.NewServer(s.market)
	t.Cleanup(s.server.Close)
	return s
}

type killed struct{}

// run gives a new buyer to do, as a new process would be one.
func (s *shop) run(do func(ctx context.Context, b *purchase.Buyer) error) (err error) {
	s.t.Helper()
	journal, err := purchase.OpenJournal(s.t.Context(), s.home, func() { s.t.Error("the lock is still held") })
	require.NoError(s.t, err)
	defer journal.Close()
	s.results, s.told, s.steps = nil, nil, nil
	b := &purchase.Buyer{
		Chain: s.market, Journal: journal, Sources: []purchase.Source{gateway(s.t, s.server.URL)},
		Output: purchase.Output{Dir: s.out},
		Result: func(result purchase.Result) { s.results = append(s.results, result) },
		Tell:   func(text string) { s.told = append(s.told, text) },
	}
	b.Watch(func(step string) {
		s.steps = append(s.steps, step)
		if len(s.steps)-1 == s.crashAt {
			panic(killed{}) // no error handling runs, as after kill -9
		}
	})
	if s.adjust != nil {
		s.adjust(b)
	}
	defer func() {
		if reason := recover(); reason != nil {
			require.Equal(s.t, killed{}, reason)
		}
	}()
	return do(s.t.Context(), b)
}

func (s *shop) buy(hashes ...string) error {
	s.t.Helper()
	return s.run(func(ctx context.Context, b *purchase.Buyer) error { return b.Buy(ctx, hashes) })
}

func (s *shop) resume() error {
	s.t.Helper()
	return s.run(func(ctx context.Context, b *purchase.Buyer) error { return b.Resume(ctx) })
}

// result is that of the only sample.
func (s *shop) result() purchase.Result {
	s.t.Helper()
	require.Len(s.t, s.results, 1)
	return s.results[0]
}

// paid is what was paid in uvmt.
func (s *shop) paid() int64 { return s.market.Paid.Int64() }

// records are those on disk.
func (s *shop) records() (records []purchase.Record) {
	s.t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.home, "*.json"))
	require.NoError(s.t, err)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(s.t, err)
		var record purchase.Record
		require.NoError(s.t, json.Unmarshal(data, &record))
		records = append(records, record)
	}
	return records
}

// requireSold holds the ZIP of a sample against its content, and that nothing else is left.
func (s *shop) requireSold(sample *purchasetest.Sample) {
	s.t.Helper()
	require.Equal(s.t, sample.Plain, unzip(s.t, filepath.Join(s.out, sample.SHA256+".zip"), sample.SHA256))
	require.Len(s.t, entries(s.t, s.out), 1)
	for _, record := range s.records() {
		require.Equal(s.t, purchase.Done, record.State)
	}
	require.Len(s.t, entries(s.t, s.home), len(s.records())+1, "records and the lock")
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range all {
		names = append(names, entry.Name())
	}
	return names
}

func unzip(t *testing.T, path, name string) []byte {
	t.Helper()
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer archive.Close()
	require.Len(t, archive.File, 1)
	entry := archive.File[0]
	require.Equal(t, name, entry.Name)
	require.True(t, entry.IsEncrypted())
	entry.SetPassword(purchase.Password)
	content, err := entry.Open()
	require.NoError(t, err)
	defer content.Close()
	data, err := io.ReadAll(content)
	require.NoError(t, err)
	return data
}

func gateway(t *testing.T, address string) *purchase.Gateway {
	t.Helper()
	base, err := url.Parse(address)
	require.NoError(t, err)
	return purchase.NewGateway(base, "")
}

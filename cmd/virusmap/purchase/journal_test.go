package purchase_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
)

// One process at a time, or two could pay for one sample.
func TestTheJournalIsLocked(t *testing.T) {
	dir := t.TempDir()
	first, err := purchase.OpenJournal(t.Context(), dir, func() {})
	require.NoError(t, err)
	waited := 0
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = purchase.OpenJournal(ctx, dir, func() { waited++ })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 1, waited)
	require.NoError(t, first.Close())
	second, err := purchase.OpenJournal(t.Context(), dir, func() {})
	require.NoError(t, err)
	require.NoError(t, second.Close())
}

// A record that cannot be read may be of a sample that would be paid for again.
func TestUnreadableRecordsStopAPurchase(t *testing.T) {
	s := newShop(t)
	sample := s.market.Add(t, []byte("sample"))
	s.crashAt = 4 // paid
	require.NoError(t, s.buy(sample.SHA256))
	s.crashAt = -1
	path := filepath.Join(s.home, s.records()[0].Order+".json")
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, bad := range map[string][]byte{
		"cut": good[:len(good)/2], "empty": nil, "another secret": bytes.Replace(good, []byte(`"secret": "`), []byte(`"secret": "00`), 1),
		"another sample": bytes.Replace(good, []byte(sample.SHA256), []byte("00"+sample.SHA256[2:]), 1),
		"another state":  bytes.Replace(good, []byte(`"paid"`), []byte(`"none"`), 1),
	} {
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		require.ErrorContains(t, s.buy(sample.SHA256), "the record of a purchase, "+path, name)
	}
	require.NoError(t, os.WriteFile(path, good, 0o600))
	require.NoError(t, os.WriteFile(path+".new", []byte("half"), 0o600))
	require.NoError(t, s.buy(sample.SHA256))
	s.requireSold(sample)
	require.EqualValues(t, 1_000_000, s.paid())
}

func FuzzReadRecord(f *testing.F) {
	f.Add([]byte(`{"order":"00","state":"paid","sha256":"00","secret":"00","sealing":{"cid":"AA=="}}`))
	path := filepath.Join(f.TempDir(), "record.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		require.NoError(t, os.WriteFile(path, data, 0o600))
		record, err := purchase.ReadRecord(path)
		if err == nil {
			require.Len(t, record.Secret, 32)
		}
	})
}

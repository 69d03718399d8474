package queue

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
)

// shortAckWait is for tests that wait until messages of a dead consumer come again.
const shortAckWait = 2 * time.Second

func openQueue(t *testing.T, cfg Config) *Queue {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	q, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	return q
}

// take consumes until n messages were handled.
func take(t *testing.T, q *Queue, subject string, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got []string
	err := q.Consume(ctx, subject, "worker", n, 50*time.Millisecond, func(_ context.Context, batch []Message) error {
		for _, m := range batch {
			got = append(got, m.ID+"="+string(m.Data))
		}
		if len(got) >= n {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled, "fewer than %d messages", n)
	return got
}

func TestPublishedMessagesSurviveReopening(t *testing.T) {
	dir := t.TempDir()
	q := openQueue(t, Config{Dir: dir})
	require.NoError(t, q.Publish(t.Context(), "submissions", "a", []byte("1")))
	require.NoError(t, q.Publish(t.Context(), "submissions", "b", []byte("2")))
	require.NoError(t, q.Close())

	q = openQueue(t, Config{Dir: dir})
	require.NoError(t, q.Publish(t.Context(), "submissions", "a", []byte("again")))
	require.Equal(t, []string{"a=1", "b=2"}, take(t, q, "submissions", 2))
	require.NoError(t, q.Close())

	q = openQueue(t, Config{Dir: dir})
	defer q.Close()
	depth, err := q.Depth(t.Context(), "submissions")
	require.NoError(t, err)
	require.Zero(t, depth, "a handled message is gone for good")
}

func TestIDsDedupeWithinTheirSubject(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	for range 3 {
		require.NoError(t, q.Publish(t.Context(), "submissions", "a", []byte("1")))
	}
	require.NoError(t, q.Publish(t.Context(), "index", "a", []byte("1")))
	for _, subject := range []string{"submissions", "index"} {
		depth, err := q.Depth(t.Context(), subject)
		require.NoError(t, err)
		require.EqualValues(t, 1, depth, subject)
	}
}

func TestPublishNamesWhatIsWrong(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	for name, c := range map[string]struct {
		subject, id string
		data        []byte
		want        string
	}{
		"no subject":   {"", "a", nil, "subject"},
		"wildcard":     {"a.>", "a", nil, "subject"},
		"empty token":  {"a..b", "a", nil, "subject"},
		"no id":        {"a", "", nil, "id of 0 bytes"},
		"long id":      {"a", strings.Repeat("x", maxIDBytes+1), nil, "id of 257 bytes"},
		"long message": {"a", "a", make([]byte, MaxMessageBytes+1), "limit is 524288"},
	} {
		require.ErrorContains(t, q.Publish(t.Context(), c.subject, c.id, c.data), c.want, name)
	}
	require.NoError(t, q.Publish(t.Context(), "a", strings.Repeat("x", maxIDBytes), make([]byte, MaxMessageBytes)))
}

func TestFullQueueRefusesAndKeepsWhatItHas(t *testing.T) {
	dir := t.TempDir()
	q := openQueue(t, Config{Dir: dir, MaxBytes: 64 << 10})
	stored := 0
	var err error
	for ; stored < 100; stored++ {
		if err = q.Publish(t.Context(), "a", fmt.Sprint(stored), bytes.Repeat([]byte("x"), 4<<10)); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, ErrFull)
	require.Positive(t, stored)
	require.Len(t, take(t, q, "a", stored), stored)
	require.NoError(t, q.Publish(t.Context(), "a", "later", []byte("x")), "there is room again")
	require.NoError(t, q.Close())
}

func TestOpenReportsUnusableDirectories(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(t.Context(), Config{Dir: file})
	require.Error(t, err)

	_, err = Open(t.Context(), Config{})
	require.ErrorContains(t, err, "directory is empty")

	blocked := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(blocked, "jetstream"), nil, 0o600))
	_, err = Open(t.Context(), Config{Dir: blocked, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	require.ErrorContains(t, err, "JetStream")

	dir := t.TempDir()
	q := openQueue(t, Config{Dir: dir})
	defer q.Close()
	_, err = Open(t.Context(), Config{Dir: dir})
	require.ErrorContains(t, err, "in use by another process")
}

func TestClosedQueueRefusesMessages(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	require.NoError(t, q.Close())
	require.ErrorIs(t, q.Publish(t.Context(), "a", "a", nil), ErrClosed)
	err := q.Consume(t.Context(), "a", "worker", 1, 0, func(context.Context, []Message) error { return nil })
	require.ErrorIs(t, err, ErrClosed)
}

func TestExternalServerHoldsTheSameQueue(t *testing.T) {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true})
	require.NoError(t, err)
	srv.Start()
	defer srv.WaitForShutdown()
	defer srv.Shutdown()
	require.True(t, srv.ReadyForConnections(10*time.Second))

	first := openQueue(t, Config{URL: srv.ClientURL()})
	second := openQueue(t, Config{URL: srv.ClientURL()})
	defer second.Close()
	require.NoError(t, first.Publish(t.Context(), "submissions", "a", []byte("1")))
	require.NoError(t, first.Close())
	require.Equal(t, []string{"a=1"}, take(t, second, "submissions", 1))
}

func TestEmbeddedServerListensOnNoSocket(t *testing.T) {
	q := openQueue(t, Config{Dir: t.TempDir()})
	defer q.Close()
	require.Nil(t, q.embedded.server.Addr())
	require.NoError(t, q.Publish(t.Context(), "a", "a", nil))
}

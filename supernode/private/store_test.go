package private

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	identity, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	s, err := Open(dir, identity)
	require.NoError(t, err)
	return s
}

func TestContentIsStoredEncrypted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	content := strings.Repeat("confidential marker ", 10_000)
	stored, err := s.Put(t.Context(), strings.NewReader(content), 1<<20)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256([]byte(content)), stored.SHA256)
	require.EqualValues(t, len(content), stored.Size)

	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
	raw, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	require.NoError(t, err)
	require.NotContains(t, string(raw), "confidential")

	plain, err := s.Open(stored.ID)
	require.NoError(t, err)
	read, err := io.ReadAll(plain)
	require.NoError(t, err)
	require.NoError(t, plain.Close())
	require.Equal(t, content, string(read))

	raw[len(raw)-5] ^= 1
	require.NoError(t, os.WriteFile(filepath.Join(dir, files[0].Name()), raw, 0o600))
	plain, err = s.Open(stored.ID)
	require.NoError(t, err)
	_, err = io.ReadAll(plain)
	require.Error(t, err, "what was changed on disk is noticed")
	require.NoError(t, plain.Close())

	require.NoError(t, s.Remove(stored.ID))
	require.NoError(t, s.Remove(stored.ID))
	_, err = s.Open(stored.ID)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestNothingRemainsOfWhatFails(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	broken := errors.New("the client is gone")
	for name, c := range map[string]struct {
		ctx  context.Context
		from io.Reader
		want error
	}{
		"too large": {t.Context(), strings.NewReader("12345"), ErrTooLarge},
		"broken":    {t.Context(), io.MultiReader(strings.NewReader("123"), iotest.ErrReader(broken)), broken},
		"ended":     {ended, strings.NewReader("123"), context.Canceled},
	} {
		_, err := s.Put(c.ctx, c.from, 4)
		require.ErrorIs(t, err, c.want, name)
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, files, name)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, incoming+"crash"), []byte("half"), 0o600))
	open(t, dir)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestNamesDoNotLeaveTheFolder(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside.age")
	require.NoError(t, os.WriteFile(outside, nil, 0o600))
	s := open(t, filepath.Join(dir, "private"))
	for _, id := range []string{"../outside", "", strings.Repeat("A", 32), "/etc/passwd"} {
		_, err := s.Open(id)
		require.ErrorIs(t, err, ErrNotFound, id)
		require.NoError(t, s.Remove(id))
	}
	require.FileExists(t, outside)
}

func TestOlderContents(t *testing.T) {
	s := open(t, t.TempDir())
	stored, err := s.Put(t.Context(), strings.NewReader("a"), 10)
	require.NoError(t, err)
	ids, err := s.Older(time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, []string{stored.ID}, ids)
	ids, err = s.Older(time.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Empty(t, ids)
}

func TestTagsDependOnTheIdentity(t *testing.T) {
	first, second := open(t, t.TempDir()), open(t, t.TempDir())
	require.Equal(t, first.Tag("owner", []byte("a")), first.Tag("owner", []byte("a")))
	require.NotEqual(t, first.Tag("owner", []byte("a")), first.Tag("file", []byte("a")))
	require.NotEqual(t, first.Tag("owner", []byte("a")), second.Tag("owner", []byte("a")))
}

func TestRecordsAreSealed(t *testing.T) {
	s, other := open(t, t.TempDir()), open(t, t.TempDir())
	sealed, err := s.Seal([]byte("name of a contract"))
	require.NoError(t, err)
	require.False(t, bytes.Contains(sealed, []byte("contract")))
	record, err := s.Unseal(sealed)
	require.NoError(t, err)
	require.Equal(t, "name of a contract", string(record))
	_, err = other.Unseal(sealed)
	require.Error(t, err)
	_, err = s.Seal(make([]byte, MaxRecord+1))
	require.ErrorIs(t, err, ErrTooLarge)
	large, err := s.Seal(make([]byte, MaxRecord))
	require.NoError(t, err)
	_, err = s.Unseal(large)
	require.NoError(t, err)
}

func FuzzUnseal(f *testing.F) {
	s := open(f, f.TempDir())
	sealed, err := s.Seal([]byte("record"))
	require.NoError(f, err)
	f.Add(sealed)
	f.Add([]byte("age-encryption.org/v1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if record, err := s.Unseal(data); err == nil && string(record) != "record" {
			t.Fatalf("forged: %q", record)
		}
	})
}

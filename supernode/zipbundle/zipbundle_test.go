package zipbundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/yeka/zip"
)

// samples are what a test has, by hash; the account that may have them is alpha.
type samples map[[32]byte]string

func (s samples) add(content string) [32]byte {
	hash := sha256.Sum256([]byte(content))
	s[hash] = content
	return hash
}

func (s samples) open(_ context.Context, account string, hash [32]byte) (io.ReadCloser, error) {
	content, found := s[hash]
	switch {
	case !found:
		return nil, errors.New("it is not here")
	case account != "alpha":
		return nil, ErrNotEntitled
	}
	return io.NopCloser(strings.NewReader(content)), nil
}

func start(t *testing.T, change func(*Config)) *Bundles {
	t.Helper()
	cfg := Config{
		Dir: filepath.Join(t.TempDir(), "bundles"), MaxBytes: 1 << 20,
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	change(&cfg)
	b, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func (b *Bundles) await(t *testing.T, account, id string) Info {
	t.Helper()
	var info Info
	require.Eventually(t, func() bool {
		var err error
		info, err = b.Info(account, id)
		require.NoError(t, err)
		return info.Status != Starting && info.Status != Creating
	}, 30*time.Second, 5*time.Millisecond)
	return info
}

func TestBundleHoldsWhatItsAccountMayHave(t *testing.T) {
	has := samples{}
	one, two := has.add("first content"), has.add(strings.Repeat("second ", 10_000))
	b := start(t, func(cfg *Config) { cfg.Source = has.open })
	begun, err := b.Create("alpha", [][32]byte{one, two, one, sha256.Sum256([]byte("none"))}, "in fected")
	require.NoError(t, err)
	require.Equal(t, Starting, begun.Status)
	require.Equal(t, Info{begun.ID, Finished, 100, 2, 1}, b.await(t, "alpha", begun.ID))

	file, err := b.Open("alpha", begun.ID)
	require.NoError(t, err)
	defer file.Close()
	stat, err := file.Stat()
	require.NoError(t, err)
	archive, err := zip.NewReader(file, stat.Size())
	require.NoError(t, err)
	require.Len(t, archive.File, 2)
	for _, entry := range archive.File {
		require.True(t, entry.IsEncrypted())
		entry.SetPassword("in fected")
		plain, err := entry.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(plain)
		require.NoError(t, err)
		hash := sha256.Sum256(content)
		require.Equal(t, hex.EncodeToString(hash[:]), entry.Name)
	}
	_, err = b.Info("beta", begun.ID)
	require.ErrorIs(t, err, ErrNotFound, "it is another's")

	others, err := b.Create("beta", [][32]byte{one}, "")
	require.NoError(t, err)
	require.Equal(t, Info{others.ID, Finished, 100, 0, 1}, b.await(t, "beta", others.ID))
}

func TestSevenZipOpensIt(t *testing.T) {
	tool, err := exec.LookPath("7z")
	if err != nil {
		t.Fatal("7z is not installed: run make setup")
	}
	has := samples{}
	hash := has.add("content")
	b := start(t, func(cfg *Config) { cfg.Source = has.open })
	begun, err := b.Create("alpha", [][32]byte{hash}, "infected")
	require.NoError(t, err)
	require.Equal(t, Finished, b.await(t, "alpha", begun.ID).Status)
	out, err := exec.Command(tool, "x", "-so", "-pinfected", b.path(begun.ID)).Output()
	require.NoError(t, err)
	require.Equal(t, "content", string(out))
	_, err = exec.Command(tool, "x", "-so", "-pwrong", b.path(begun.ID)).Output()
	require.Error(t, err)
}

func TestOneBundleOfAnAccountAtATime(t *testing.T) {
	has := samples{}
	hash := has.add("content")
	release := make(chan struct{})
	b := start(t, func(cfg *Config) {
		cfg.Source = func(ctx context.Context, account string, hash [32]byte) (io.ReadCloser, error) {
			<-release
			return has.open(ctx, account, hash)
		}
	})
	begun, err := b.Create("alpha", [][32]byte{hash}, "")
	require.NoError(t, err)
	_, err = b.Open("alpha", begun.ID)
	require.ErrorIs(t, err, ErrUnfinished)
	_, err = b.Create("alpha", [][32]byte{hash}, "")
	require.ErrorIs(t, err, ErrBusy)
	close(release)
	b.await(t, "alpha", begun.ID)
	_, err = b.Create("alpha", [][32]byte{hash}, "")
	require.NoError(t, err)
}

func TestBundleExpires(t *testing.T) {
	has := samples{}
	hash := has.add("content")
	now := time.Unix(1_900_000_000, 0)
	b := start(t, func(cfg *Config) {
		cfg.Source = has.open
		cfg.Now = func() time.Time { return now }
	})
	begun, err := b.Create("alpha", [][32]byte{hash}, "")
	require.NoError(t, err)
	b.await(t, "alpha", begun.ID)
	now = now.Add(Lifetime)
	_, err = b.Open("alpha", begun.ID)
	require.ErrorIs(t, err, ErrNotFound)
	require.NoFileExists(t, b.path(begun.ID))
}

func TestBundleIsBounded(t *testing.T) {
	has := samples{}
	large := has.add(strings.Repeat("x", 1000))
	b := start(t, func(cfg *Config) { cfg.Source, cfg.MaxBytes = has.open, 999 })
	begun, err := b.Create("alpha", [][32]byte{large}, "")
	require.NoError(t, err)
	require.Equal(t, ErrorCreating, b.await(t, "alpha", begun.ID).Status)
	require.NoFileExists(t, b.path(begun.ID))

	for name, c := range map[string]struct {
		hashes   [][32]byte
		password string
	}{
		"none":     {nil, ""},
		"many":     {make([][32]byte, MaxHashes+1), ""},
		"password": {[][32]byte{large}, strings.Repeat("x", MaxPasswordBytes+1)},
		"control":  {[][32]byte{large}, "a\x00b"},
		"not text": {[][32]byte{large}, "\xff"},
	} {
		_, err := b.Create("beta", c.hashes, c.password)
		require.ErrorIs(t, err, ErrRequest, name)
	}
}

// failing ends with an error after some content, as a tampered ciphertext does.
type failing struct{ io.Reader }

func (failing) Close() error { return nil }

func TestWhatIsNotGenuineIsLeftOut(t *testing.T) {
	has := samples{}
	good := has.add("good")
	bad := has.add("bad")
	b := start(t, func(cfg *Config) {
		cfg.Source = func(ctx context.Context, account string, hash [32]byte) (io.ReadCloser, error) {
			if hash == bad {
				return failing{io.MultiReader(bytes.NewReader([]byte("ba")), failingReader{})}, nil
			}
			return has.open(ctx, account, hash)
		}
	})
	begun, err := b.Create("alpha", [][32]byte{bad, good}, "")
	require.NoError(t, err)
	require.Equal(t, Info{begun.ID, Finished, 100, 1, 1}, b.await(t, "alpha", begun.ID))
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("tampered with") }

func TestLeftoversAreRemoved(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "old.zip"), []byte("x"), 0o600))
	start(t, func(cfg *Config) { cfg.Dir = dir })
	require.NoFileExists(t, filepath.Join(dir, "old.zip"))
}

// TestOldestOfAnAccountGivesWay makes more than one account may have, and no other one's room.
func TestOldestOfAnAccountGivesWay(t *testing.T) {
	has := samples{}
	one := has.add("content")
	clock := time.Now()
	b := start(t, func(cfg *Config) { cfg.Source, cfg.Now = has.open, func() time.Time { return clock } })
	other, err := b.Create("beta", [][32]byte{one}, "")
	require.NoError(t, err)
	b.await(t, "beta", other.ID)
	var made []string
	for range maxOfAccount + 2 {
		clock = clock.Add(time.Second)
		bundle, err := b.Create("alpha", [][32]byte{one}, "")
		require.NoError(t, err)
		b.await(t, "alpha", bundle.ID)
		made = append(made, bundle.ID)
	}
	for i, id := range made {
		_, err := b.Info("alpha", id)
		if i < 2 {
			require.ErrorIs(t, err, ErrNotFound)
			require.NoFileExists(t, b.path(id))
			continue
		}
		require.NoError(t, err)
	}
	_, err = b.Info("beta", other.ID)
	require.NoError(t, err)
}

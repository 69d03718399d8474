package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/stretchr/testify/require"
)

func TestLoadOrCreateIdentity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "identity.txt")
	id, err := LoadOrCreateIdentity(path)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(id.Recipient().String(), "age1pq1"))

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)

	again, err := LoadOrCreateIdentity(path)
	require.NoError(t, err)
	require.Equal(t, id.String(), again.String())
}

func TestIdentityRacesHaveOneWinner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "identity.txt")
	ids := make([]string, 8)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			id, err := LoadOrCreateIdentity(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = id.String()
		})
	}
	group.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
}

func TestIdentityFileIsRefused(t *testing.T) {
	classic, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	pq := NewEpochKey().String()
	for name, tc := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"readable by others": {pq + "\n", 0o644, "0600"},
		"empty":              {"", 0o600, "not an age identity file"},
		"half a key":         {pq[:40] + "\n", 0o600, "not an age identity file"},
		"two keys":           {pq + "\n" + NewEpochKey().String() + "\n", 0o600, "exactly 1"},
		"classical key":      {classic.String() + "\n", 0o600, "not post-quantum"},
		"too long":           {strings.Repeat("#\n", maxSecretFile), 0o600, "limit"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "identity.txt")
			require.NoError(t, os.WriteFile(path, []byte(tc.text), tc.mode))
			_, err := LoadOrCreateIdentity(path)
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "AGE-SECRET-KEY-PQ-1"+pq[20:40], "errors never quote a secret")
			kept, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, tc.text, string(kept), "a refused file is not overwritten")
		})
	}
}

func TestSealIdentity(t *testing.T) {
	epoch, own := NewEpochKey(), NewEpochKey()
	sealed, err := SealIdentity(epoch, own.Recipient().String())
	require.NoError(t, err)
	require.LessOrEqual(t, len(sealed), MaxSealedIdentity)

	opened, err := OpenIdentity(sealed, own)
	require.NoError(t, err)
	require.Equal(t, epoch.String(), opened.String())
	require.Equal(t, epoch.Recipient().String(), opened.Recipient().String())

	_, err = OpenIdentity(sealed, NewEpochKey())
	require.ErrorIs(t, err, ErrNoKey)
	sealed[len(sealed)-1] ^= 1
	_, err = OpenIdentity(sealed, own)
	require.ErrorIs(t, err, ErrUndecryptable)
	_, err = OpenIdentity(make([]byte, MaxSealedIdentity+1), own)
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = OpenIdentity(ageFile(t, []byte("not a key"), own.Recipient()), own)
	require.ErrorIs(t, err, ErrUndecryptable)
	_, err = SealIdentity(epoch, "age1yuvjfap67kku3wxrup9phw5tfnc0jnt9tg5zk5nejf8z9tztjglqwslycz")
	require.ErrorContains(t, err, "recipient")
}

func TestNewSwarmKey(t *testing.T) {
	text := NewSwarmKey()
	psk, err := pnet.DecodeV1PSK(bytes.NewReader(text))
	require.NoError(t, err)
	require.Len(t, psk, 32)
	require.NotEqual(t, text, NewSwarmKey())
}

func TestFileKeyShowsWhatWasSealed(t *testing.T) {
	own, key := NewEpochKey(), NewEpochKey()
	sealed, err := SealIdentity(key, own.Recipient().String())
	require.NoError(t, err)
	fileKey := SealedFileKey(sealed, own)
	require.Len(t, fileKey, 16)
	opened, err := OpenIdentity(sealed, age.NewInjectedFileKeyIdentity(fileKey))
	require.NoError(t, err)
	require.Equal(t, key.String(), opened.String())

	require.Len(t, SealedFileKey(sealed[:len(sealed)-1], own), 16, "the header opens, the rest is wrong")
	require.Nil(t, SealedFileKey(sealed, key), "sealed to another")
	require.Nil(t, SealedFileKey(sealed[:100], own))
	require.Nil(t, SealedFileKey(make([]byte, MaxSealedIdentity+1), own))
}

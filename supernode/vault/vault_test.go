package vault

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

// openAt opens an offline vault under dir and closes it with the test.
func openAt(t testing.TB, dir string) *Vault {
	t.Helper()
	v, err := Open(context.Background(), Config{Dir: dir, Offline: true})
	require.NoError(t, err)
	t.Cleanup(func() { v.Close() })
	return v
}

func openOffline(t testing.TB) *Vault {
	t.Helper()
	return openAt(t, t.TempDir())
}

// content gives size bytes that are the same in every run.
func content(size int) []byte {
	data := make([]byte, size)
	rand.New(rand.NewSource(int64(size))).Read(data)
	return data
}

func sealBytes(t testing.TB, v *Vault, data []byte, to age.Recipient) Sealed {
	t.Helper()
	sealed, err := v.Seal(context.Background(), bytes.NewReader(data), to)
	require.NoError(t, err)
	return sealed
}

func unsealBytes(t testing.TB, v *Vault, sealed Sealed, with age.Identity) []byte {
	t.Helper()
	plain, err := v.Unseal(context.Background(), sealed.CID, with)
	require.NoError(t, err)
	defer plain.Close()
	require.Equal(t, sealed.KeyCommitment, plain.KeyCommitment())
	data, err := io.ReadAll(plain)
	require.NoError(t, err)
	size, root, err := plain.Stored()
	require.NoError(t, err)
	require.Equal(t, sealed.CipherSize, size)
	require.Equal(t, sealed.StorageRoot, root)
	return data
}

// blockFiles lists the block files under a vault's folder, staged ones too.
func blockFiles(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(filepath.Join(dir, "blocks"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".data") {
			files = append(files, path)
		}
		return err
	})
	require.NoError(t, err)
	return files
}

func TestOpenRefusesBadConfig(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg  Config
		want string
	}{
		"no dir":            {Config{Offline: true}, "Dir is required"},
		"no swarm key":      {Config{}, "SwarmKey is required"},
		"bad swarm key":     {Config{SwarmKey: []byte("secret")}, "SwarmKey"},
		"peer without id":   {Config{SwarmKey: NewSwarmKey(), Peers: []string{"/ip4/127.0.0.1/tcp/1"}}, "Peers"},
		"listen address":    {Config{SwarmKey: NewSwarmKey(), Listen: []string{"127.0.0.1:0"}}, "libp2p"},
		"negative max size": {Config{Offline: true, MaxSize: -1}, "MaxSize"},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "no dir" {
				tc.cfg.Dir = t.TempDir()
			}
			_, err := Open(context.Background(), tc.cfg)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestReopenKeepsSamplesAndPeerID(t *testing.T) {
	dir, key, data := t.TempDir(), NewEpochKey(), content(3<<20)
	v := openAt(t, dir)
	id := v.PeerID()
	sealed := sealBytes(t, v, data, key.Recipient())
	require.NoError(t, v.Close())

	v = openAt(t, dir)
	require.Equal(t, id, v.PeerID())
	require.True(t, v.Has(context.Background(), sealed.CID))
	require.Equal(t, data, unsealBytes(t, v, sealed, key))
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	openAt(t, dir)
	_, err := Open(context.Background(), Config{Dir: dir, Offline: true})
	require.ErrorContains(t, err, "in use")
}

func TestStoreHoldsNoPlaintext(t *testing.T) {
	dir := t.TempDir()
	v := openAt(t, dir)
	marker := strings.Repeat("known-plaintext-marker ", 100_000)
	sealBytes(t, v, []byte(marker), NewEpochKey().Recipient())

	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		require.NotContains(t, string(data), "known-plaintext-marker", path)
		return err
	})
	require.NoError(t, err)
	require.Greater(t, files, 3)
}

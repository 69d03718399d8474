package vault

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stockAge gives the stock age tool: the installed one if it knows post-quantum
// keys (1.3 and newer), else one built from the module the project pins.
func stockAge(t *testing.T) string {
	t.Helper()
	if installed, err := exec.LookPath("age"); err == nil {
		cmd := exec.Command(installed, "-r", NewEpochKey().Recipient().String())
		cmd.Stdin = strings.NewReader("probe")
		if cmd.Run() == nil {
			return installed
		}
	}
	if testing.Short() {
		t.Skip("building the age tool takes a while")
	}
	source, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "filippo.io/age").Output()
	require.NoError(t, err)
	tool := filepath.Join(t.TempDir(), "age")
	build := exec.Command("go", "build", "-o", tool, "./cmd/age")
	build.Dir = strings.TrimSpace(string(source))
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return tool
}

func run(t *testing.T, stdin io.Reader, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = stdin
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", stderr.String())
	return out
}

func TestStockAgeTool(t *testing.T) {
	tool, dir, v := stockAge(t), t.TempDir(), openOffline(t)
	identityFile := filepath.Join(dir, "identity.txt")
	id, err := LoadOrCreateIdentity(identityFile)
	require.NoError(t, err)

	t.Run("opens a stored sample", func(t *testing.T) {
		data := content(3<<20 + 7)
		sealed := sealBytes(t, v, data, id.Recipient())
		file, err := v.Ciphertext(context.Background(), sealed.CID)
		require.NoError(t, err)
		defer file.Close()
		require.Equal(t, data, run(t, file, tool, "-d", "-i", identityFile))
	})
	t.Run("makes a file that the vault opens", func(t *testing.T) {
		data := content(100_000)
		file := run(t, strings.NewReader(string(data)), tool, "-r", id.Recipient().String())
		plain, err := v.Unseal(context.Background(), plant(t, v, file), id)
		require.NoError(t, err)
		defer plain.Close()
		got, err := io.ReadAll(plain)
		require.NoError(t, err)
		require.Equal(t, data, got)
	})
	t.Run("opens a sealed epoch key and uses it", func(t *testing.T) {
		epoch := NewEpochKey()
		sealedKey, err := SealIdentity(epoch, id.Recipient().String())
		require.NoError(t, err)
		epochFile := filepath.Join(dir, "epoch.txt")
		opened := run(t, strings.NewReader(string(sealedKey)), tool, "-d", "-i", identityFile)
		require.NoError(t, os.WriteFile(epochFile, opened, 0o600))

		sealed := sealBytes(t, v, []byte("sample"), epoch.Recipient())
		file, err := v.Ciphertext(context.Background(), sealed.CID)
		require.NoError(t, err)
		defer file.Close()
		require.Equal(t, "sample", string(run(t, file, tool, "-d", "-i", epochFile)))
	})
}

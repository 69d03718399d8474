package system

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// Whoever holds a seated supernode's identity file opens a submitted sample with the
// stock age tool, what is on chain, and what is on IPFS.
func TestStockAgeOpensASubmittedSample(t *testing.T) {
	w := sharedWorld(t)
	supernode, age, dir := w.Supernodes[0], stockAge(t), t.TempDir()
	content := freshText("opened by age")
	found := w.submitAndWait(t, sample(t, "age.txt", content))
	sealing := w.record(t.Context(), found.SHA256).Sealing

	sealedKey, err := w.chain.Supernodes().SealedKey(t.Context(), &supernodetypes.QuerySealedKeyRequest{
		Epoch: sealing.VaultEpoch, Operator: supernode.Operator,
	})
	require.NoError(t, err)
	vaultKey := filepath.Join(dir, "vault.key")
	require.NoError(t, os.WriteFile(vaultKey, decrypt(t, age, filepath.Join(supernode.Home, "identity.age"), sealedKey.SealedKey.Sealed), 0o600))

	id, err := cid.Cast(sealing.Cid)
	require.NoError(t, err)
	file, err := peerVault(t, supernode).Ciphertext(t.Context(), id)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	ciphertext, err := io.ReadAll(file)
	require.NoError(t, err)
	require.EqualValues(t, sealing.SizeBytes, len(ciphertext))
	require.NotContains(t, string(ciphertext), string(content))
	require.Equal(t, string(content), string(decrypt(t, age, vaultKey, ciphertext)))
}

func decrypt(t *testing.T, age, identity string, sealed []byte) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), age, "--decrypt", "--identity", identity)
	cmd.Stdin = bytes.NewReader(sealed)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	plain, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return plain
}

// stockAge builds the age tool of the module that the project pins: the ones that
// systems bring are often too old for post-quantum keys.
func stockAge(t *testing.T) string {
	t.Helper()
	source, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "filippo.io/age").Output()
	require.NoError(t, err)
	tool := filepath.Join(t.TempDir(), "age")
	build := exec.Command("go", "build", "-o", tool, "./cmd/age")
	build.Dir = strings.TrimSpace(string(source))
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return tool
}

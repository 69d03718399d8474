package cmd_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/client/claims"
)

// A claim hides the file from the chain and keeps what opens it at home.
func TestClaimFiles(t *testing.T) {
	home, dir := t.TempDir(), t.TempDir()
	sample, salts := filepath.Join(dir, "sample.bin"), filepath.Join(dir, "salts.json")
	require.NoError(t, os.WriteFile(sample, []byte("content"), 0o600))
	mustRun(t, home, "keys", "add", "me", "--keyring-backend", "test")
	contributor := sdk.AccAddress(make([]byte, 20)).String()
	claim := func(args ...string) (string, error) {
		return vmtd(t, home, append([]string{
			"tx", "samples", "claim", sample, "--from", "me", "--keyring-backend", "test",
			"--generate-only", "--offline", "--account-number", "1", "--sequence", "1", "--gas", "200000",
		}, args...)...)
	}

	out, err := claim("--contributor", contributor, "--out", salts)
	require.NoError(t, err, out)
	require.Contains(t, out, "virusmap submit --claims "+salts)
	file, err := claims.Read(salts)
	require.NoError(t, err)
	require.Equal(t, contributor, file.Contributor)
	hashes, err := file.Hashes()
	require.NoError(t, err)
	require.Contains(t, out, base64.StdEncoding.EncodeToString(hashes[0]))
	require.NotContains(t, out, contributor, "nobody sees for whom")

	_, err = claim("--contributor", contributor, "--out", salts)
	require.ErrorIs(t, err, os.ErrExist)
	_, err = claim("--contributor", "cosmos1abc", "--out", salts)
	require.ErrorContains(t, err, "contributor")

	own := filepath.Join(dir, "own.json")
	_, err = claim("--out", own)
	require.NoError(t, err)
	file, err = claims.Read(own)
	require.NoError(t, err)
	require.Equal(t, "vmt1", file.Contributor[:4], "the signer's")
	require.NotEqual(t, contributor, file.Contributor)
}

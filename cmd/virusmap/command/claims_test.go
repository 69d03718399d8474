package command

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec/address"

	"github.com/virusmap/virusmap/x/samples/client/claims"
)

// Who does not trust the gateway claims first and hands over the salts.
func TestSubmitClaims(t *testing.T) {
	g := newGateway(t)
	dir, contributor := t.TempDir(), account(t)
	known, fresh, other := write(t, dir, "known", "known"), write(t, dir, "fresh", "fresh"), write(t, dir, "other", "other")
	made, err := claims.New(contributor, []string{known, fresh})
	require.NoError(t, err)
	salts := filepath.Join(dir, "claims.json")
	require.NoError(t, made.Write(salts))
	g.known[sha256Of([]byte("known"))] = final

	code, stdout, stderr := g.run("submit", "--jobs", "1", "--claims", salts, known, fresh)
	require.Zero(t, code, stdout+stderr)
	require.Len(t, g.uploads, 2, "a known file is sent too, as the claim may be older")
	for i, upload := range g.uploads {
		require.Equal(t, contributor, upload.contributor)
		salt, err := made.Claims[i].Salt.MarshalText()
		require.NoError(t, err)
		require.Equal(t, string(salt), upload.claimSalt)
	}

	code, stdout, _ = g.run("submit", "--claims", salts, other)
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "has no claim")
	require.Len(t, g.uploads, 2, "nothing is shown that was not claimed")

	another, err := address.NewBech32Codec("vmt").BytesToString(bytes.Repeat([]byte{1}, 20))
	require.NoError(t, err)
	code, _, stderr = g.run("submit", "--claims", salts, "--contributor", another, fresh)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "the claims are of "+contributor)
	code, _, stderr = g.run("submit", "--claims", other, fresh)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "claims: ")
}

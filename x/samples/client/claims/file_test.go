package claims

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestRoundTrip(t *testing.T) {
	contributor := sdk.AccAddress(make([]byte, 20))
	file, err := New(contributor.String(), []string{write(t, "one"), write(t, "two"), write(t, "one")})
	require.NoError(t, err)
	require.Len(t, file.Claims, 2, "a content is claimed once")
	require.NotEqual(t, file.Claims[0].Salt, file.Claims[1].Salt)

	path := filepath.Join(t.TempDir(), "claims.json")
	require.NoError(t, file.Write(path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.ErrorIs(t, file.Write(path), os.ErrExist, "salts are never overwritten")
	read, err := Read(path)
	require.NoError(t, err)
	require.Equal(t, file, read)

	sum := sha256.Sum256([]byte("two"))
	salt, claimed := read.Salt(sum)
	require.True(t, claimed)
	hashes, err := read.Hashes()
	require.NoError(t, err)
	require.Equal(t, types.ClaimHash(sum[:], contributor, salt[:]), hashes[1])
	_, claimed = read.Salt(sha256.Sum256([]byte("three")))
	require.False(t, claimed)
}

func TestBadFiles(t *testing.T) {
	contributor := sdk.AccAddress(make([]byte, 20)).String()
	_, err := New(contributor, []string{write(t, "")})
	require.ErrorContains(t, err, "is empty")
	_, err = New("somebody", []string{write(t, "one")})
	require.ErrorContains(t, err, "contributor")
	for name, text := range map[string]string{
		"no JSON":     "claims",
		"no claims":   `{"contributor":"` + contributor + `","claims":[]}`,
		"other field": `{"contributor":"` + contributor + `","salts":[]}`,
		"short salt":  `{"contributor":"` + contributor + `","claims":[{"path":"a","sha256":"` + strings.Repeat("ab", 32) + `","salt":"abcd"}]}`,
	} {
		_, err := Read(write(t, text))
		require.Error(t, err, name)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"contributor":"vmt1x","claims":[{"path":"a","sha256":"00","salt":"00"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := parse(data)
		if err != nil {
			return
		}
		hashes, err := file.Hashes()
		require.NoError(t, err)
		require.Len(t, hashes, len(file.Claims))
	})
}

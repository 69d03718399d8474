package signatures

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDigest(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	digester := Digester{Match: func(name string) bool { return strings.HasSuffix(name, ".sig") }}
	of := func() Set {
		set, err := digester.Of([]string{folder})
		require.NoError(t, err)
		return set
	}
	empty := of()
	write("a.sig", "one")
	one := of()
	require.NotEqual(t, empty.Digest, one.Digest)
	require.Equal(t, 1, one.Files)
	require.WithinDuration(t, time.Now(), one.Time, time.Hour)

	write("notes.txt", "not a signature")
	require.Equal(t, one.Digest, of().Digest)
	write("b.sig", "two")
	two := of()
	require.NotEqual(t, one.Digest, two.Digest)

	require.NoError(t, os.Rename(filepath.Join(folder, "b.sig"), filepath.Join(folder, "c.sig")))
	require.NotEqual(t, two.Digest, of().Digest, "names count")
	write("c.sig", "")
	write("a.sig", "onetwo")
	require.NotEqual(t, two.Digest, of().Digest, "where a file ends counts")

	_, err := digester.Of([]string{filepath.Join(folder, "absent")})
	require.ErrorContains(t, err, "absent")
}

func TestDigestIsTheSameElsewhere(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for _, folder := range []string{first, second} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "a"), []byte("text"), 0o600))
	}
	one, err := new(Digester).Of([]string{first})
	require.NoError(t, err)
	two, err := new(Digester).Of([]string{filepath.Join(second, "a")})
	require.NoError(t, err)
	require.Equal(t, one.Digest, two.Digest)
}

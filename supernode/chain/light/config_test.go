package light

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTrustFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trust.json")
	want := Config{
		ChainID: "virusmap-demo-1", RPC: []string{"http://127.0.0.1:26657"},
		Trust: Trust{Height: 12, Hash: digest("block"), Period: 14 * 24 * time.Hour},
	}
	require.NoError(t, WriteTrustFile(path, want))
	got, err := ReadTrustFile(path)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestBadTrustFiles(t *testing.T) {
	good := `{"chain_id":"c-1","rpc":["http://127.0.0.1:1"],"height":1,"hash":"` + strings.Repeat("ab", 32) + `","period_seconds":60}`
	for name, test := range map[string]struct{ from, to, says string }{
		"path in chain id": {`"c-1"`, `"../c"`, "chain_id"},
		"no server":        {`["http://127.0.0.1:1"]`, `[]`, "rpc has 0"},
		"height 0":         {`"height":1`, `"height":0`, "height is 0"},
		"short hash":       {strings.Repeat("ab", 32), "abab", "hash has 2 bytes"},
		"hash not hex":     {strings.Repeat("ab", 32), "xy", "not hex"},
		"period 0":         {`"period_seconds":60`, `"period_seconds":0`, "period_seconds"},
		"unknown field":    {`"height"`, `"hight"`, "hight"},
		"not JSON":         {good, "trust", "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "trust.json")
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(good, test.from, test.to, 1)), 0o600))
			_, err := ReadTrustFile(path)
			require.ErrorContains(t, err, test.says)
		})
	}
	_, err := ReadTrustFile(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

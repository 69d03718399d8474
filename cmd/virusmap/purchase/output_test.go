package purchase_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
)

// The tools of those who work with samples open the archive.
func TestStockToolsOpenTheArchive(t *testing.T) {
	s := newShop(t)
	small, empty, big := s.market.Add(t, []byte("sample")), s.market.Add(t, nil), large(t, s)
	require.NoError(t, s.buy(small.SHA256, empty.SHA256, big.SHA256))
	for _, sample := range []struct {
		hash  string
		plain []byte
	}{{small.SHA256, small.Plain}, {empty.SHA256, nil}, {big.SHA256, big.Plain}} {
		path := filepath.Join(s.out, sample.hash+".zip")
		require.Equal(t, string(sample.plain), string(unzip(t, path, sample.hash)))
		for _, tool := range [][]string{
			{"unzip", "-p", "-P", purchase.Password, path}, {"7z", "e", "-so", "-p" + purchase.Password, path}, {"bsdtar", "-xOf", path, "--passphrase", purchase.Password},
		} {
			if _, err := exec.LookPath(tool[0]); err != nil {
				t.Log(tool[0], "is not installed")
				continue
			}
			plain, err := exec.Command(tool[0], tool[1:]...).Output()
			require.NoError(t, err, tool)
			require.Equal(t, string(sample.plain), string(plain), tool)
		}
	}
}

package node

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An operator adds keys with roles at the end of the file that init wrote.
func TestKeysWithRolesAreAppended(t *testing.T) {
	home, _ := initHome(t)
	file, err := os.OpenFile(filepath.Join(home, configFile), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString("\n[[gateway.keys]]\nname = \"soc\"\nkey = \"0123456789abcdef\"\nrole = \"admin\"\n")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	cfg, err := Load(home)
	require.NoError(t, err)
	require.Len(t, cfg.Gateway.Keys, 1)
	require.Equal(t, "admin", cfg.Gateway.Keys[0].Role)
	require.Equal(t, 60, cfg.Gateway.Channels.Web)
	require.Equal(t, 7, cfg.Gateway.Private.RetentionDays)
}

func TestPrivateFilesFitTheScanner(t *testing.T) {
	home, _ := initHome(t)
	cfg, err := Load(home)
	require.NoError(t, err)
	cfg.Gateway.Private.MaxBytes = cfg.Scanner.MemoryBytes + 1
	require.ErrorContains(t, cfg.Validate(), "gateway: private: max_bytes")
}

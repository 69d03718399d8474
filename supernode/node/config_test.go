package node

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/gateway"
)

func initHome(t *testing.T) (string, Created) {
	t.Helper()
	home := filepath.Join(t.TempDir(), "home")
	created, err := Init(context.Background(), home)
	require.NoError(t, err)
	return home, created
}

func TestInitMakesAHomeThatLoads(t *testing.T) {
	home, created := initHome(t)
	cfg, err := Load(home)
	require.NoError(t, err)
	require.Equal(t, []string{created.APIKey}, cfg.Gateway.APIKeys)
	require.True(t, strings.HasPrefix(created.Address, "vmt1"))
	require.Len(t, strings.Fields(created.Mnemonic), 24)
	require.NotEmpty(t, cfg.Engines.Engines)
	require.DirExists(t, filepath.Join(home, enginesDir))

	identity, err := ShowIdentity(home, cfg)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(identity.Recipient, "age1pq1"))
	require.Equal(t, created.Address, identity.Address)
	require.Equal(t, []string{"/ip4/127.0.0.1/tcp/4001/p2p/" + identity.PeerID}, identity.Multiaddrs)
}

func TestSecretsAreForTheOwnerAlone(t *testing.T) {
	home, _ := initHome(t)
	for _, name := range []string{configFile, swarmKeyFile, identityFile, peerKeyFile, claimSecretFile} {
		info, err := os.Stat(filepath.Join(home, filepath.FromSlash(name)))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	keys, err := filepath.Glob(filepath.Join(home, "keyring-test"))
	require.NoError(t, err)
	require.Len(t, keys, 1)
	info, err := os.Stat(keys[0])
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

// The salts of claims come from the secret, so it must be the same after every start. A
// home from before there were claims gets one at its first start.
func TestClaimSecretStays(t *testing.T) {
	home, _ := initHome(t)
	first, err := claimSecret(home)
	require.NoError(t, err)
	require.Len(t, first, gateway.ClaimSecretBytes)
	again, err := claimSecret(home)
	require.NoError(t, err)
	require.Equal(t, first, again)

	require.NoError(t, os.Remove(filepath.Join(home, claimSecretFile)))
	other, err := claimSecret(home)
	require.NoError(t, err)
	require.Len(t, other, gateway.ClaimSecretBytes)
	require.NotEqual(t, first, other)
}

func TestGatewayOptionsAreInTheFile(t *testing.T) {
	home, _ := initHome(t)
	text, err := os.ReadFile(filepath.Join(home, configFile))
	require.NoError(t, err)
	for _, option := range []string{"claims = true", "sightings = true", "wallet_keys = true", "delay_minutes = 60"} {
		require.Contains(t, string(text), option)
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	home, _ := initHome(t)
	before, err := os.ReadFile(filepath.Join(home, configFile))
	require.NoError(t, err)
	_, err = Init(context.Background(), home)
	require.ErrorContains(t, err, "exists already")
	after, err := os.ReadFile(filepath.Join(home, configFile))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestInterruptedInitKeepsItsKeys(t *testing.T) {
	home, first := initHome(t)
	cfg, err := Load(home)
	require.NoError(t, err)
	before, err := ShowIdentity(home, cfg)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(home, configFile))) // written last
	second, err := Init(context.Background(), home)
	require.NoError(t, err)
	require.Equal(t, first.Address, second.Address)
	after, err := ShowIdentity(home, cfg)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestEncodedConfigLoadsAgain(t *testing.T) {
	home, _ := initHome(t)
	cfg, err := Load(home)
	require.NoError(t, err)
	encoded, err := cfg.Encode()
	require.NoError(t, err)
	require.Contains(t, string(encoded), "# values accepted in the X-Apikey header")
	require.NoError(t, os.WriteFile(filepath.Join(home, configFile), encoded, 0o600))
	again, err := Load(home)
	require.NoError(t, err)
	require.Equal(t, cfg, again)
}

func TestLoadNamesWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ old, new, message string }{
		"unknown field":   {"[gateway]", "[gateway]\nlissten = 'x'", "lissten"},
		"wrong type":      {"max_uploads = 16", "max_uploads = 'many'", "string"},
		"out of range":    {"max_uploads = 16", "max_uploads = 0", "gateway: max_uploads: 0 is not in 1..1024"},
		"log level":       {"level = 'info'", "level = 'loud'", "log: level"},
		"no vault":        {"vault = true", "vault = false", "need the vault"},
		"engine kind":     {"kind = 'heuristics'", "kind = 'magic'", "magic"},
		"not TOML at all": {"[roles]", "[roles", "config.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			home, _ := initHome(t)
			path := filepath.Join(home, configFile)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Contains(t, string(data), c.old)
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(data), c.old, c.new, 1)), 0o600))
			_, err = Load(home)
			require.ErrorContains(t, err, c.message)
		})
	}
	_, err := Load(t.TempDir())
	require.ErrorContains(t, err, "supernode init")
}

func TestStartWithoutOperatorTellsWhatToDo(t *testing.T) {
	home, _ := initHome(t)
	cfg, err := Load(home)
	require.NoError(t, err)
	_, err = Open(context.Background(), home, cfg, quiet())
	require.ErrorContains(t, err, "scanner: operator is empty")
}

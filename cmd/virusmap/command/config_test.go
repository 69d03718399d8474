package command

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettings(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	config := func(arguments ...string) (int, string, string) {
		return run(t, t.Context(), append([]string{"--home", home}, arguments...)...)
	}
	contributor := account(t)
	code, stdout, _ := config("config")
	require.Zero(t, code)
	user, err := os.UserHomeDir()
	require.NoError(t, err)
	signing := "grpc             127.0.0.1:9090  (default)\nkey              not set  (default)\nkeyring-dir      " + user + "/.vmtd  (default)\n" +
		"keyring-backend  test  (default)\ngas-prices       0.025uvmt  (default)\n"
	require.Equal(t, "host             http://127.0.0.1:8080  (default)\napi-key          not set  (default)\ntrust            "+
		home+"/trust.json  (default)\noutput           text  (default)\ncontributor      not set  (default)\n"+signing, stdout)

	for _, setting := range [][2]string{{"host", "https://scan.example.org"}, {"api-key", "0123456789abcdef"}, {"trust", "/etc/trust.json"}, {"contributor", contributor}} {
		code, _, stderr := config("config", "set", setting[0], setting[1])
		require.Zero(t, code, stderr)
	}
	info, err := os.Stat(filepath.Join(home, "config.toml"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	// Flags come before the environment, and that before the file.
	t.Setenv("VIRUSMAP_HOST", "https://environment.example.org")
	_, stdout, _ = config("--trust", "flag.json", "config")
	require.Equal(t, "host             https://environment.example.org  (VIRUSMAP_HOST)\napi-key          ****cdef  ("+home+"/config.toml)\n"+
		"trust            flag.json  (--trust)\noutput           text  (default)\ncontributor      "+contributor+"  ("+home+"/config.toml)\n"+signing, stdout)
	require.NotContains(t, stdout, "0123456789abcdef")

	_, stdout, _ = config("--output", "json", "config")
	require.Equal(t, "host", lines(t, stdout)[0]["key"])
	require.Len(t, lines(t, stdout), 10)
}

func TestBadSettings(t *testing.T) {
	home := t.TempDir()
	code, _, stderr := run(t, t.Context(), "--home", home, "config", "set", "colour", "red")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "unknown setting")
	code, _, _ = run(t, t.Context(), "--home", home, "config", "set", "host", "a\nb")
	require.Equal(t, 2, code)
	code, _, stderr = run(t, t.Context(), "--home", home, "config", "set", "contributor", "cosmos1abc")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "account address")
	for key, value := range map[string]string{"keyring-backend": "os", "gas-prices": "cheap"} {
		code, _, stderr = run(t, t.Context(), "--home", home, "config", "set", key, value)
		require.Equal(t, 2, code)
		require.Contains(t, stderr, key)
	}
	require.NoFileExists(t, filepath.Join(home, "config.toml"))

	require.NoError(t, os.WriteFile(filepath.Join(home, "config.toml"), []byte("host = "), 0o600))
	code, _, stderr = run(t, t.Context(), "--home", home, "config")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "config.toml")
	require.NoError(t, os.WriteFile(filepath.Join(home, "config.toml"), []byte("hots = 'x'"), 0o600))
	_, _, stderr = run(t, t.Context(), "--home", home, "config")
	require.Contains(t, stderr, `unknown setting "hots"`)
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	for _, command := range [][]string{
		{"submit"},
		{"report"},
		{"watch"},
		{"verify"},
		{"rewards"},
		{"explain"},
		{"config"},
		{"config", "set"},
		{"buy"},
		{"download"},
		{"dispute"},
		{"orders"},
		{"invoice"},
		{"prices"},
		{"plan"},
		{"plan", "list"},
		{"plan", "buy"},
		{"plan", "show"},
		{"plan", "cancel"},
		{"plan", "key"},
		{"plan", "revoke"},
	} {
		code, stdout, _ := run(t, t.Context(), append(command, "--help")...)
		require.Zero(t, code)
		require.Contains(t, stdout, "Examples:\n  virusmap "+command[0], command)
	}
}

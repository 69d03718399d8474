package engines

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "engines")
	require.NoError(t, Install(dir))
	for _, path := range []string{"README.md", "clamav/virusmap.hdb", "yara/test_files.yar", "blocklist/sha256.txt"} {
		installed, err := os.ReadFile(filepath.Join(dir, path))
		require.NoError(t, err)
		shipped, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, shipped, installed)
	}

	own := filepath.Join(dir, "blocklist/sha256.txt")
	require.NoError(t, os.WriteFile(own, []byte("# mine\n"), 0o644))
	require.NoError(t, Install(dir))
	kept, err := os.ReadFile(own)
	require.NoError(t, err)
	require.Equal(t, "# mine\n", string(kept), "what an operator changed stays")
}

func TestBlocklist(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Install(dir))
	list := filepath.Join(dir, "blocklist/sha256.txt")
	run := func(input string) (string, error) {
		command := exec.Command(filepath.Join(dir, "blocklist/blocklist.sh"))
		command.Stdin = strings.NewReader(input)
		output, err := command.Output()
		return string(output), err
	}
	require.NoError(t, os.WriteFile(list, []byte(
		"# ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad commented out\n"+
			"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855 suspicious 7 Empty\n"), 0o644))
	output, err := run("")
	require.NoError(t, err)
	require.JSONEq(t, `{"category":"suspicious","confidence":7,"label":"Empty","detail":"listed in sha256.txt"}`, output)
	output, err = run("abc")
	require.NoError(t, err)
	require.JSONEq(t, `{"category":"undetected","confidence":1}`, output)

	require.NoError(t, os.Remove(list))
	_, err = run("abc")
	require.Error(t, err, "without its list it must not call anything clean")
}

package worker

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var systemPaths = []string{"/usr", "/bin", "/lib", "/lib64", "/dev/null", "/proc"}

func shell(t *testing.T, pool *Pool, timeout time.Duration, script string) (string, error) {
	t.Helper()
	var result CommandResult
	err := pool.Do(context.Background(), Call{
		Op: "command", Args: CommandArgs{Argv: []string{"/bin/sh", "-c", script}},
		Content: content(t, "hello sample"), Timeout: timeout,
	}, &result)
	return string(result.Output), err
}

func TestCommandSeesTheSample(t *testing.T) {
	pool := newPool(t, Config{Spec: Spec{Profile: Command, Read: systemPaths}})
	for name, script := range map[string]string{
		"on stdin":           "cat",
		"as /dev/stdin":      "cat /dev/stdin",
		"as /proc/self/fd/3": "cat /proc/self/fd/3",
	} {
		t.Run(name, func(t *testing.T) {
			output, err := shell(t, pool, time.Minute, script)
			require.NoError(t, err)
			require.Equal(t, "hello sample", output)
		})
	}
}

func TestCommandIsLockedIn(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("key"), 0o644))
	pool := newPool(t, Config{Spec: Spec{Profile: Command, Read: systemPaths, MemoryBytes: 256 << 20}})
	isolation, err := pool.Isolation(context.Background())
	require.NoError(t, err)
	require.NotZero(t, isolation.UID, "root is dropped")

	tests := map[string]struct{ script, says string }{
		"no network":     {`perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n"'`, "Operation not permitted"},
		"no writing":     {"echo x > /usr/escaped", "cannot create"},
		"no namespaces":  {"unshare --user true", "Operation not permitted"},
		"no memory hogs": {`perl -e '$x = "x" x (512 << 20)'`, "Out of memory"},
		"a failure":      {"echo broken >&2; exit 3", "exit status 3: broken"},
		"no command":     {"exec /does/not/exist", "not found"},
		"endless output": {"while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", "more than 16384 bytes"},
	}
	if isolation.Jail {
		tests["no reading elsewhere"] = struct{ script, says string }{"cat " + secret, "No such file"}
	} else if isolation.Landlock {
		tests["no reading elsewhere"] = struct{ script, says string }{"cat " + secret, "Permission denied"}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := shell(t, pool, time.Minute, test.script)
			require.ErrorContains(t, err, test.says)
			require.NoFileExists(t, "/usr/escaped")
		})
	}
}

func TestCommandTimeoutLeavesNothingBehind(t *testing.T) {
	pool := newPool(t, Config{Spec: Spec{Profile: Command, Read: systemPaths}})
	_, err := shell(t, pool, 500*time.Millisecond, "sleep 3607 & setsid sleep 3607 & sleep 3607")
	require.ErrorIs(t, err, ErrTimeout)
	_, err = shell(t, pool, time.Minute, "setsid sleep 3607 >/dev/null 2>&1 & echo started")
	require.NoError(t, err)

	isolation, err := pool.Isolation(context.Background())
	require.NoError(t, err)
	if isolation.Namespaces {
		output, err := shell(t, pool, time.Minute, "cat /proc/[0-9]*/cmdline | grep -a -c 'sleep.360[7]' || true")
		require.NoError(t, err)
		require.Equal(t, "0\n", output)
	}
}

func TestCommandGetsACleanEnvironment(t *testing.T) {
	t.Setenv("VIRUSMAP_SECRET", "hidden")
	pool := newPool(t, Config{Spec: Spec{Profile: Command, Read: systemPaths}})
	output, err := shell(t, pool, time.Minute, "env")
	require.NoError(t, err)
	require.NotContains(t, output, "hidden")
	require.Contains(t, strings.Split(output, "\n"), "LANG=C.UTF-8")
}

func TestCommandReachesPrivateFolders(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("commands run as the node's own user, who reaches the same folders")
	}
	private := filepath.Join(t.TempDir(), "public") // the folder above is root's alone
	require.NoError(t, os.Mkdir(private, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(private, "list"), []byte("entry"), 0o644))
	pool := newPool(t, Config{Spec: Spec{Profile: Command, Read: append([]string{private}, systemPaths...)}})
	isolation, err := pool.Isolation(context.Background())
	require.NoError(t, err)
	if !isolation.Jail {
		t.Skip("the kernel does not let this process mount")
	}
	output, err := shell(t, pool, time.Minute, "cat "+private+"/list; echo; ls /etc /root 2>&1 || true")
	require.NoError(t, err)
	require.Contains(t, output, "entry")
	require.Contains(t, output, "'/root': No such file", "nothing but what was asked for")
	_, err = shell(t, pool, time.Minute, "echo x > "+private+"/list")
	require.Error(t, err)
}

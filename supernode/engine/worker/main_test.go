package worker

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/virusmap/virusmap/supernode/engine/memfd"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(Main(os.Args[2:], misbehaviour))
	}
	os.Exit(m.Run())
}

// misbehaviour is what hostile input could make a parser do.
var misbehaviour = map[string]Handler{
	"size": func(task *Task) (any, error) { return len(task.Content), nil },
	"prepare": func(task *Task) (any, error) {
		prepared = string(task.Content)
		return nil, nil
	},
	"prepared": func(*Task) (any, error) { return prepared, nil },
	"segfault": func(*Task) (any, error) {
		page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil {
			return nil, err
		}
		raw := page[:1:1]
		if err := unix.Munmap(page); err != nil {
			return nil, err
		}
		return raw[0], nil
	},
	"panic": func(*Task) (any, error) { panic("index out of range") },
	"spin": func(*Task) (any, error) {
		for i := 0; ; i++ {
			if i == -1 {
				return i, nil
			}
		}
	},
	"sleep": func(*Task) (any, error) { time.Sleep(time.Hour); return nil, nil },
	"hog": func(*Task) (any, error) {
		var hoard [][]byte
		for len(hoard) < 1<<20 { // 16 TiB
			hoard = append(hoard, bytes.Repeat([]byte{1}, 16<<20))
		}
		return len(hoard), nil
	},
	"babble": func(*Task) (any, error) { return strings.Repeat("x", 2*maxPacketBytes), nil },
	"dial": func(*Task) (any, error) {
		conn, err := net.Dial("tcp", "127.0.0.1:1")
		if err == nil {
			conn.Close()
		}
		return nil, err
	},
	"read":  func(*Task) (any, error) { return os.ReadFile("/etc/passwd") },
	"write": func(*Task) (any, error) { return nil, os.WriteFile("/tmp/escaped", []byte("x"), 0o600) },
	"start": func(*Task) (any, error) { return nil, exec.Command("/bin/true").Run() },
	"kill":  func(*Task) (any, error) { return nil, unix.Kill(os.Getppid(), unix.SIGTERM) },
	"alter": func(task *Task) (any, error) {
		_, err := unix.Pwrite(task.content, []byte("x"), 0)
		return nil, err
	},
}

var prepared string

func newPool(t testing.TB, config Config) *Pool {
	t.Helper()
	if config.Spec.Profile == "" {
		config.Spec.Profile = Parse
	}
	if config.Workers == 0 {
		config.Workers = 1
	}
	pool, err := NewPool(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return pool
}

func content(t testing.TB, text string) *os.File {
	t.Helper()
	file, _, err := memfd.Create(strings.NewReader(text), 1<<20)
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	return file
}

// requireAlive asserts that the pool still answers.
func requireAlive(t *testing.T, pool *Pool) {
	t.Helper()
	var size int
	call := Call{Op: "size", Content: content(t, "abc"), Timeout: 10 * time.Second}
	require.NoError(t, pool.Do(context.Background(), call, &size))
	require.Equal(t, 3, size)
}

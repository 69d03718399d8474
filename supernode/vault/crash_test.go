package vault

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// runAgain runs one test of this binary again as a process of its own.
func runAgain(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "VAULT_CHILD_DIR="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestAcceptedSamplesSurviveKill(t *testing.T) {
	if dir := os.Getenv("VAULT_CHILD_DIR"); dir != "" {
		v, key := openAt(t, dir), NewEpochKey()
		fmt.Println("key", key)
		for i := 0; ; i++ {
			fmt.Println("cid", sealBytes(t, v, content(i%7*300_000), key.Recipient()).CID)
		}
	}
	dir := t.TempDir()
	cmd := runAgain(t, dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())

	var accepted []cid.Cid
	var secret string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		switch word, value, _ := strings.Cut(lines.Text(), " "); word {
		case "key":
			secret = value
		case "cid":
			c, err := cid.Decode(value)
			require.NoError(t, err)
			accepted = append(accepted, c)
		}
		if len(accepted) == 40 {
			_ = cmd.Process.Kill() // what it prints until it dies still counts
		}
	}
	require.Error(t, cmd.Wait())
	require.GreaterOrEqual(t, len(accepted), 40)

	v := openAt(t, dir)
	key, err := parseIdentity([]byte(secret))
	require.NoError(t, err)
	for i, c := range accepted {
		plain, err := v.Unseal(context.Background(), c, key)
		require.NoError(t, err)
		data, err := io.ReadAll(plain)
		require.NoError(t, err)
		require.Equal(t, content(i%7*300_000), data)
	}
	require.Equal(t, held(t, v), len(blockFiles(t, dir)), "no block on disk without an owner")
}

// held counts the blocks that the catalog knows.
func held(t *testing.T, v *Vault) (count int) {
	require.NoError(t, v.store.catalog.db.View(func(tx *bolt.Tx) error {
		count = tx.Bucket(holdersBucket).Stats().KeyN
		return nil
	}))
	return count
}

// The kernel refuses writes past a file size limit as it does on a full disk.
func TestDiskThatRefusesBlocks(t *testing.T) {
	if dir := os.Getenv("VAULT_CHILD_DIR"); dir != "" {
		v := openAt(t, dir)
		signal.Ignore(unix.SIGXFSZ)
		limit := unix.Rlimit{Cur: 512 << 10, Max: 512 << 10}
		require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &limit))
		_, err := v.Seal(context.Background(), bytes.NewReader(content(40<<20)), NewEpochKey().Recipient())
		require.ErrorIs(t, err, unix.EFBIG)
		require.ErrorContains(t, err, "vault: seal:")
		requireEmpty(t, v)
		sealBytes(t, v, content(100_000), NewEpochKey().Recipient())
		return
	}
	cmd := runAgain(t, t.TempDir())
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS")
}

func TestSealMemoryIsFlat(t *testing.T) {
	v := openOffline(t)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r := &heapWatch{left: 160 << 20}
	_, err := v.Seal(context.Background(), r, NewEpochKey().Recipient())
	require.NoError(t, err)
	require.NotZero(t, r.peak)
	require.Less(t, r.peak-min(r.peak, before.HeapAlloc), uint64(64<<20), "bytes in use while 160 MiB pass")
}

// heapWatch is a long stream that notes the live heap as it is read.
type heapWatch struct {
	left, since int
	peak        uint64
}

func (h *heapWatch) Read(p []byte) (int, error) {
	if h.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), h.left)
	h.left -= n
	if h.since += n; h.since > 8<<20 {
		h.since = 0
		var now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&now)
		h.peak = max(h.peak, now.HeapAlloc)
	}
	return n, nil
}

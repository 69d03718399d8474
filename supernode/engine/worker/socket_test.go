package worker

import (
	"context"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func init() {
	misbehaviour["echo"] = func(task *Task) (any, error) {
		socket, err := task.Socket()
		if err != nil {
			return nil, err
		}
		defer socket.Close()
		if err := socket.SetDeadline(task.Deadline); err != nil {
			return nil, err
		}
		line := make([]byte, 4)
		if _, err := io.ReadFull(socket, line); err != nil {
			if os.IsTimeout(err) {
				return nil, ErrTimeout
			}
			return nil, err
		}
		_, err = socket.Write(line)
		return string(line), err
	}
}

// The socket that came with a request is all the network there is.
func TestWorkerSpeaksOverASocketItIsHanded(t *testing.T) {
	pool := newPool(t, Config{})
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	theirs := os.NewFile(uintptr(pair[1]), "theirs")
	own := os.NewFile(uintptr(pair[0]), "own")
	peer, err := net.FileConn(own)
	require.NoError(t, err)
	require.NoError(t, own.Close())
	t.Cleanup(func() { peer.Close(); theirs.Close() })

	_, err = peer.Write([]byte("ping"))
	require.NoError(t, err)
	var said string
	require.NoError(t, pool.Do(context.Background(), Call{Op: "echo", Socket: theirs, Timeout: time.Minute}, &said))
	require.Equal(t, "ping", said)
	answer := make([]byte, 4)
	_, err = io.ReadFull(peer, answer)
	require.NoError(t, err)
	require.Equal(t, "ping", string(answer))

	err = pool.Do(context.Background(), Call{Op: "echo", Socket: theirs, Timeout: 300 * time.Millisecond}, nil)
	require.ErrorIs(t, err, ErrTimeout, "a peer that says nothing costs one request")
	require.ErrorContains(t, pool.Do(context.Background(), Call{Op: "echo", Timeout: time.Minute}, nil), "no socket")
	err = pool.Do(context.Background(), Call{Op: "dial", Socket: theirs, Timeout: time.Minute}, nil)
	require.ErrorContains(t, err, "operation not permitted")
	requireAlive(t, pool)
}

package clamd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// server speaks clamd's side of a conversation once per connection.
func server(t *testing.T, serve func(net.Conn, *bufio.Reader)) Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn, bufio.NewReader(conn))
			conn.Close()
		}
	}()
	return Client{Network: "tcp", Address: listener.Addr().String()}
}

func sample(t *testing.T, content []byte) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	file, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	return file
}

// Over TCP the content goes in chunks with their lengths, as clamd(8) defines.
func TestStream(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), chunkBytes/8) // two chunks
	content = append(content, "rest"...)
	received := make(chan []byte, 1)
	client := server(t, func(conn net.Conn, r *bufio.Reader) {
		command, _ := r.ReadString(0)
		if command != "zINSTREAM\x00" {
			return
		}
		var all []byte
		for {
			var size uint32
			if binary.Read(r, binary.BigEndian, &size) != nil || size == 0 {
				break
			}
			chunk := make([]byte, size)
			if _, err := io.ReadFull(r, chunk); err != nil {
				return
			}
			all = append(all, chunk...)
		}
		received <- all
		_, _ = io.WriteString(conn, "stream: Test.Name.UNOFFICIAL FOUND\x00")
	})
	result, err := client.Scan(context.Background(), sample(t, content), int64(len(content)))
	require.NoError(t, err)
	require.Equal(t, Result{Name: "Test.Name"}, result)
	require.True(t, bytes.Equal(content, <-received))
}

// clamd answers and closes while the client is still sending.
func TestStreamRefused(t *testing.T) {
	client := server(t, func(conn net.Conn, r *bufio.Reader) {
		_, _ = r.ReadString(0)
		_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
		_, _ = io.CopyN(io.Discard, r, 8<<20)
	})
	content := make([]byte, 8<<20)
	result, err := client.Scan(context.Background(), sample(t, content), int64(len(content)))
	require.NoError(t, err)
	require.True(t, result.TooLarge)
}

func TestClientErrors(t *testing.T) {
	silent := server(t, func(conn net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) })
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, silent.Ping(ctx), context.DeadlineExceeded)

	closing := server(t, func(conn net.Conn, r *bufio.Reader) { _, _ = r.ReadString(0) })
	require.ErrorIs(t, closing.Ping(context.Background()), ErrClosed)

	cut := server(t, func(conn net.Conn, r *bufio.Reader) { _, _ = io.WriteString(conn, "PON") })
	require.ErrorContains(t, cut.Ping(context.Background()), "cut off")

	endless := server(t, func(conn net.Conn, r *bufio.Reader) {
		for {
			if _, err := conn.Write(bytes.Repeat([]byte("x"), 4096)); err != nil {
				return
			}
		}
	})
	require.ErrorContains(t, endless.Ping(context.Background()), "cut off")

	absent := Client{Network: "unix", Address: filepath.Join(t.TempDir(), "absent")}
	require.ErrorIs(t, absent.Ping(context.Background()), ErrUnreachable)
	require.True(t, errors.Is(absent.Ping(context.Background()), os.ErrNotExist))
}

func TestDatabase(t *testing.T) {
	folder := t.TempDir()
	require.False(t, HasOfficial(folder))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "main.cvd"), nil, 0o600))
	require.False(t, HasOfficial(folder), "daily is missing")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "daily.cld"), nil, 0o600))
	require.True(t, HasOfficial(folder))
	require.True(t, IsDatabase("own.HDB"))
	require.False(t, IsDatabase("README.md"))
}

package engine

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// A clamd on another machine gets the content as a stream; here the way to it
// leads through a TCP port to the real daemon's socket.
func TestClamdOverTCP(t *testing.T) {
	local := openEngines(t, only("ClamAV"))["ClamAV"]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go forward(conn, daemonOf(local).Client.Address)
		}
	}()

	remote := openEngines(t, Config{Engines: []EngineConfig{{
		Name: "Remote", Kind: "clamd", Options: map[string]any{"address": "tcp:" + listener.Addr().String()},
	}}})["Remote"]
	verdict := remote.Scan(context.Background(), newContent(t, []byte(eicarText)))
	require.Equal(t, malicious, verdict.Category, "%+v", verdict)
	require.Equal(t, "Win.Test.EICAR_HDB-1", verdict.Label)
	verdict = remote.Scan(context.Background(), fileContent(t, testfiles+"clam.7z"))
	require.Equal(t, "Clamav.Test.File-6", verdict.Label)
	require.Equal(t, undetected, remote.Scan(context.Background(), newContent(t, nil)).Category)

	info, err := remote.Info(context.Background())
	require.NoError(t, err)
	require.NotEmpty(t, info.Version)
	require.Empty(t, info.SignatureDigest, "what another machine has loaded is not known")
}

func forward(conn net.Conn, socket string) {
	defer conn.Close()
	daemon, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer daemon.Close()
	go func() { _, _ = io.Copy(daemon, conn) }()
	_, _ = io.Copy(conn, daemon)
}

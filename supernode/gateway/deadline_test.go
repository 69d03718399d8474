package gateway

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// watchedConn counts what is written without a deadline by which its client has to take it.
type watchedConn struct {
	net.Conn
	bounded atomic.Bool
	endless atomic.Int64
}

func (c *watchedConn) SetWriteDeadline(t time.Time) error {
	c.bounded.Store(!t.IsZero())
	return c.Conn.SetWriteDeadline(t)
}

func (c *watchedConn) Write(p []byte) (int, error) {
	if !c.bounded.Load() {
		c.endless.Add(1)
	}
	return c.Conn.Write(p)
}

type watchedListener struct {
	net.Listener
	accepted chan *watchedConn
}

func (l watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	watched := &watchedConn{Conn: conn}
	l.accepted <- watched
	return watched, nil
}

// TestEveryAnswerHasADeadline: who never reads an answer must not keep its connection.
func TestEveryAnswerHasADeadline(t *testing.T) {
	n := startNode(t, nil)
	made := n.post(t, collectionsPath, collectionBody("name", "")).resource(t)
	own, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listener := watchedListener{own, make(chan *watchedConn, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-served)
	})
	client, err := net.Dial("tcp", own.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	answers := bufio.NewReader(client)
	conn := <-listener.accepted
	for _, path := range []string{
		"/api/v3/files/upload_url", "/", "/docs/node.json", "/metrics", "/healthz",
		"/virusmap/node/v1/info", collectionsPath + "/" + made.ID + "/download/csv", "/docs/",
	} {
		fmt.Fprintf(client, "GET %s HTTP/1.1\r\nHost: node\r\nX-Apikey: %s\r\n\r\n", path, testKey)
		answer, err := http.ReadResponse(answers, nil)
		require.NoError(t, err, path)
		_, err = io.Copy(io.Discard, answer.Body)
		require.NoError(t, err, path)
		require.Zero(t, conn.endless.Load(), path)
	}
}

// Package clamd speaks with ClamAV's daemon, and runs one.
package clamd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	chunkBytes    = 256 << 10
	maxReplyBytes = 4 << 10
)

var (
	// ErrUnreachable is returned when no clamd listens.
	ErrUnreachable = errors.New("clamd is not reachable")
	// ErrClosed is returned when clamd went away before it answered.
	ErrClosed = errors.New("clamd closed the connection")
)

// Client of a clamd. Each command has a connection of its own, as clamd wants it.
type Client struct {
	// Network is "unix" or "tcp".
	Network string
	// Address is the socket's path, or host:port.
	Address string
}

// ParseAddress reads "unix:/path", a path, or "tcp:host:port".
func ParseAddress(address string) (Client, error) {
	network, rest, found := strings.Cut(address, ":")
	switch {
	case strings.HasPrefix(address, "/"):
		return Client{Network: "unix", Address: address}, nil
	case found && network == "unix" && rest != "":
		return Client{Network: network, Address: rest}, nil
	case found && network == "tcp":
		if _, _, err := net.SplitHostPort(rest); err == nil {
			return Client{Network: network, Address: rest}, nil
		}
	}
	return Client{}, fmt.Errorf("clamd address %q is neither unix:/path nor tcp:host:port", address)
}

// Version asks for the program's version and, when it has a dated signature set,
// that set's version and date.
func (c Client) Version(ctx context.Context) (Version, error) {
	reply, err := c.command(ctx, "zVERSION\x00", nil)
	if err != nil {
		return Version{}, err
	}
	return parseVersion(reply)
}

// Ping tells whether clamd is ready to scan.
func (c Client) Ping(ctx context.Context) error {
	reply, err := c.command(ctx, "zPING\x00", nil)
	if err == nil && reply != "PONG" {
		err = fmt.Errorf("clamd answered %q to PING", reply)
	}
	return err
}

// Scan gives size bytes of content to clamd: over a unix socket as a descriptor,
// which spares the copy, over TCP as a stream.
func (c Client) Scan(ctx context.Context, content *os.File, size int64) (Result, error) {
	send := func(conn net.Conn) error { return stream(conn, io.NewSectionReader(content, 0, size)) }
	command := "zINSTREAM\x00"
	if c.Network == "unix" {
		command = "zFILDES\x00"
		send = func(conn net.Conn) error { return passDescriptor(conn.(*net.UnixConn), content) }
	}
	reply, err := c.command(ctx, command, send)
	if err != nil {
		return Result{}, err
	}
	return parseResult(reply)
}

func (c Client) command(ctx context.Context, command string, send func(net.Conn) error) (string, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, c.Network, c.Address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()

	_, sendErr := io.WriteString(conn, command)
	if sendErr == nil && send != nil {
		sendErr = send(conn)
	}
	// A clamd that refuses a stream answers and closes while we still send.
	reply, err := readReply(conn)
	if reply != "" {
		return reply, nil
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return "", fmt.Errorf("%w: %w", ErrClosed, errors.Join(sendErr, err))
}

// stream sends chunks, each with its length in 4 bytes big-endian; length 0 ends.
func stream(conn net.Conn, content io.Reader) error {
	chunk := make([]byte, 4+chunkBytes)
	for {
		size, err := io.ReadFull(content, chunk[4:])
		if size > 0 {
			binary.BigEndian.PutUint32(chunk, uint32(size))
			if _, err := conn.Write(chunk[:4+size]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			_, err = conn.Write([]byte{0, 0, 0, 0})
			return err
		}
		if err != nil {
			return err
		}
	}
}

func passDescriptor(conn *net.UnixConn, content *os.File) error {
	raw, err := content.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	err = raw.Control(func(fd uintptr) {
		_, _, sent = conn.WriteMsgUnix([]byte{0}, unix.UnixRights(int(fd)), nil)
	})
	return errors.Join(err, sent)
}

// readReply reads up to the zero byte that ends a reply to a z command.
func readReply(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxReplyBytes))
	reply, _, complete := bytes.Cut(data, []byte{0})
	if !complete {
		return "", errors.Join(errors.New("reply is cut off"), err)
	}
	return string(reply), nil
}

package queue

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"golang.org/x/sys/unix"
)

const startTimeout = 30 * time.Second

// embedded is a NATS server inside this process that listens on no socket.
type embedded struct {
	server *server.Server
	lock   *os.File
}

// startEmbedded opens the files below dir. The server does not guard them against a
// second process, so a lock file does.
func startEmbedded(dir string, log *slog.Logger) (*embedded, error) {
	if dir == "" {
		return nil, errors.New("directory is empty")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is in use by another process: %w", dir, err), lock.Close())
	}
	srv, err := server.NewServer(&server.Options{
		ServerName: "virusmap-queue",
		DontListen: true,
		JetStream:  true,
		StoreDir:   dir,
		SyncAlways: true,
		NoSigs:     true,
		MaxPayload: MaxMessageBytes + 64<<10, // headers
	})
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	logger := &serverLog{log: log}
	srv.SetLogger(logger, false, false)
	e := &embedded{server: srv, lock: lock}
	srv.Start()
	if fatal := logger.fatal.Load(); fatal != nil {
		e.stop()
		return nil, errors.New(*fatal)
	}
	if !srv.ReadyForConnections(startTimeout) {
		e.stop()
		return nil, fmt.Errorf("embedded server not ready after %s", startTimeout)
	}
	return e, nil
}

func (e *embedded) stop() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
	e.lock.Close() // also unlocks; nothing is written to it
}

// serverLog hands the server's messages to slog and keeps the one for which a server of
// its own process would have exited.
type serverLog struct {
	log   *slog.Logger
	fatal atomic.Pointer[string]
}

func (l *serverLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *serverLog) Warnf(format string, v ...any)   { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l *serverLog) Errorf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l *serverLog) Debugf(string, ...any)           {}
func (l *serverLog) Tracef(string, ...any)           {}

func (l *serverLog) Fatalf(format string, v ...any) {
	message := fmt.Sprintf(format, v...)
	l.fatal.Store(&message)
	l.log.Error(message)
}

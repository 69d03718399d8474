// Package postgres runs a throw-away PostgreSQL server for the tests of a package, with
// the programs that Debian's postgresql package brings. It listens on a Unix socket only.
package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// startTimeout is how long the server may take to answer.
const startTimeout = 60 * time.Second

// superuser owns the cluster; nobody else can reach its socket.
const superuser = "postgres"

// cluster is one server with its folder.
type cluster struct {
	dir    string
	run    *syscall.SysProcAttr // as whom
	server *exec.Cmd
	output bytes.Buffer
}

var (
	shared  cluster
	start   sync.Once
	failed  error
	schemas atomic.Int64
)

// Main runs the tests of a package and stops the server after them, if any test asked for
// it. It is called by TestMain: os.Exit(postgres.Main(m.Run)).
func Main(run func() int) int {
	defer shared.stop()
	return run()
}

// URL of a database with an empty schema of its own. The first call starts the server.
// The test fails when PostgreSQL is not installed.
func URL(t testing.TB) string {
	t.Helper()
	start.Do(func() { failed = shared.start() })
	if failed != nil {
		t.Fatalf("PostgreSQL: %v", failed)
	}
	schema := fmt.Sprintf("test_%d", schemas.Add(1))
	if out, err := shared.command("psql", "-h", shared.dir, "-U", superuser, "-qXc", "CREATE SCHEMA "+schema).CombinedOutput(); err != nil {
		t.Fatalf("PostgreSQL: create schema: %v: %s", err, out)
	}
	query := url.Values{"host": {shared.dir}, "user": {superuser}, "search_path": {schema}}
	return (&url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: query.Encode()}).String()
}

func (c *cluster) start() (err error) {
	if _, err := program("initdb"); err != nil {
		return err
	}
	if c.run, err = unprivileged(); err != nil {
		return err
	}
	if c.dir, err = os.MkdirTemp("", "postgres"); err != nil {
		return err
	}
	if c.run.Credential != nil {
		if err := os.Chown(c.dir, int(c.run.Credential.Uid), int(c.run.Credential.Gid)); err != nil {
			return err
		}
	}
	data := filepath.Join(c.dir, "data")
	if out, err := c.command("initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C",
		"--username="+superuser, "-D", data).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	// What a test writes need not survive the machine.
	c.server = c.command("postgres", "-D", data, "-k", c.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "full_page_writes=off", "-c", "max_connections=200")
	c.server.Stdout, c.server.Stderr = &c.output, &c.output
	if err := c.server.Start(); err != nil {
		return err
	}
	return c.await()
}

func (c *cluster) await() error {
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if c.command("pg_isready", "-q", "-h", c.dir).Run() == nil {
			return nil
		}
	}
	return fmt.Errorf("the server does not answer after %s", startTimeout)
}

func (c *cluster) stop() {
	if c.server != nil && c.server.Process != nil {
		_ = c.server.Process.Signal(syscall.SIGQUIT) // at once; nothing has to be kept
		_ = c.server.Wait()
	}
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	path, err := program(name)
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.SysProcAttr = c.dir, c.run
	if err != nil {
		cmd.Err = err
	}
	return cmd
}

// program finds one of PostgreSQL's programs, which Debian keeps out of the path.
func program(name string) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) > 0 {
		return found[len(found)-1], nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w; install it with: make setup", err)
	}
	return path, nil
}

// unprivileged tells as whom to run the server, which refuses to run as root. It ends with
// the tests, however those end.
func unprivileged() (*syscall.SysProcAttr, error) {
	run := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return run, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(account.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		run.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return run, nil
	}
	return nil, errors.New("there is no user postgres or nobody to run the server as")
}

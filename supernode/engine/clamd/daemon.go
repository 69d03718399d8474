package clamd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// DaemonConfig of a clamd of one's own.
type DaemonConfig struct {
	// Program is clamd's path; empty means /usr/sbin/clamd.
	Program string
	// Official is a folder kept by freshclam, used in place when it holds the sets.
	Official string
	// Signatures is the folder copied and used when Official does not.
	Signatures string
	// MaxFileBytes is the largest content that is looked at.
	MaxFileBytes int64
	// ScanTimeout after which clamd itself gives up on a content.
	ScanTimeout time.Duration
}

const (
	// daemonID is the user and group of the daemon when it is started as root.
	daemonID = 65534
	// loadTimeout bounds the start; the official sets take about half a minute.
	loadTimeout = 3 * time.Minute
	minBackoff  = 100 * time.Millisecond
	maxBackoff  = 10 * time.Second
	// minMemoryBytes is the size of /dev/shm below which unpacked files go elsewhere.
	minMemoryBytes = 1 << 30
)

// Daemon keeps one clamd running until Close: without network, not as root, with
// its temporary files in memory where the machine allows it.
type Daemon struct {
	// Client of this daemon.
	Client Client
	// Database is the folder in use.
	Database string
	// Official is true when it holds the official sets.
	Official bool

	config DaemonConfig
	folder string
	lock   *os.File // held as long as the folder is in use
	cancel context.CancelFunc
	ended  chan struct{}

	mu   sync.Mutex
	last string // the last words of the last daemon
}

// Start runs clamd and waits until it is ready to scan.
func Start(ctx context.Context, config DaemonConfig) (*Daemon, error) {
	if config.Program == "" {
		config.Program = "/usr/sbin/clamd"
	}
	var err error
	if config.Program, err = exec.LookPath(config.Program); err != nil {
		return nil, fmt.Errorf("clamd is not installed (Debian: apt-get install clamav-daemon): %w", err)
	}
	parent := cmp.Or(memoryFolder(), os.TempDir())
	removeLeftovers(parent)
	folder, err := os.MkdirTemp(parent, folderPrefix)
	if err != nil {
		return nil, err
	}
	lock, err := own(folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	running, cancel := context.WithCancel(context.Background())
	d := &Daemon{
		Client: Client{Network: "unix", Address: filepath.Join(folder, "clamd.sock")},
		config: config, folder: folder, lock: lock, cancel: cancel, ended: make(chan struct{}),
	}
	if err := d.prepare(); err != nil {
		cancel()
		return nil, errors.Join(err, os.RemoveAll(folder), lock.Close())
	}
	go d.keepRunning(running)
	if err := d.wait(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close ends the daemon and removes everything it left.
func (d *Daemon) Close() error {
	d.cancel()
	<-d.ended
	return errors.Join(os.RemoveAll(d.folder), d.lock.Close())
}

// memoryFolder keeps unpacked samples off the disk where it can.
func memoryFolder() string {
	var stat unix.Statfs_t
	const folder = "/dev/shm"
	if err := unix.Statfs(folder, &stat); err != nil || stat.Type != unix.TMPFS_MAGIC {
		return ""
	}
	// The daemon's program is put there too, so it must be possible to run it.
	if stat.Flags&unix.ST_NOEXEC != 0 || stat.Blocks*uint64(stat.Bsize) < minMemoryBytes || unix.Access(folder, unix.W_OK) != nil {
		return ""
	}
	return folder
}

// prepare writes configuration and database and gives the folder to the daemon's user.
func (d *Daemon) prepare() error {
	d.Database, d.Official = d.config.Official, HasOfficial(d.config.Official)
	if !d.Official {
		d.Database = filepath.Join(d.folder, "database")
		if err := os.Mkdir(d.Database, 0o755); err != nil {
			return err
		}
		if err := copyDatabase(d.config.Signatures, d.Database); err != nil {
			return err
		}
	}
	if err := os.Mkdir(d.temporary(), 0o700); err != nil {
		return err
	}
	if err := d.takeProgram(); err != nil {
		return err
	}
	if err := os.WriteFile(d.configPath(), []byte(d.configuration()), 0o644); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return nil
	}
	return errors.Join(os.Chown(d.folder, daemonID, daemonID), os.Chown(d.temporary(), daemonID, daemonID))
}

// takeProgram copies the program into the daemon's folder. Debian confines the one at
// its usual path, by AppArmor, to the folders of the system service; this one has
// other folders, and its own isolation.
func (d *Daemon) takeProgram() error {
	if err := copyFile(d.config.Program, d.program()); err != nil {
		return err
	}
	return os.Chmod(d.program(), 0o755)
}

func (d *Daemon) program() string    { return filepath.Join(d.folder, "clamd") }
func (d *Daemon) temporary() string  { return filepath.Join(d.folder, "tmp") }
func (d *Daemon) configPath() string { return filepath.Join(d.folder, "clamd.conf") }

// configuration is clamd.conf(5). Encrypted archives are no finding, and limits
// are reported so that a bomb is not called clean.
func (d *Daemon) configuration() string {
	lines := []string{
		"Foreground yes",
		"LocalSocket " + d.Client.Address,
		"LocalSocketMode 600",
		"FixStaleSocket yes",
		"DatabaseDirectory " + d.Database,
		"TemporaryDirectory " + d.temporary(),
		"OfficialDatabaseOnly no",
		"ConcurrentDatabaseReload no",
		"SelfCheck 600",
		"ExitOnOOM yes",
		fmt.Sprintf("MaxThreads %d", max(2, runtime.NumCPU())),
		fmt.Sprintf("MaxFileSize %d", d.config.MaxFileBytes),
		fmt.Sprintf("StreamMaxLength %d", d.config.MaxFileBytes),
		fmt.Sprintf("MaxScanSize %d", 4*d.config.MaxFileBytes),
		fmt.Sprintf("MaxScanTime %d", d.config.ScanTimeout.Milliseconds()),
		"AlertExceedsMax yes",
		"AlertEncrypted no",
		"HeuristicScanPrecedence no",
	}
	return strings.Join(lines, "\n") + "\n"
}

// wait returns when the daemon answers, or with the reason why it does not.
func (d *Daemon) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	for {
		if d.Client.Ping(ctx) == nil {
			return nil
		}
		if words := d.lastWords(); words != "" {
			return fmt.Errorf("clamd does not start: %s", words)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("clamd is not ready after %s: %w", loadTimeout, context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// keepRunning starts the daemon again whenever it ends. It owns its thread,
// because the kernel ends the daemon with the thread that started it.
func (d *Daemon) keepRunning(ctx context.Context) {
	defer close(d.ended)
	runtime.LockOSThread()
	backoff := minBackoff
	for ctx.Err() == nil {
		started := time.Now()
		words := d.run(ctx)
		d.mu.Lock()
		d.last = words
		d.mu.Unlock()
		if time.Since(started) > time.Minute {
			backoff = minBackoff
		}
		select {
		case <-ctx.Done():
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

func (d *Daemon) lastWords() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}

// run is one life of the daemon; it returns what ended it.
func (d *Daemon) run(ctx context.Context) string {
	// What a killed daemon had unpacked must not stay.
	if err := emptyFolder(d.temporary()); err != nil {
		return err.Error()
	}
	words, err := d.execute(ctx, true)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSPC) {
		words, err = d.execute(ctx, false)
	}
	return fmt.Sprintf("%s: %v", strings.TrimSpace(words), err)
}

func (d *Daemon) execute(ctx context.Context, isolate bool) (string, error) {
	output := &lastBytes{}
	command := exec.CommandContext(ctx, d.program(), "--config-file="+d.configPath())
	command.Stdout, command.Stderr = output, output
	command.Dir = "/"
	command.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"}
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.WaitDelay = time.Second
	uid, gid := os.Geteuid(), os.Getegid()
	if uid == 0 {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: daemonID, Gid: daemonID}
	}
	if isolate {
		command.SysProcAttr.Cloneflags = unix.CLONE_NEWNET
		if uid != 0 {
			command.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
			command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
			command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
		}
	}
	err := command.Run()
	return output.String(), err
}

func emptyFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(folder, entry.Name())))
	}
	return err
}

// lastBytes keeps the end of a log.
type lastBytes struct{ text []byte }

func (l *lastBytes) Write(p []byte) (int, error) {
	l.text = append(l.text, p...)
	l.text = l.text[max(0, len(l.text)-1024):]
	return len(p), nil
}

func (l *lastBytes) String() string { return string(l.text) }

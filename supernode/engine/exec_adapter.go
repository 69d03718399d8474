package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/signatures"
	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// ExecOptions of an engine of kind "exec": any command that reads a sample from
// stdin (or /proc/self/fd/3) and prints one JSON object, at most 16 KB:
//
//	{"category": "malicious", "confidence": 15, "label": "Name", "detail": "why"}
//
// category is one of harmless, undetected, suspicious, malicious,
// type-unsupported, timeout, failure; confidence is 0..15; label and detail may
// be absent. Any other output, or an exit code other than 0, is a failure.
//
// The command runs without network, cannot write files, and reads only system
// folders, its own folder, Signatures and Read.
type ExecOptions struct {
	// Command and its arguments; a relative command is looked up in PATH.
	Command []string `mapstructure:"command"`
	// Version to report, 1..64 bytes.
	Version string `mapstructure:"version"`
	// Method to report; empty means "command".
	Method string `mapstructure:"method"`
	// Note to report.
	Note string `mapstructure:"note"`
	// Signatures are the files and folders whose digest is the signature digest.
	Signatures []string `mapstructure:"signatures"`
	// Read are more files and folders that the command needs.
	Read []string `mapstructure:"read"`
}

// systemPaths is what programs need to start at all.
var systemPaths = []string{
	"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/opt", "/nix/store", "/gnu/store",
	"/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl/openssl.cnf", "/etc/localtime", "/etc/magic",
	"/dev/zero", "/dev/urandom", "/proc",
}

type execAdapter struct {
	options ExecOptions
	pool    *worker.Pool
	digest  signatures.Digester
}

func openExec(ctx context.Context, config EngineConfig, pools *pools) (adapter, error) {
	var options ExecOptions
	if err := config.decode(&options); err != nil {
		return nil, err
	}
	if len(options.Command) == 0 {
		return nil, errors.New("options: command is missing")
	}
	if options.Version == "" {
		return nil, errors.New("options: version is missing")
	}
	path, err := exec.LookPath(options.Command[0])
	if err != nil {
		return nil, fmt.Errorf("options: command: %w", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("options: command: %w", err)
	}
	options.Command = append([]string{path}, options.Command[1:]...)
	if options.Method == "" {
		options.Method = "command"
	}
	pool, err := pools.commands(slices.Concat(systemPaths, []string{filepath.Dir(path)}, options.Signatures, options.Read))
	if err != nil {
		return nil, err
	}
	adapter := &execAdapter{options: options, pool: pool}
	if _, err := adapter.info(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return adapter, nil
}

func (a *execAdapter) info(context.Context) (Info, error) {
	info := Info{Version: a.options.Version, Method: a.options.Method, Note: a.options.Note}
	if len(a.options.Signatures) == 0 {
		return info, nil
	}
	set, err := a.digest.Of(a.options.Signatures)
	if err != nil {
		return Info{}, err
	}
	info.SignatureDigest, info.SignatureTime = set.Digest[:sha256.Size], set.Time
	return info, nil
}

func (a *execAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	var result worker.CommandResult
	err := a.pool.Do(ctx, worker.Call{
		Op: "command", Args: worker.CommandArgs{Argv: a.options.Command}, Content: content.File, Timeout: timeout,
	}, &result)
	if err != nil {
		return Verdict{}, err
	}
	return decodeAnswer(result.Output)
}

func (a *execAdapter) close() error { return a.pool.Close() }

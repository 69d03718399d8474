package command

import (
	"bufio"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
	"github.com/virusmap/virusmap/supernode/chain/light"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	// exitAltered is the exit code of feed when a package is not what the chain recorded.
	exitAltered = 4

	minuteFormat = "200601021504"
	// maxPackageBytes bounds what a package may unpack to.
	maxPackageBytes = 16 << 30
	// feedWait is how long to wait for a package when the gateway does not say.
	feedWait    = 20 * time.Second
	maxFeedWait = time.Minute
)

// checkedPackage is what came of checking a package, one line of the output.
type checkedPackage struct {
	Kind   string `json:"kind"`
	Minute string `json:"minute"`
	Path   string `json:"path,omitempty"`
	// Count and Root are what the chain recorded; 0 and "" when it has no record.
	Count uint64 `json:"count"`
	Root  string `json:"root"`
	OK    bool   `json:"ok"`
	light.FeedResult
}

func (t *tool) feedCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "feed",
		Short: "Download the packages of a feed and check them against the chain",
		Long: `feed works with the packages of what was judged, minute by minute. The chain records of
each how many entries it has and the Merkle root over them, so that nobody can leave out a
line, add one, or change what it says was judged. What single engines said in a line is not
part of that record: a line is a report, which 'virusmap verify' checks.

The record is asked from the RPC servers of trust.json. The exit code is 4 when a package
is not what the chain recorded.`,
	}
	command.AddCommand(t.feedGetCommand(), t.feedVerifyCommand())
	return command
}

func (t *tool) feedGetCommand() *cobra.Command {
	var follow bool
	var dir string
	command := &cobra.Command{
		Use:   "get KIND YYYYMMDDhhmm",
		Short: "Download the package of a minute in UTC and check it",
		Long: `get downloads the package of a minute of a feed (files, urls or intel), unpacks it to
KIND-YYYYMMDDhhmm.jsonl in --dir, and compares it with the chain's record. One that is not
what the chain recorded is kept with .altered at its name.

With --follow it goes on with the next minutes, waits for those that are not there yet, and
passes over those that are in --dir already.`,
		Example: `  virusmap feed get files 202603011000
  virusmap feed get files 202603011000 --follow --dir feed`,
		Args: cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, arguments []string) error {
			minute, err := parseMinute(arguments[0], arguments[1])
			if err != nil {
				return err
			}
			download, err := t.newDownload(arguments[0], dir)
			if err != nil {
				return err
			}
			if follow {
				return download.follow(command.Context(), minute)
			}
			return download.get(command.Context(), minute)
		},
	}
	command.Flags().BoolVar(&follow, "follow", false, "go on with the next minutes until interrupted")
	command.Flags().StringVar(&dir, "dir", ".", "directory for the packages")
	return command
}

func (t *tool) feedVerifyCommand() *cobra.Command {
	var kind, minute string
	command := &cobra.Command{
		Use:     "verify FILE",
		Short:   "Check a downloaded package against the chain",
		Long:    "verify compares a package, as it was downloaded (bzip2) or unpacked, with the chain's record of that minute.",
		Example: "  virusmap feed verify files-202603011000.jsonl --kind files --minute 202603011000",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			at, err := parseMinute(kind, minute)
			if err != nil {
				return err
			}
			config, err := t.trust()
			if err != nil {
				return err
			}
			file, _, err := openRegular(arguments[0])
			if err != nil {
				return err
			}
			defer file.Close()
			checker := packageChecker{t, config, kind}
			checked, err := checker.check(command.Context(), unpacked(file), at)
			if err != nil {
				return err
			}
			checked.Path = arguments[0]
			return t.showPackage(checked)
		},
	}
	command.Flags().StringVar(&kind, "kind", "", "feed: files, urls or intel")
	command.Flags().StringVar(&minute, "minute", "", "minute in UTC, YYYYMMDDhhmm")
	for _, name := range []string{"kind", "minute"} {
		_ = command.MarkFlagRequired(name) // it exists
	}
	return command
}

func parseMinute(kind, minute string) (time.Time, error) {
	if err := markettypes.ValidateFeed(kind); err != nil {
		return time.Time{}, usageError{err}
	}
	at, err := time.Parse(minuteFormat, minute)
	if err != nil || at.Format(minuteFormat) != minute {
		return time.Time{}, usagef("%.32q is not a minute in UTC like %s", minute, minuteFormat)
	}
	return at, nil
}

// unpacked reads a package that may still be compressed.
func unpacked(file io.Reader) io.Reader {
	buffered := bufio.NewReader(file)
	if magic, err := buffered.Peek(3); err == nil && string(magic) == "BZh" {
		return bzip2.NewReader(buffered)
	}
	return buffered
}

// download gets packages of one feed into a directory.
type download struct {
	packageChecker
	client *api.Client
	dir    string
}

func (t *tool) newDownload(kind, dir string) (*download, error) {
	config, err := t.trust()
	if err != nil {
		return nil, err
	}
	client, err := t.client()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return &download{packageChecker{t, config, kind}, client, dir}, nil
}

func (d *download) path(minute time.Time) string {
	return filepath.Join(d.dir, d.kind+"-"+minute.Format(minuteFormat)+".jsonl")
}

// follow gets one minute after the other until ctx ends or something is wrong.
func (d *download) follow(ctx context.Context, minute time.Time) error {
	for {
		_, err := os.Stat(d.path(minute))
		if errors.Is(err, fs.ErrNotExist) {
			err = d.get(ctx, minute)
		}
		switch {
		case err == nil || errors.Is(err, errNoPackage):
			minute = minute.Add(time.Minute)
		case !api.IsNotAvailableYet(err):
			return err
		default:
			wait := feedWait
			var answer *api.Error
			if errors.As(err, &answer) && answer.RetryAfter > 0 {
				wait = min(answer.RetryAfter, maxFeedWait)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait):
			}
		}
	}
}

// get downloads and checks one minute. A gateway that says there is no package is believed
// only if the chain has none.
func (d *download) get(ctx context.Context, minute time.Time) error {
	body, err := d.client.Feed(ctx, d.kind, minute.Format(minuteFormat))
	if api.IsNotFound(err) {
		checked, err := d.check(ctx, nil, minute)
		if err != nil {
			return err
		}
		return d.showPackage(checked)
	}
	if err != nil {
		return err
	}
	defer body.Close()
	return d.keep(ctx, body, minute)
}

// keep unpacks a package into its file once it was checked.
func (d *download) keep(ctx context.Context, body io.Reader, minute time.Time) error {
	file, err := os.CreateTemp(d.dir, ".feed-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // renamed when all went well
	defer file.Close()
	size, err := io.Copy(file, io.LimitReader(bzip2.NewReader(body), maxPackageBytes+1))
	switch {
	case err != nil:
		return fmt.Errorf("package of %s: %w", minute.Format(minuteFormat), err)
	case size > maxPackageBytes:
		return fmt.Errorf("package of %s is larger than %d bytes", minute.Format(minuteFormat), int64(maxPackageBytes))
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	checked, err := d.check(ctx, file, minute)
	if err != nil {
		return err
	}
	checked.Path = d.path(minute)
	if !checked.OK {
		checked.Path += ".altered"
	}
	if err := errors.Join(file.Chmod(0o644), file.Sync(), os.Rename(file.Name(), checked.Path)); err != nil {
		return err
	}
	return d.showPackage(checked)
}

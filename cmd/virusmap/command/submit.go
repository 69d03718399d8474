package command

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
	"github.com/virusmap/virusmap/x/samples/client/claims"
)

const (
	maxJobs = 64
	// waitingJobs is the default with --wait: a file that waits for its round counts as a
	// job too, and needs next to nothing meanwhile.
	waitingJobs = 16
)

// outcomeInvalid means that what somebody submitted under this hash was something else.
const outcomeInvalid = "invalid"

// submission is how one file went, one line of the output.
type submission struct {
	Path   string `json:"path"` // or the URL as it was given
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size"`
	// Status is submitted, known, skipped or failed.
	Status   string `json:"status"`
	Analysis string `json:"analysis_id,omitempty"`
	// Outcome and Seconds from the upload to the outcome are there with --wait.
	Outcome string  `json:"outcome,omitempty"`
	Found   string  `json:"detections,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Error   string  `json:"error,omitempty"`
	isURL   bool
}

type submitter struct {
	*tool
	client      *api.Client
	contributor string
	claims      claims.File // no claims: the gateway makes them
	wait        bool
	again       bool
	patience    time.Duration
	channel     string
	receipts    *receiptFile // nil when they are not saved
	progress    *progress
}

func (t *tool) submitCommand() *cobra.Command {
	s := &submitter{tool: t}
	var recursive bool
	var claimed, receipts string
	jobs := min(4, max(2, runtime.NumCPU()))
	command := &cobra.Command{
		Use:   "submit FILE|DIR|URL...",
		Short: "Submit files and URLs, skipping those that are known already",
		Long: `submit sends files and URLs to be scanned. What the host knows already is not sent.
A URL is what has "://" in it; hxxp:// and [.] are read as http:// and a dot.
Inside directories symbolic links, pipes, sockets and devices are skipped.

The contributor is credited with what nobody brought before. Gateways claim a file for
it before anybody can see the submission. Who does not trust the gateway claims with
'vmtd tx samples claim', waits for a block, and hands the salts over with --claims.

For each file the gateway signs a receipt, which is checked. With --receipt they are saved, one
a line, and 'virusmap receipt verify' tells later whether the gateway kept its promise.
Whoever submits what nobody waits for, such as a folder that is watched, says --channel feed.

Submitted files are kept encrypted, but every supernode that scans them can read them:
do not submit what is confidential.`,
		Example: `  virusmap submit invoice.pdf.exe
  virusmap submit --recursive --wait quarantine/
  virusmap submit --wait hxxp://login.bank.example[.]test/
  virusmap submit --recursive --again honeypot/
  virusmap submit --contributor vmt1... --output json sample.bin
  virusmap submit --receipt receipts.ndjson --channel feed --recursive incoming/
  virusmap submit --claims virusmap-claims-20300101-120000.json sample.bin`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := s.readClaims(claimed); err != nil {
				return err
			}
			if err := s.openReceipts(receipts); err != nil {
				return err
			}
			if s.wait && !command.Flags().Changed("jobs") {
				jobs = waitingJobs
			}
			return errors.Join(s.run(command.Context(), arguments, recursive, jobs), s.receipts.close())
		},
	}
	flags := command.Flags()
	flags.BoolVarP(&recursive, "recursive", "r", false, "submit the files in directories and below")
	flags.String(keyContributor, "", "account that is credited with the files (vmt1...)")
	flags.StringVar(&claimed, "claims", "", "file with the salts of 'vmtd tx samples claim'; its contributor is credited")
	flags.StringVar(&receipts, "receipt", "", "file to which the signed receipts are added")
	flags.StringVar(&s.channel, "channel", "", "way the files came in: extension, api or feed, which goes last (default api)")
	flags.BoolVar(&s.again, "again", false, "send known files too: the chain counts who else has met a sample")
	flags.BoolVarP(&s.wait, "wait", "w", false, "wait for the outcomes and tell how long they took")
	flags.DurationVar(&s.patience, "wait-timeout", 10*time.Minute, "how long to wait for one file")
	flags.IntVarP(&jobs, "jobs", "j", jobs, fmt.Sprintf("files at one time, 1..%d; %d with --wait", maxJobs, waitingJobs))
	return command
}

func (s *submitter) run(ctx context.Context, arguments []string, recursive bool, jobs int) (err error) {
	if jobs < 1 || jobs > maxJobs {
		return usagef("--jobs is %d, want 1..%d", jobs, maxJobs)
	}
	if s.client, err = s.tool.client(); err != nil {
		return err
	}
	files, err := find(ctx, arguments, recursive)
	if err != nil {
		return err
	}
	s.progress = newProgress(s.screen, files)
	defer s.progress.finish()

	work := make(chan found)
	var workers sync.WaitGroup
	var failed sync.Once
	for range jobs {
		workers.Go(func() {
			for file := range work {
				result := s.submit(ctx, file)
				if putErr := s.put(result); putErr != nil || result.Status == "failed" {
					failed.Do(func() { err = exit(exitFailed) })
				}
			}
		})
	}
	for _, file := range files {
		if ctx.Err() != nil {
			break
		}
		work <- file
	}
	close(work)
	workers.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.wait && s.contributor != "" && !s.settings.json() {
		fmt.Fprintf(s.screen.out, "What it earns: virusmap rewards %s\n", s.contributor)
	}
	return err
}

// readClaims says who is credited: the contributor of the claims, if there are any.
func (s *submitter) readClaims(path string) (err error) {
	s.contributor = s.settings.Contributor
	if path == "" {
		return nil
	}
	if s.claims, err = claims.Read(path); err != nil {
		return fmt.Errorf("claims: %w", err)
	}
	if s.settings.sources[keyContributor] == "--"+keyContributor && s.contributor != s.claims.Contributor {
		return usagef("--contributor is %s, but the claims are of %s", s.contributor, s.claims.Contributor)
	}
	s.contributor = s.claims.Contributor
	return checkAddress("contributor of the claims", s.contributor)
}

// salt opens the claim of a file, "" when the gateway is to claim.
func (s *submitter) salt(sha256 string) (string, error) {
	if len(s.claims.Claims) == 0 {
		return "", nil
	}
	var hash claims.Hex
	if err := hash.UnmarshalText([]byte(sha256)); err != nil {
		return "", err
	}
	salt, claimed := s.claims.Salt(hash)
	if !claimed {
		return "", errors.New("the file has no claim in --claims; claim it first, or submit it without")
	}
	return hex.EncodeToString(salt[:]), nil
}

func (s *submitter) put(result submission) error {
	s.progress.done(result)
	status := result.Status
	switch {
	case result.Error != "":
		status += ": " + result.Error
	case result.Outcome != "":
		status += fmt.Sprintf(", %s (%s)", result.Outcome, result.Found)
		if result.Seconds > 0 {
			status += fmt.Sprintf(" after %.1f s", result.Seconds)
		}
	}
	line := printable(result.Path)
	if result.SHA256 != "" {
		line += "  " + result.SHA256
	}
	return s.screen.put(result, line+"  "+s.screen.paint(verdictColour(result.Outcome), printable(status)))
}

// submit never fails as a whole: what went wrong stands in the result.
func (s *submitter) submit(ctx context.Context, file found) submission {
	result := submission{Path: file.path, Size: file.size}
	switch {
	case file.skip != "":
		result.Status, result.Error = "skipped", file.skip
		return result
	case file.err != nil:
	case file.url != "":
		file.err = s.sendURL(ctx, &result, file.url)
	default:
		file.err = s.send(ctx, &result)
	}
	if file.err != nil {
		result.Status, result.Error = "failed", file.err.Error()
	}
	return result
}

func (s *submitter) send(ctx context.Context, result *submission) error {
	hash, size, err := hashFile(ctx, result.Path)
	if err != nil {
		return err
	}
	result.SHA256, result.Size = hash, size
	if size == 0 {
		return fmt.Errorf("the file is empty")
	}
	salt, err := s.salt(hash)
	if err != nil {
		return err
	}
	started := time.Now()
	switch file, err := s.client.File(ctx, hash); {
	// A known file that is claimed is sent all the same: the claim may be older.
	case err == nil && salt == "" && !s.again && file.Attributes.VirusMap.Outcome != outcomeInvalid:
		result.Status = "known"
	case err != nil && !api.IsNotFound(err):
		return err
	default:
		if err := s.upload(ctx, result, salt); err != nil {
			return err
		}
		result.Status = "submitted"
	}
	return s.finish(ctx, result, started)
}

// finish waits for the outcome when it is to be waited for.
func (s *submitter) finish(ctx context.Context, result *submission, started time.Time) error {
	if !s.wait {
		return nil
	}
	outcome, err := s.await(ctx, result)
	if err != nil {
		return err
	}
	result.Outcome, result.Found = outcome.outcome, outcome.detections
	if result.Status == "submitted" {
		result.Seconds = time.Since(started).Seconds()
	}
	return nil
}

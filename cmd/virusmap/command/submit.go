package command

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/codec/address"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
)

const maxJobs = 64

// outcomeInvalid means that what somebody submitted under this hash was something else.
const outcomeInvalid = "invalid"

// submission is how one file went, one line of the output.
type submission struct {
	Path   string `json:"path"`
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
}

type submitter struct {
	*tool
	client      *api.Client
	contributor string
	wait        bool
	patience    time.Duration
	progress    *progress
}

func (t *tool) submitCommand() *cobra.Command {
	s := &submitter{tool: t}
	var recursive bool
	jobs := min(4, max(2, runtime.NumCPU()))
	command := &cobra.Command{
		Use:   "submit FILE|DIR...",
		Short: "Submit files, skipping those that are known already",
		Long: `submit sends files to be scanned. A file that the host knows already is not sent.
Inside directories symbolic links, pipes, sockets and devices are skipped.

Submitted files are kept encrypted, but every supernode that scans them can read them:
do not submit what is confidential.`,
		Example: `  virusmap submit invoice.pdf.exe
  virusmap submit --recursive --wait quarantine/
  virusmap submit --contributor vmt1... --output json sample.bin`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return s.run(command.Context(), arguments, recursive, jobs)
		},
	}
	flags := command.Flags()
	flags.BoolVarP(&recursive, "recursive", "r", false, "submit the files in directories and below")
	flags.StringVar(&s.contributor, "contributor", "", "account that is credited with the files (vmt1...)")
	flags.BoolVarP(&s.wait, "wait", "w", false, "wait for the outcomes and tell how long they took")
	flags.DurationVar(&s.patience, "wait-timeout", 10*time.Minute, "how long to wait for one file")
	flags.IntVarP(&jobs, "jobs", "j", jobs, fmt.Sprintf("files at one time, 1..%d", maxJobs))
	return command
}

func (s *submitter) run(ctx context.Context, arguments []string, recursive bool, jobs int) (err error) {
	if jobs < 1 || jobs > maxJobs {
		return usagef("--jobs is %d, want 1..%d", jobs, maxJobs)
	}
	if s.contributor != "" {
		if _, err := address.NewBech32Codec("vmt").StringToBytes(s.contributor); err != nil {
			return usagef("--contributor %.100q is not an account address (vmt1...): %s", s.contributor, err)
		}
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
	return err
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
	case file.err == nil:
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
	started := time.Now()
	switch file, err := s.client.File(ctx, hash); {
	case err == nil && file.Attributes.VirusMap.Outcome != outcomeInvalid:
		result.Status = "known"
	case err != nil && !api.IsNotFound(err):
		return err
	default:
		if err := s.upload(ctx, result); err != nil {
			return err
		}
		result.Status = "submitted"
	}
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

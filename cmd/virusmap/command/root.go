// Package command is the virusmap command-line tool.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
)

// Exit codes, also told in the help.
const (
	exitOK     = 0
	exitFailed = 1 // something could not be done
	exitUsage  = 2 // the command was not understood
	exitFalse  = 3 // verify: a claim does not hold
	exitWrong  = 4 // buy: a delivered key was wrong, and the price was refunded
)

const help = `virusmap submits files to VirusMap, shows what its engines said, checks
that against the chain without trusting the server, tells what you earned, and buys
samples and plans.

Settings are taken from flags, then from VIRUSMAP_HOST, VIRUSMAP_API_KEY and so on for
each setting that 'virusmap config' shows, then from config.toml in --home.

Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 a claim of verify does not hold,
4 a key that was bought is wrong, and its price was refunded.`

// tool is what the commands share.
type tool struct {
	settings settings
	stdin    io.Reader
	screen   *screen
	// started is false as long as only the command line was read.
	started bool
}

// exit ends a command with a code of its own; what went wrong was told before.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError is a wrong command line that only the command itself can see.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs the tool and returns its exit code.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := &tool{stdin: stdin}
	root := &cobra.Command{
		Use:           "virusmap",
		Short:         "Submit files to VirusMap, read reports and verify them",
		Long:          help,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(command *cobra.Command, _ []string) error {
			t.started = true
			if err := t.settings.load(command.Flags()); err != nil {
				return err
			}
			t.screen = newScreen(stdout, stderr, t.settings.json())
			return nil
		},
	}
	declareFlags(root.PersistentFlags())
	root.AddCommand(t.submitCommand(), t.reportCommand(), t.watchCommand(), t.verifyCommand(),
		t.bountiesCommand(), t.rewardsCommand(), t.explainCommand(), t.configCommand())
	root.AddCommand(t.buyCommand(), t.downloadCommand(), t.disputeCommand(), t.ordersCommand(), t.invoiceCommand(),
		t.pricesCommand(), t.planCommand())
	root.AddCommand(t.feedCommand(), t.receiptCommand())
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(ctx)
	var code exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case !t.started, errors.As(err, new(usageError)):
		fmt.Fprintf(stderr, "virusmap: %s\nSee '%s --help'.\n", printable(err.Error()), command.CommandPath())
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "virusmap: interrupted")
	default:
		fmt.Fprintf(stderr, "virusmap: %s\n%s", printable(err.Error()), t.advise(err))
	}
	return exitFailed
}

func (t *tool) client() (*api.Client, error) {
	client, err := api.New(t.settings.Host, t.settings.APIKey)
	if err != nil {
		return nil, usageError{err}
	}
	return client, nil
}

// advise says what to do about an error, as a line of its own.
func (t *tool) advise(err error) string {
	var answer *api.Error
	var network net.Error
	switch {
	case errors.As(err, &answer):
	case errors.As(err, &network):
		return "Is " + printable(t.settings.Host) + " the right host, and is it running? Set it with --host or 'virusmap config set host ADDRESS'.\n"
	default:
		return ""
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		return "Set your key with --api-key, VIRUSMAP_API_KEY or 'virusmap config set api-key KEY'.\n"
	case http.StatusTooManyRequests:
		return "Wait, or use a key with a larger quota.\n"
	default:
		return ""
	}
}

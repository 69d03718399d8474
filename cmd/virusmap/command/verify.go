package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/supernode/chain/light"
)

func (t *tool) verifyCommand() *cobra.Command {
	var isSample bool
	maxAge := light.DefaultMaxAge
	command := &cobra.Command{
		Use:   "verify HASH|FILE|URL|REPORT.json",
		Short: "Check a report against the chain, without trusting the host",
		Long: `verify checks a report against the chain: headers with a light client from a block
you trust, records with Merkle proofs, and every engine's answer against what was
attested. It asks the RPC servers of trust.json and believes none of them.

A report comes from the host (by SHA-256, local file or URL), from a saved REPORT.json, or
from stdin with "-". Each claim is printed with what exactly was proved; the exit code
is 3 when a claim does not hold, and 1 when it could not be checked.

trust.json: {"chain_id": "…", "rpc": ["http://…"], "height": 1, "hash": "hex of that
block's header", "period_seconds": 1209600}. Get height and hash from a source you trust.`,
		Example: `  virusmap verify invoice.pdf.exe
  virusmap report --output json invoice.pdf.exe > report.json && virusmap verify report.json
  virusmap verify --trust ./trust.json 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			config, err := t.trust()
			if err != nil {
				return err
			}
			config.Home, config.MaxAge = t.settings.Home, maxAge
			return t.verify(command.Context(), config, arguments[0], isSample)
		},
	}
	command.Flags().BoolVar(&isSample, "sample", false, "the argument is a sample, even if it ends in .json")
	command.Flags().DurationVar(&maxAge, "max-age", maxAge, "how old the newest block may be")
	return command
}

// trust reads which block to trust and which RPC servers to ask.
func (t *tool) trust() (light.Config, error) {
	config, err := light.ReadTrustFile(t.settings.Trust)
	if errors.Is(err, os.ErrNotExist) {
		return config, fmt.Errorf("no trust settings: %s does not exist; write it (see 'virusmap verify --help') or name another with --trust", t.settings.Trust)
	}
	return config, err
}

func (t *tool) verify(ctx context.Context, config light.Config, argument string, isSample bool) error {
	verifier, err := light.New(config)
	if err != nil {
		return err
	}
	defer verifier.Close()
	document, subject, err := t.document(ctx, argument, isSample)
	if err != nil {
		return err
	}
	result := light.Result{SHA256: subject}
	report, err := light.ParseReport(document)
	if err == nil {
		result, err = verifier.Verify(ctx, report)
		if err != nil {
			return err
		}
	} else {
		result.Claims = []light.Claim{{Name: "report", Detail: err.Error()}}
	}
	if subject != "" && report.SHA256 != "" {
		result.Claims = append([]light.Claim{{
			Name: "subject", OK: report.SHA256 == subject, Detail: fmt.Sprintf("asked about %s, the report is about %s", subject, report.SHA256),
		}}, result.Claims...)
	}
	if err := t.screen.put(result, t.claimsText(result)); err != nil {
		return err
	}
	if !result.OK() {
		return exit(exitFalse)
	}
	return nil
}

// document returns a report and the hash that it has to be about, "" when it was
// given as a report.
func (t *tool) document(ctx context.Context, argument string, isSample bool) (document []byte, subject string, err error) {
	switch {
	case argument == "-":
		document, err = readReport(t.stdin)
		return document, "", err
	case !isSample && !isURL(argument) && !hashPattern.MatchString(argument) && strings.HasSuffix(strings.ToLower(argument), ".json"):
		file, _, err := openRegular(argument)
		if err != nil {
			return nil, "", err
		}
		defer file.Close()
		document, err = readReport(file)
		return document, "", err
	}
	if hashPattern.MatchString(argument) && len(argument) != 64 {
		return nil, "", usagef("verify needs the SHA-256 or the file itself: the chain does not know MD5 and SHA-1")
	}
	client, err := t.client()
	if err != nil {
		return nil, "", err
	}
	file, subject, err := t.reportOf(ctx, client, argument)
	return file.Raw, subject, err
}

func readReport(from io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(from, light.MaxReportBytes+1))
}

func (t *tool) claimsText(result light.Result) string {
	rows := make([][]string, len(result.Claims))
	for i, claim := range result.Claims {
		mark := "FAILED"
		if claim.OK {
			mark = "proved"
		}
		rows[i] = []string{mark, claim.Name, claim.Detail}
	}
	text := t.screen.table(rows, func(row int) *color.Color {
		if result.Claims[row].OK {
			return color.New(color.FgGreen)
		}
		return color.New(color.FgRed)
	})
	if !result.OK() {
		return text + "\n\nThe report does NOT agree with what could be proved."
	}
	text += "\n\nEvery claim holds. Not proved:"
	for _, gap := range result.Unproved {
		text += "\n  - " + gap
	}
	return text
}

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/bounty/client/cli"
	"github.com/virusmap/virusmap/x/bounty/types"
)

const hash = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"

// message is what a command line would sign.
func message(t *testing.T, args ...string) (*types.MsgPostBounty, error) {
	t.Helper()
	command, _, err := cli.NewTxCommand().Find([]string{"post-bounty"})
	require.NoError(t, err)
	var msg *types.MsgPostBounty
	command.RunE = func(cmd *cobra.Command, args []string) (err error) {
		msg, err = cli.PostBountyMsg(cmd, args)
		return err
	}
	root := command.Root()
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetArgs(append([]string{"post-bounty"}, args...))
	err = root.Execute()
	return msg, err
}

func TestPostBountyMessage(t *testing.T) {
	rule := filepath.Join(t.TempDir(), "rule.yar")
	require.NoError(t, os.WriteFile(rule, []byte("rule a {\r\n\tcondition: true\r\n}\r\n"), 0o600))
	for name, test := range map[string]struct {
		args []string
		want types.MsgPostBounty
	}{
		"sample": {
			[]string{"sample", strings.ToUpper(hash), "10uvmt", "--duration", "720h"},
			types.MsgPostBounty{Kind: types.BOUNTY_KIND_SAMPLE, Target: hash, DurationSeconds: 720 * 60 * 60},
		},
		"family": {
			[]string{"family", "Emotet", "10uvmt", "--stage", "1", "--duration", "90s"},
			types.MsgPostBounty{Kind: types.BOUNTY_KIND_FAMILY, Target: "emotet", DurationSeconds: 90, Stage: 1},
		},
		"rule": {
			[]string{"yara", "rule a { condition: true }", "10uvmt"},
			types.MsgPostBounty{Kind: types.BOUNTY_KIND_YARA, Target: "rule a { condition: true }", DurationSeconds: 30 * 24 * 60 * 60},
		},
		"rule from a file": {
			[]string{"yara", "10uvmt", "--target-file", rule},
			types.MsgPostBounty{Kind: types.BOUNTY_KIND_YARA, Target: "rule a {\n\tcondition: true\n}\n", DurationSeconds: 30 * 24 * 60 * 60},
		},
	} {
		t.Run(name, func(t *testing.T) {
			msg, err := message(t, test.args...)
			require.NoError(t, err)
			require.Equal(t, "10uvmt", msg.Amount.String())
			msg.Amount = test.want.Amount
			require.Equal(t, test.want, *msg)
		})
	}
}

func TestPostBountyRefusals(t *testing.T) {
	for says, args := range map[string][]string{
		"none of sample":    {"unspecified", hash, "10uvmt"},
		"kind \"ransom\"":   {"ransom", hash, "10uvmt"},
		"amount":            {"sample", hash, "much"},
		"--duration -1h0m0": {"sample", hash, "10uvmt", "--duration=-1h"},
		"accepts 3 arg":     {"sample", hash},
		"accepts 2 arg":     {"yara", "rule", "10uvmt", "--target-file", "rule.yar"},
		"no such file":      {"yara", "10uvmt", "--target-file", "none.yar"},
		"hex digits":        {"hash", "abcd", "10uvmt"},
	} {
		_, err := message(t, args...)
		require.ErrorContains(t, err, says)
	}
}

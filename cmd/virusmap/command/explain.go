package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/codec"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

func (t *tool) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain FILE|SHA256",
		Short: "Explain what a sample earned, term by term",
		Long: `explain prints every term of a sample's score and what each judgement paid for it, as
the chain computes it. It asks the RPC servers of trust.json; what they say is not
proved, but every term can be recomputed from it.`,
		Example: `  virusmap explain invoice.pdf.exe
  virusmap explain 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			hash, err := resolve(command.Context(), arguments[0])
			if err != nil {
				return err
			}
			if len(hash) != 64 {
				return usagef("explain needs the SHA-256 or the file itself: the chain does not know MD5 and SHA-1")
			}
			config, err := t.trust()
			if err != nil {
				return err
			}
			var answer bountytypes.QueryExplainResponse
			err = t.ask(command.Context(), config, bountyQuery+"Explain", &bountytypes.QueryExplainRequest{Sha256: hash}, &answer)
			if errors.Is(err, sdkerrors.ErrKeyNotFound) {
				return fmt.Errorf("%s has no score: it was not found malicious, or not yet; see 'virusmap report %s'", hash, hash)
			}
			if err != nil {
				return err
			}
			encoded, err := codec.ProtoMarshalJSON(&answer, nil)
			if err != nil {
				return err
			}
			return t.screen.put(json.RawMessage(encoded), printableLines(answer.Text))
		},
	}
}

// printableLines is printable for a text of several lines.
func printableLines(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

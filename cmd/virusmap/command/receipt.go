package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/receipt"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const samplesQuery = "/virusmap.samples.v1.Query/"

// receiptFile takes the receipts of many files at one time.
type receiptFile struct {
	mu   sync.Mutex
	file *os.File
}

// openReceipts opens the file before anything is sent.
func (s *submitter) openReceipts(path string) error {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	s.receipts = &receiptFile{file: file}
	return nil
}

func (f *receiptFile) close() error {
	if f == nil {
		return nil
	}
	return errors.Join(f.file.Sync(), f.file.Close())
}

// keepReceipt requires that a receipt promises what was sent, and saves it. Hosts of other
// software sign none, which matters only to who wants to save them.
func (s *submitter) keepReceipt(result *submission, signed *receipt.Receipt) error {
	if signed == nil {
		if s.receipts != nil {
			return errors.New("submitted, but the host signs no receipts")
		}
		return nil
	}
	if err := signed.Verify(); err != nil {
		return fmt.Errorf("submitted, but the receipt is not worth anything: %w", err)
	}
	switch {
	case signed.SHA256 != result.SHA256 || signed.Size != result.Size:
		return fmt.Errorf("submitted, but the receipt is for %s of %d bytes", signed.SHA256, signed.Size)
	case s.contributor != "" && signed.Contributor != s.contributor:
		return fmt.Errorf("submitted, but the receipt credits %s", signed.Contributor)
	case s.receipts == nil:
		return nil
	}
	s.receipts.mu.Lock()
	defer s.receipts.mu.Unlock()
	return signed.Write(s.receipts.file)
}

// kept is what became of a promise, one line of the output.
type kept struct {
	SHA256  string `json:"sha256"`
	Gateway string `json:"gateway"`
	Time    string `json:"time"`
	Valid   bool   `json:"valid"`
	// OnChain is there when the chain could be asked.
	OnChain *bool  `json:"on_chain,omitempty"`
	Said    string `json:"said_by,omitempty"` // chain or host
	// Contributor is whom the chain credits.
	Contributor string `json:"contributor,omitempty"`
	Error       string `json:"error,omitempty"`
}

func (t *tool) receiptCommand() *cobra.Command {
	group := &cobra.Command{Use: "receipt", Short: "Check what gateways promised"}
	group.AddCommand(&cobra.Command{
		Use:   "verify FILE",
		Short: "Tell whether receipts are genuine and kept",
		Long: `verify checks the signature of each receipt in FILE, which 'virusmap submit --receipt' wrote,
and asks whether its file is on chain by now: the RPC servers of trust.json where there is
one, else the host. It ends with 1 when one is not genuine or not on chain.`,
		Example: `  virusmap receipt verify receipts.ndjson
  virusmap receipt verify --output json receipts.ndjson | jq 'select(.on_chain|not)'`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return t.verifyReceipts(command.Context(), arguments[0])
		},
	})
	return group
}

func (t *tool) verifyReceipts(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	asker, err := t.asker()
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, receipt.MaxBytes), receipt.MaxBytes)
	count, failed := 0, false
	for ; lines.Scan(); count++ {
		result := asker.check(ctx, lines.Bytes())
		if err := ctx.Err(); err != nil {
			return err
		}
		failed = failed || result.Error != "" || result.OnChain == nil || !*result.OnChain
		if err := t.screen.put(result, t.keptText(result)); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case err != nil:
		return fmt.Errorf("%s: line %d: %w", path, count+1, err)
	case count == 0:
		return fmt.Errorf("%s has no receipts", path)
	case failed:
		return exit(exitFailed)
	}
	return nil
}

// asker asks the chain, or the host where no servers of the chain are known.
type asker struct {
	*tool
	trust *light.Config
	host  *api.Client
}

func (t *tool) asker() (asker, error) {
	a := asker{tool: t}
	if _, err := os.Stat(t.settings.Trust); err == nil {
		config, err := t.trust()
		a.trust = &config
		return a, err
	}
	var err error
	a.host, err = t.client()
	return a, err
}

func (a asker) check(ctx context.Context, line []byte) kept {
	r, err := receipt.Decode(line)
	if err == nil {
		err = r.Verify()
	}
	if err != nil {
		return kept{SHA256: r.SHA256, Gateway: r.Gateway, Error: err.Error()}
	}
	result := kept{SHA256: r.SHA256, Gateway: r.Gateway, Time: time.Unix(r.Time, 0).UTC().Format(time.RFC3339), Valid: true}
	on := false
	if a.trust != nil {
		result.Said = "chain"
		on, result.Contributor, err = a.askChain(ctx, r)
	} else {
		result.Said = "host"
		on, err = a.askHost(ctx, r)
	}
	if err != nil {
		result.Error = err.Error()
		return result
	}
	result.OnChain = &on
	return result
}

func (a asker) askChain(ctx context.Context, r receipt.Receipt) (on bool, contributor string, err error) {
	if r.ChainID != a.trust.ChainID {
		return false, "", fmt.Errorf("the receipt is for chain %s, trust.json for %s", r.ChainID, a.trust.ChainID)
	}
	var answer samplestypes.QuerySampleResponse
	err = a.ask(ctx, *a.trust, samplesQuery+"Sample", &samplestypes.QuerySampleRequest{Sha256: r.SHA256}, &answer)
	if errors.Is(err, sdkerrors.ErrKeyNotFound) {
		return false, "", nil
	}
	return err == nil, answer.Entry.Sample.Contributor, err
}

// askHost believes the host that it has asked the chain.
func (a asker) askHost(ctx context.Context, r receipt.Receipt) (bool, error) {
	file, err := a.host.File(ctx, r.SHA256)
	if api.IsNotFound(err) {
		return false, nil
	}
	return err == nil && file.Attributes.VirusMap.Round > 0, err
}

func (t *tool) keptText(result kept) string {
	state := "on chain"
	switch {
	case result.Error != "":
		state = "failed: " + result.Error
	case !*result.OnChain && result.Said == "host":
		state = "promised; the host knows of no round that had it"
	case !*result.OnChain:
		state = "promised, not on chain"
	case result.Said == "host":
		state = "on chain, as the host says"
	}
	return printable(fmt.Sprintf("%s  %s  %s", result.SHA256, result.Gateway, state))
}

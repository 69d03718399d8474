package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
)

// maxHashesBytes bounds the hashes that are read from stdin.
const maxHashesBytes = 1 << 20

// buying is what the commands share that fetch and open samples.
type buying struct {
	*tool
	from, peers []string
	swarmKey    string
	out         string
	raw         bool
	yes         bool
}

func (b *buying) declare(flags *pflag.FlagSet) {
	declareSigning(flags)
	flags.StringSliceVar(&b.from, "from", nil, "gateways to fetch the ciphertexts from, one after the other (default --host)")
	flags.StringVar(&b.swarmKey, "swarm-key", "", "file with the key of the private swarm, to fetch from --peer")
	flags.StringSliceVar(&b.peers, "peer", nil, "peers of the swarm as multiaddrs that end in /p2p/ID")
	flags.StringVarP(&b.out, "out", "o", ".", "directory for the samples")
	flags.BoolVar(&b.raw, "raw", false, "write the bare file instead of a ZIP with the password infected")
}

func (t *tool) buyCommand() *cobra.Command {
	b := &buying{tool: t}
	var maxPrice, bundle string
	var accept, resume bool
	command := &cobra.Command{
		Use:   "buy HASH...",
		Short: "Buy samples",
		Long: `buy pays for samples, named by SHA-256, and writes each as <sha256>.zip, encrypted with the
password "infected". "-" reads hashes from stdin.

The ciphertext is fetched first and held against the chain's record, so that nothing is
paid for what cannot be had. Then the price goes into escrow, a supernode delivers the file
key sealed to a key made for this one order, and the sample is opened. A wrong key is
disputed at once by itself: the price comes back and the exit code is 4.

Everything needed is in orders/ in --home before anything is paid. A purchase that was
interrupted, however that was, is continued by the same command or by --resume, and
nothing is paid for twice. Keep that directory: it opens what you bought, now and later.`,
		Example: `  virusmap buy --key analyst 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f
  virusmap buy --max-price 2 --out samples --yes - < hashes.txt
  virusmap buy --bundle ID
  virusmap buy --resume`,
		RunE: func(command *cobra.Command, arguments []string) error {
			hashes, err := b.hashes(arguments)
			if err != nil {
				return err
			}
			if given := len(hashes) > 0 || bundle != ""; given == resume {
				return usagef("name samples or a bundle to buy, or --resume what was begun")
			}
			if bundle != "" && !isSHA256(bundle) {
				return usagef("--bundle %.100q is not the id of a bundle in hex", bundle)
			}
			return b.run(command.Context(), func(ctx context.Context, buyer *purchase.Buyer) error {
				buyer.Accept, buyer.Confirm = accept, func(offer purchase.Offer) error { return b.confirm(ctx, offer) }
				if maxPrice != "" {
					if buyer.MaxPrice, err = parseVMT("--max-price", maxPrice); err != nil {
						return err
					}
				}
				switch {
				case resume:
					return buyer.Resume(ctx)
				case bundle != "":
					return buyer.BuyBundle(ctx, strings.ToLower(bundle), hashes)
				default:
					return buyer.Buy(ctx, hashes)
				}
			})
		},
	}
	flags := command.Flags()
	b.declare(flags)
	flags.StringVar(&maxPrice, "max-price", "", "most that one sample may cost, in VMT (default what it is quoted at)")
	flags.StringVar(&bundle, "bundle", "", "buy all samples of a bundle, at its discount")
	flags.BoolVar(&accept, "accept", false, "settle at once what opened well, instead of at the end of the dispute window")
	flags.BoolVar(&resume, "resume", false, "continue all purchases that were interrupted")
	flags.BoolVarP(&b.yes, "yes", "y", false, "do not ask before paying")
	return command
}

// hashes reads the arguments, drops duplicates, and reads stdin for "-".
func (b *buying) hashes(arguments []string) ([]string, error) {
	var hashes []string
	add := func(words []string) error {
		for _, word := range words {
			if !isSHA256(word) {
				return usagef("%.100q is not a SHA-256 in hex", word)
			}
			if hash := strings.ToLower(word); !slices.Contains(hashes, hash) {
				hashes = append(hashes, hash)
			}
		}
		return nil
	}
	for _, argument := range arguments {
		words := []string{argument}
		if argument == "-" {
			text, err := io.ReadAll(io.LimitReader(b.stdin, maxHashesBytes+1))
			if err != nil {
				return nil, err
			}
			if len(text) > maxHashesBytes {
				return nil, usagef("more than %d bytes of hashes", maxHashesBytes)
			}
			if !b.yes {
				return nil, usagef("hashes from stdin need --yes: there is nobody to ask")
			}
			words = strings.Fields(string(text))
		}
		if err := add(words); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

func isSHA256(text string) bool { return len(text) == 64 && hashPattern.MatchString(text) }

func (b *buying) confirm(ctx context.Context, offer purchase.Offer) error {
	samples := "1 sample"
	if offer.Samples > 1 {
		samples = fmt.Sprintf("%d samples", offer.Samples)
	}
	return b.agree(ctx, b.yes, "Buy %s for %s, plus the fee of the transaction?", samples, purchase.VMT(offer.Total))
}

// run opens the journal and the sources, and tells the results.
func (b *buying) run(ctx context.Context, do func(context.Context, *purchase.Buyer) error) (err error) {
	node, err := b.node(ctx)
	if err != nil {
		return err
	}
	defer node.Client.Close()
	notices := b.notices()
	defer notices.end()
	journal, err := purchase.OpenJournal(ctx, filepath.Join(b.settings.Home, "orders"), func() {
		notices.tell("waiting for another virusmap that is buying")
	})
	if err != nil {
		return err
	}
	defer journal.Close()
	sources, leave, err := b.sources(ctx, journal)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave()) }()
	if b.raw {
		notices.tell("--raw writes malware as it is: keep it from being opened by accident")
	}
	results := &tally{tool: b.tool}
	buyer := &purchase.Buyer{
		Chain: node, Journal: journal, Sources: sources, Output: purchase.Output{Dir: b.out, Raw: b.raw},
		Tell: notices.tell, Wait: notices.wait, Result: results.put,
	}
	if err := do(ctx, buyer); err != nil {
		return err
	}
	return results.exit()
}

// sources are the gateways, and before them the swarm when it is named. The API key is for
// the host of the settings alone.
func (b *buying) sources(ctx context.Context, journal *purchase.Journal) (sources []purchase.Source, leave func() error, err error) {
	hosts, key := b.from, ""
	if len(hosts) == 0 && b.swarmKey == "" {
		hosts, key = strings.Split(b.settings.Host, ","), b.settings.APIKey
	}
	for _, host := range hosts {
		base, err := api.ParseHost(strings.TrimSpace(host))
		if err != nil {
			return nil, nil, usageError{err}
		}
		sources = append(sources, purchase.NewGateway(base, key))
	}
	if (b.swarmKey == "") != (len(b.peers) == 0) {
		return nil, nil, usagef("--swarm-key and --peer belong together")
	}
	if b.swarmKey == "" {
		return sources, func() error { return nil }, nil
	}
	swarmKey, err := os.ReadFile(b.swarmKey)
	if err != nil {
		return nil, nil, err
	}
	swarm, err := purchase.OpenSwarm(ctx, journal, swarmKey, b.peers)
	if err != nil {
		return nil, nil, err
	}
	return append([]purchase.Source{swarm}, sources...), swarm.Close, nil
}

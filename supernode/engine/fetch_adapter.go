package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/fetch"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// FetchOptions of an engine of kind "fetch", which retrieves what a URL leads to. No engine
// does so unless it is configured.
type FetchOptions struct {
	// Brands is the file of brands, as for the kind "lookalike".
	Brands string `mapstructure:"brands"`
	// Allow are addresses, 127.0.0.1:8080, that are fetched from although they are not
	// public, for tests and for own networks.
	Allow []string `mapstructure:"allow"`
	// Deny are networks, 192.0.2.0/24, that are not fetched from although they are public,
	// such as the operator's own.
	Deny []string `mapstructure:"deny"`
	// Ports that are fetched from; empty means 80 and 443.
	Ports []uint16 `mapstructure:"ports"`
	// Nameserver, address:port, to ask instead of the system's.
	Nameserver string `mapstructure:"nameserver"`
	// MaxRedirects of any kind; 0 means 5.
	MaxRedirects int `mapstructure:"max_redirects"`
	// MaxBytes of a page; 0 means 8 MiB.
	MaxBytes int64 `mapstructure:"max_bytes"`
}

const (
	defaultRedirects  = 5
	mostRedirects     = 20
	defaultFetchBytes = 8 << 20
	mostFetchBytes    = 64 << 20
	// fetchTime is what one URL with all redirects may take when the engine's timeout is
	// not shorter.
	fetchTime = 10 * time.Second
)

// fetchAdapter fetches with workers of its own, as servers may keep them waiting.
type fetchAdapter struct {
	fetcher fetch.Fetcher
	brands  *brandList
	pool    *worker.Pool
	fetched func(sample [32]byte, facts fetch.Facts)
}

func openFetch(ctx context.Context, config EngineConfig, shared *pools) (adapter, error) {
	var options FetchOptions
	if err := config.decode(&options); err != nil {
		return nil, err
	}
	a := &fetchAdapter{fetched: shared.config.Fetched}
	if err := a.configure(options); err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	var err error
	if a.pool, err = NewPool(shared.config); err != nil {
		return nil, err
	}
	own := &pools{config: Config{Pool: a.pool}}
	if a.brands, err = openBrands(ctx, config.Name, options.Brands, own); err != nil {
		return nil, errors.Join(fmt.Errorf("options: %w", err), a.pool.Close())
	}
	a.fetcher.Exchange = a.exchange
	return a, nil
}

func (a *fetchAdapter) configure(options FetchOptions) error {
	a.fetcher = fetch.Fetcher{MaxRedirects: options.MaxRedirects, MaxBytes: options.MaxBytes}
	if a.fetcher.MaxRedirects == 0 {
		a.fetcher.MaxRedirects = defaultRedirects
	}
	if a.fetcher.MaxBytes == 0 {
		a.fetcher.MaxBytes = defaultFetchBytes
	}
	if a.fetcher.MaxRedirects < 0 || a.fetcher.MaxRedirects > mostRedirects {
		return fmt.Errorf("max_redirects: %d is not in 0..%d", options.MaxRedirects, mostRedirects)
	}
	if a.fetcher.MaxBytes < 0 || a.fetcher.MaxBytes > mostFetchBytes {
		return fmt.Errorf("max_bytes: %d is not in 0..%d", options.MaxBytes, mostFetchBytes)
	}
	guard := &a.fetcher.Guard
	if guard.Ports = options.Ports; len(guard.Ports) == 0 {
		guard.Ports = []uint16{80, 443}
	}
	for _, text := range options.Allow {
		address, err := netip.ParseAddrPort(text)
		if err != nil {
			return fmt.Errorf("allow: %w", err)
		}
		guard.Allow = append(guard.Allow, address)
	}
	for _, text := range options.Deny {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("deny: %w", err)
		}
		guard.Deny = append(guard.Deny, network)
	}
	if options.Nameserver == "" {
		return nil
	}
	var err error
	if guard.Nameserver, err = netip.ParseAddrPort(options.Nameserver); err != nil {
		return fmt.Errorf("nameserver: %w", err)
	}
	return nil
}

// exchange hands a connected socket to a worker.
func (a *fetchAdapter) exchange(ctx context.Context, socket *os.File, args fetch.Args) (hop fetch.Hop, err error) {
	args.Set = a.brands.set
	deadline, _ := ctx.Deadline()
	err = a.pool.Do(ctx, worker.Call{Op: opFetch, Args: args, Socket: socket, Timeout: time.Until(deadline)}, &hop)
	return hop, err
}

func (a *fetchAdapter) info(ctx context.Context) (Info, error) {
	_, set, err := a.brands.update(ctx)
	if err != nil {
		return Info{}, err
	}
	return Info{
		Version: fetch.Version, Method: "page rules", Note: "documented rules over the page that the URL led to",
		SignatureDigest: bytes.Clone(set.Digest[:]), SignatureTime: set.Time,
	}, nil
}

// scan judges what the URL leads to now. A page that cannot be fetched is nothing to judge:
// that is no failure of the engine.
func (a *fetchAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	u, err := readURL(content)
	if err != nil {
		return notAURL(err), nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(timeout, fetchTime))
	defer cancel()
	said, facts, err := a.fetcher.Fetch(ctx, u)
	if a.fetched != nil && facts.FinalURL != "" && err == nil {
		a.fetched(content.SHA256, facts)
	}
	var crash *worker.CrashError
	switch {
	case said.Category == "malicious" || said.Category == "suspicious": // whatever came after
	case errors.As(err, &crash) || isTimeout(err):
		return Verdict{}, err
	case err != nil:
		return Verdict{Category: verdictstypes.CATEGORY_TYPE_UNSUPPORTED, Detail: "not fetched: " + err.Error()}, nil
	}
	return answer{Category: said.Category, Confidence: uint8(said.Confidence), Label: said.Label, Detail: said.Detail}.verdict()
}

func (a *fetchAdapter) close() error { return a.pool.Close() }

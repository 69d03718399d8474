package light

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	cometlight "github.com/cometbft/cometbft/light"
	"github.com/cometbft/cometbft/light/provider"
	httpprovider "github.com/cometbft/cometbft/light/provider/http"
	lightdb "github.com/cometbft/cometbft/light/store/db"
	"github.com/cometbft/cometbft/types"
)

const (
	// A witness that is behind is waited for once, 2 * drift + lag.
	maxClockDrift = 3 * time.Second
	maxBlockLag   = 3 * time.Second

	// A report can be read from a block whose successor is still to come.
	maxBlocksAhead = 10
	maxWait        = 30 * time.Second
	pollInterval   = 200 * time.Millisecond
)

var errNoServer = errors.New("no RPC server answers")

// Verifier checks reports against one chain. It is safe for concurrent use.
type Verifier struct {
	config  Config
	servers []*server
	headers dbm.DB

	mu        sync.Mutex
	client    *cometlight.Client
	witnesses int // of client, besides its primary
}

// New opens the header store and asks no server yet.
func New(config Config) (*Verifier, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	if config.MaxAge == 0 {
		config.MaxAge = DefaultMaxAge
	}
	verifier := &Verifier{config: config}
	for _, address := range config.RPC {
		server, err := dial(address)
		if err != nil {
			return nil, err
		}
		verifier.servers = append(verifier.servers, server)
	}
	var err error
	verifier.headers, err = openHeaders(config)
	return verifier, err
}

// Close releases the header store.
func (v *Verifier) Close() error { return v.headers.Close() }

// openHeaders keeps headers apart by trusted block: who sets another one starts anew.
func openHeaders(config Config) (dbm.DB, error) {
	if config.Home == "" {
		return dbm.NewMemDB(), nil
	}
	name := fmt.Sprintf("%s-%d-%x", config.ChainID, config.Trust.Height, config.Trust.Hash[:8])
	dir := filepath.Join(config.Home, "light")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("header store: %w", err)
	}
	db, err := dbm.NewGoLevelDB(name, dir)
	if errors.Is(err, syscall.EAGAIN) {
		// Another process holds it: the store only saves work, so do without.
		return dbm.NewMemDB(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("header store %s: %w; it may be removed, headers are then fetched again", filepath.Join(dir, name+".db"), err)
	}
	return db, nil
}

// connect starts the light client at the trusted block or at the newest stored one.
func (v *Verifier) connect(ctx context.Context) (client *cometlight.Client, witnesses int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client != nil {
		return v.client, v.witnesses, nil
	}
	// The light client does not survive a dead primary with a single witness.
	var providers []provider.Provider
	for _, server := range v.servers {
		if _, err := server.tip(ctx); err == nil {
			providers = append(providers, httpprovider.NewWithClient(v.config.ChainID, server.HTTP))
		}
	}
	if len(providers) == 0 {
		return nil, 0, errNoServer
	}
	others := providers[1:]
	v.witnesses = len(others)
	if len(others) == 0 {
		// The light client insists on a witness; Proof.Witnesses tells that there is none.
		others = providers
	}
	store := lightdb.New(v.headers, v.config.ChainID)
	options := []cometlight.Option{cometlight.MaxClockDrift(maxClockDrift), cometlight.MaxBlockLag(maxBlockLag)}
	last, err := store.LastLightBlockHeight()
	if err != nil {
		return nil, 0, fmt.Errorf("header store: %w", err)
	}
	if last > 0 {
		// NewClient would roll the store back to the trusted block.
		v.client, err = cometlight.NewClientFromTrustedStore(
			v.config.ChainID, v.config.Trust.Period, providers[0], others, store, options...)
	} else {
		v.client, err = cometlight.NewClient(ctx, v.config.ChainID, v.trustOptions(),
			providers[0], others, store, options...)
	}
	return v.client, v.witnesses, err
}

func (v *Verifier) trustOptions() cometlight.TrustOptions {
	trust := v.config.Trust
	return cometlight.TrustOptions{Period: trust.Period, Height: trust.Height, Hash: trust.Hash}
}

// reconnect forgets a client whose providers were used up.
func (v *Verifier) reconnect() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.client = nil
}

// header returns the verified header under which the state at atLeast, or a newer
// one, is proved.
func (v *Verifier) header(ctx context.Context, atLeast int64) (block *types.LightBlock, witnesses int, err error) {
	tip, err := v.tip(ctx)
	if err != nil {
		return nil, 0, err
	}
	// One block below the tip, so that witnesses have it as well; nothing follows from a
	// trusted block but what comes after it.
	deadline := time.Now().Add(maxWait)
	for wanted := max(atLeast+2, v.config.Trust.Height+1); tip < wanted; {
		if wanted > tip+maxBlocksAhead || time.Now().After(deadline) {
			return nil, 0, refute("block %d is needed for what is to be proved, the chain is at %d", wanted, tip)
		}
		select {
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		case <-time.After(pollInterval):
		}
		if tip, err = v.tip(ctx); err != nil {
			return nil, 0, err
		}
	}
	client, witnesses, err := v.connect(ctx)
	if err != nil {
		return nil, 0, headerError(err)
	}
	// The light client would go backwards to it without a look at what it then returns.
	if first, err := client.FirstTrustedHeight(); err != nil || tip-1 < first {
		return nil, 0, refute("the servers are at block %d, behind the first one that was verified, %d", tip, first)
	}
	if block, err = client.VerifyLightBlockAtHeight(ctx, tip-1, time.Now()); err != nil {
		v.reconnect()
		return nil, 0, headerError(err)
	}
	return block, witnesses, nil
}

// headerError tells settings that are too old from headers that are false.
func headerError(err error) error {
	var expired cometlight.ErrOldHeaderExpired
	switch {
	case errors.Is(err, errNoServer), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &expired):
		return fmt.Errorf("the trusted block expired at %s: get the height and hash of a newer one from a source you trust", expired.At.Format(time.RFC3339))
	default:
		return refuted{fmt.Errorf("no server shows a header that follows from the trusted block: %w", err)}
	}
}

// tip is the newest height that the first reachable server knows.
func (v *Verifier) tip(ctx context.Context) (int64, error) {
	failures := []error{errNoServer}
	for _, server := range v.servers {
		height, err := server.tip(ctx)
		if err == nil {
			return height, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", server.address, err))
	}
	return 0, errors.Join(failures...)
}

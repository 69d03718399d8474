// Package gateway is the public HTTP side of a supernode. It speaks VirusTotal's API
// v3, so that clients written for VirusTotal work after changing one host name:
// uploads are encrypted into the vault and promised to the chain, and reports are what the
// chain says: they are read from the index while it is up to date, and else from the chain.
package gateway

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
	"google.golang.org/grpc"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/feeds"
	"github.com/virusmap/virusmap/supernode/gateway/chainproxy"
	"github.com/virusmap/virusmap/supernode/gateway/openapi"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/private"
	"github.com/virusmap/virusmap/supernode/queue"
	"github.com/virusmap/virusmap/supernode/scanner"
	"github.com/virusmap/virusmap/supernode/vault"
	"github.com/virusmap/virusmap/supernode/zipbundle"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Chain is what the gateway needs of chain.Client. Its account pays the deposits.
type Chain interface {
	Address() sdk.AccAddress
	// Sign signs a document that is not a transaction with the key of that account.
	Sign(document []byte) (signature, pubKey []byte, err error)
	// HasClaim tells whether a claim is on chain and can be opened.
	HasClaim(ctx context.Context, hash []byte) (bool, error)
	Broadcast(ctx context.Context, tx chain.Tx) (*sdk.TxResponse, error)
	// TrustRoot is a recent block, for light clients.
	TrustRoot(ctx context.Context) (chain.Trust, error)
}

// Samples is what the gateway asks of x/samples.
type Samples interface {
	Params(ctx context.Context, in *samplestypes.QueryParamsRequest, opts ...grpc.CallOption) (*samplestypes.QueryParamsResponse, error)
	Sample(ctx context.Context, in *samplestypes.QuerySampleRequest, opts ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error)
	SampleByCID(ctx context.Context, in *samplestypes.QuerySampleByCIDRequest, opts ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error)
}

// Verdicts is what the gateway asks of x/verdicts.
type Verdicts interface {
	Report(ctx context.Context, in *verdictstypes.QueryReportRequest, opts ...grpc.CallOption) (*verdictstypes.QueryReportResponse, error)
	History(ctx context.Context, in *verdictstypes.QueryHistoryRequest, opts ...grpc.CallOption) (*verdictstypes.QueryHistoryResponse, error)
	Engines(ctx context.Context, in *verdictstypes.QueryEnginesRequest, opts ...grpc.CallOption) (*verdictstypes.QueryEnginesResponse, error)
}

// Supernodes is what the gateway asks of x/supernode.
type Supernodes interface {
	Epoch(ctx context.Context, in *supernodetypes.QueryEpochRequest, opts ...grpc.CallOption) (*supernodetypes.QueryEpochResponse, error)
	Supernode(ctx context.Context, in *supernodetypes.QuerySupernodeRequest, opts ...grpc.CallOption) (*supernodetypes.QuerySupernodeResponse, error)
	VaultKey(ctx context.Context, in *supernodetypes.QueryVaultKeyRequest, opts ...grpc.CallOption) (*supernodetypes.QueryVaultKeyResponse, error)
}

// Market is what the gateway asks of x/market.
type Market interface {
	Orders(ctx context.Context, in *markettypes.QueryOrdersRequest, opts ...grpc.CallOption) (*markettypes.QueryOrdersResponse, error)
	Subscriptions(ctx context.Context, in *markettypes.QuerySubscriptionsRequest, opts ...grpc.CallOption) (*markettypes.QuerySubscriptionsResponse, error)
}

// Vault is what the gateway needs of vault.Vault.
type Vault interface {
	Seal(ctx context.Context, r io.Reader, to age.Recipient) (vault.Sealed, error)
	Remove(ctx context.Context, c cid.Cid) error
	Ciphertext(ctx context.Context, c cid.Cid) (io.ReadSeekCloser, error)
	Unseal(ctx context.Context, c cid.Cid, with ...age.Identity) (*vault.Plaintext, error)
}

// Queue is what the gateway needs of queue.Queue.
type Queue interface {
	Publish(ctx context.Context, subject, id string, data []byte) error
	Consume(ctx context.Context, subject, durable string, batch int, wait time.Duration,
		handle func(context.Context, []queue.Message) error) error
	ConsumeRanked(ctx context.Context, lanes []queue.Lane, batch int, wait time.Duration,
		handle func(context.Context, []queue.Message) error) error
	Depth(ctx context.Context, subject string) (uint64, error)
}

// Deps are the parts a gateway works with. Only Feeds, Indexed, Archive, VaultKey, BundlesDir,
// Checks, Now and Log may be left out.
type Deps struct {
	Chain      Chain
	Samples    Samples
	Verdicts   Verdicts
	Supernodes Supernodes
	Market     Market
	Vault      Vault
	Queue      Queue
	Index      *index.Index
	// ClaimSecret has ClaimSecretBytes and must stay the same from one start to the next.
	ClaimSecret []byte
	// Private has what was sent on the private lane, and ScanPrivate lets the engines of this
	// supernode judge it; both are nil where no scanner runs.
	Private     *private.Store
	ScanPrivate func(ctx context.Context, content io.Reader, size int64) ([]scanner.Finding, error)
	// FileType names the type of content by its first HeadBytes, empty when unknown.
	FileType func(head []byte) string
	// Feeds has the packages of the last days; nil when none are served.
	Feeds *feeds.Feeds
	// Indexed tells whether the index has all that the chain had at most maxAge ago, and up to
	// which height; nil when nobody writes it.
	Indexed func(maxAge time.Duration) (height int64, current bool)
	// Archive has the verdicts of rounds that the chain has pruned; nil when there is none.
	Archive Archive
	// VaultKey is the vault key of an epoch, nil when this supernode has none; it may be nil.
	VaultKey func(ctx context.Context, epoch uint64) *age.HybridIdentity
	// BundlesDir is where ZIP bundles are made; empty when none are.
	BundlesDir string
	// Checks are what /healthz asks, by name.
	Checks  map[string]func(context.Context) error
	Metrics *prometheus.Registry
	// Now is the time by which days end and keys expire; nil means the system's.
	Now func() time.Time
	Log *slog.Logger
}

// Gateway serves HTTP and submits what it took in. Make one with New.
type Gateway struct {
	cfg       Config
	deps      Deps
	log       *slog.Logger
	kinds     []*itemKind
	keys      *apiKeys
	rights    *rightsCache
	authors   *authors
	slots     chan struct{} // one per running upload
	downloads chan struct{} // one per running download
	intake    intakeLocks
	terms     termsCache
	reports   *reportCache
	bundles   *zipbundle.Bundles // nil when none are made
	engines   engineCache
	health    healthCache
	trust     trustCache
	visitors  *visitors
	proxy     *chainproxy.Proxy
	docs      http.Handler
	watchers  watchers
	metrics   *metrics
	handler   http.Handler
	tally     tally
	// addressSecret is behind the pseudonyms of network addresses in the audit log.
	addressSecret []byte
	// statements bounds how many wallets may have a key checked.
	statements *rate.Limiter
	// submitWait and sightingsWait are how long a batch may fill.
	submitWait, sightingsWait time.Duration
}

// New checks the configuration and builds a gateway. It starts nothing.
func New(cfg Config, deps Deps) (*Gateway, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if cfg.Claims && len(deps.ClaimSecret) != ClaimSecretBytes {
		return nil, fmt.Errorf("gateway: claim secret of %d bytes, want %d", len(deps.ClaimSecret), ClaimSecretBytes)
	}
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	g := &Gateway{
		cfg:       cfg,
		deps:      deps,
		log:       deps.Log.With("role", "gateway"),
		slots:     make(chan struct{}, cfg.MaxUploads),
		downloads: make(chan struct{}, cfg.MaxDownloads),

		statements: rate.NewLimiter(keysPerSecond, keysBurst),
		submitWait: submitWait, sightingsWait: sightingsWait,
	}
	var err error
	if g.keys, err = newAPIKeys(cfg); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if g.rights, err = newRightsCache(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if g.authors, err = newAuthors(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if g.visitors, err = newVisitors(cfg); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if g.proxy, err = g.newProxy(); err != nil {
		return nil, fmt.Errorf("gateway: chain: %w", err)
	}
	if g.docs, err = openapi.Handler(); err != nil {
		return nil, fmt.Errorf("gateway: documents: %w", err)
	}
	if g.reports, err = newReportCache(cfg.CachedReports); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if g.metrics, err = newMetrics(deps.Metrics, deps.Queue); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if deps.BundlesDir != "" {
		if g.bundles, err = zipbundle.New(zipbundle.Config{
			Dir: deps.BundlesDir, MaxBytes: cfg.MaxBundleBytes, Source: g.openEntitled, Now: deps.Now, Log: g.log,
		}); err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
	}
	g.kinds = g.itemKinds()
	if g.addressSecret = deps.ClaimSecret; len(g.addressSecret) == 0 {
		g.addressSecret = []byte(rand.Text()) // pseudonyms then change with every start
	}
	g.handler = g.routes()
	return g, nil
}

func (g *Gateway) now() time.Time { return g.deps.Now() }

// Close ends what goes on outside of requests. The gateway serves none any more by then.
func (g *Gateway) Close() error {
	if g.bundles == nil {
		return nil
	}
	return g.bundles.Close()
}

// Handler is the whole HTTP API.
func (g *Gateway) Handler() http.Handler { return g.handler }

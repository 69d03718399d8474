package broker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/prometheus/client_golang/prometheus"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// Config is the [broker] section of a supernode's configuration.
type Config struct {
	// Operator is the account under which the supernode is registered.
	Operator string `toml:"-"`
	// Parallel is how many file keys of stored samples are prepared at one time, and how
	// many of samples that must be fetched.
	Parallel int `toml:"parallel" comment:"file keys prepared at one time"`
}

// DefaultConfig is what a new supernode starts with; it has no operator yet.
func DefaultConfig() Config { return Config{Parallel: 8} }

// Validate names the first field that is out of its range. The operator is the scanner's.
func (c Config) Validate() error {
	if c.Parallel < 1 || c.Parallel > 64 {
		return fmt.Errorf("parallel: %d is not in 1..64", c.Parallel)
	}
	return nil
}

// Chain is what a broker asks of the chain client.
type Chain interface {
	Address() sdk.AccAddress
	ChainID() string
	Market() markettypes.QueryClient
	Samples() samplestypes.QueryClient
	Supernodes() supernodetypes.QueryClient
	Status(ctx context.Context) (chain.Status, error)
	Broadcast(ctx context.Context, tx chain.Tx) (*sdk.TxResponse, error)
	Follow(ctx context.Context, from int64, handle func(context.Context, chain.Block) error) error
}

// Vault is what a broker asks of vault.Vault.
type Vault interface {
	Has(ctx context.Context, c cid.Cid) bool
	FileKey(ctx context.Context, c cid.Cid, with ...age.Identity) ([]byte, error)
}

// Deps are the parts that a broker works with.
type Deps struct {
	Chain Chain
	Vault Vault
	// VaultKey opens the vault key of an epoch; nil when it cannot now.
	VaultKey func(ctx context.Context, epoch uint64) *age.HybridIdentity
	Metrics  prometheus.Registerer // may be nil
	Log      *slog.Logger
}

// Paces of what is tried again; tests make them shorter.
type paces struct {
	shortest, longest time.Duration // between two attempts at one order
	linger            time.Duration // for a message to fill
	attempt           time.Duration // that preparing one key may take
}

func defaultPaces() paces {
	return paces{shortest: time.Second, longest: 30 * time.Second, linger: 300 * time.Millisecond, attempt: time.Minute}
}

package custody

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Config is the [custody] section of a supernode's configuration.
type Config struct {
	// Operator is the account under which the supernode is registered.
	Operator string `toml:"-"`
	// Parallel is how many samples are fetched at one time.
	Parallel int `toml:"parallel" comment:"samples fetched at one time"`
	// GraceEpochs is for how many whole epochs a sample that is assigned to others is kept,
	// so that they can fetch it.
	GraceEpochs int `toml:"grace_epochs" comment:"whole epochs for which a sample that is assigned to others is still kept"`
}

// DefaultConfig is what a new supernode starts with; it has no operator yet.
func DefaultConfig() Config { return Config{Parallel: 8, GraceEpochs: 1} }

// Validate names the first field that is out of its range. The operator is the scanner's.
func (c Config) Validate() error {
	switch {
	case c.Parallel < 1 || c.Parallel > 32:
		return fmt.Errorf("parallel: %d is not in 1..32", c.Parallel)
	case c.GraceEpochs < 1 || c.GraceEpochs > 30:
		return fmt.Errorf("grace_epochs: %d is not in 1..30", c.GraceEpochs)
	}
	return nil
}

// Chain is what custody asks of the chain client.
type Chain interface {
	Address() sdk.AccAddress
	Samples() samplestypes.QueryClient
	Verdicts() verdictstypes.QueryClient
	Supernodes() supernodetypes.QueryClient
	Status(ctx context.Context) (chain.Status, error)
	Broadcast(ctx context.Context, tx chain.Tx) (*sdk.TxResponse, error)
	Follow(ctx context.Context, from int64, handle func(context.Context, chain.Block) error) error
}

// Deps are the parts that custody works with.
type Deps struct {
	Chain   Chain
	Vault   *vault.Vault
	Metrics prometheus.Registerer // may be nil
	Log     *slog.Logger
}

// Paces of what is tried again; tests make them shorter.
type paces struct {
	shortest, longest time.Duration // between two passes while something is missing
	challenge         time.Duration // between two attempts to answer
}

func defaultPaces() paces {
	return paces{shortest: 15 * time.Second, longest: 10 * time.Minute, challenge: 2 * time.Second}
}

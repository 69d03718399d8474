package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// AccountKeeper makes the module account.
type AccountKeeper interface {
	GetModuleAddress(module string) sdk.AccAddress
	GetModuleAccount(ctx context.Context, module string) sdk.ModuleAccountI
}

// BankKeeper moves payments, and burns.
type BankKeeper interface {
	BlockedAddr(addr sdk.AccAddress) bool
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	SendCoins(ctx context.Context, from, to sdk.AccAddress, amount sdk.Coins) error
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amount sdk.Coins) error
	BurnCoins(ctx context.Context, module string, amount sdk.Coins) error
}

// SamplesKeeper is what x/market asks of x/samples.
type SamplesKeeper interface {
	Get(ctx context.Context, sha256 []byte) (samplestypes.Sample, error)
	// Replication is how many supernodes must store each sample.
	Replication(ctx context.Context) (uint32, error)
	// ClaimWindowBlocks is how long after a submission an older claim can still replace the
	// contributor.
	ClaimWindowBlocks(ctx context.Context) (uint32, error)
}

// VerdictsKeeper is what x/market asks of x/verdicts.
type VerdictsKeeper interface {
	// Report decodes what every engine said of a sample in a round; 0 means the newest.
	Report(ctx context.Context, sha256 []byte, round uint64) (verdictstypes.Report, error)
	// Outcome is what a round decided of a sample; OUTCOME_UNSPECIFIED when it did not judge it.
	Outcome(ctx context.Context, sha256 []byte, round uint64) (verdictstypes.Outcome, error)
	// Truth is what counts as true of a sample now; OUTCOME_UNSPECIFIED when nothing does.
	Truth(ctx context.Context, sha256 []byte) (verdictstypes.Outcome, error)
}

// SupernodeKeeper is what x/market asks of x/supernode.
type SupernodeKeeper interface {
	CurrentEpoch(ctx context.Context) (supernodetypes.Epoch, error)
	// Attesters are the seated operators of an epoch that are not jailed.
	Attesters(ctx context.Context, epoch uint64) ([]supernodetypes.Seat, error)
	IsSeated(ctx context.Context, epoch uint64, operator sdk.AccAddress) (bool, error)
	SidecarOf(ctx context.Context, operator sdk.AccAddress) (sdk.AccAddress, error)
	AllocateRewards(ctx context.Context, from, operator sdk.AccAddress, amount math.Int) error
	Slash(ctx context.Context, operator sdk.AccAddress, fault supernodetypes.Fault) error
}

// BountyKeeper tells who contributed how much in an epoch.
type BountyKeeper interface {
	// EpochRewards of a settled epoch; collections.ErrNotFound for others.
	EpochRewards(ctx context.Context, epoch uint64) (bountytypes.EpochRewards, error)
	// EpochPoints are those of a contributor in an epoch; 0 when it has none.
	EpochPoints(ctx context.Context, contributor sdk.AccAddress, epoch uint64) (uint64, error)
}

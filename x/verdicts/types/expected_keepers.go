package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// BankKeeper holds the bonds of appeals.
type BankKeeper interface {
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	SendCoins(ctx context.Context, from, to sdk.AccAddress, amount sdk.Coins) error
}

// DistributionKeeper takes what of a lost bond belongs to nobody.
type DistributionKeeper interface {
	FundCommunityPool(ctx context.Context, amount sdk.Coins, sender sdk.AccAddress) error
}

// SamplesKeeper is what x/verdicts asks of x/samples.
type SamplesKeeper interface {
	Get(ctx context.Context, sha256 []byte) (samplestypes.Sample, error)
	BeginScan(ctx context.Context, sha256 []byte, round uint64) error
	AbortScan(ctx context.Context, sha256 []byte) error
	Conclude(ctx context.Context, conclusions []samplestypes.Conclusion) error
}

// SupernodeKeeper is what x/verdicts asks of x/supernode.
type SupernodeKeeper interface {
	CurrentEpoch(ctx context.Context) (supernodetypes.Epoch, error)
	Seats(ctx context.Context, epoch uint64) ([]supernodetypes.Seat, error)
	Attesters(ctx context.Context, epoch uint64) ([]supernodetypes.Seat, error)
	IsSeated(ctx context.Context, epoch uint64, operator sdk.AccAddress) (bool, error)
	RecordRound(ctx context.Context, epoch uint64, operator sdk.AccAddress, duty supernodetypes.Duty) error
	Slash(ctx context.Context, operator sdk.AccAddress, fault supernodetypes.Fault) error
	AllocateRewards(ctx context.Context, from, operator sdk.AccAddress, amount math.Int) error
	Randomness(ctx context.Context) (supernodetypes.Beacon, error)
	Stir(ctx context.Context, hiddenHeight int64, entropy []byte) error
	SidecarOf(ctx context.Context, operator sdk.AccAddress) (sdk.AccAddress, error)
}

package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

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
	IsSeated(ctx context.Context, epoch uint64, operator sdk.AccAddress) (bool, error)
	SidecarOf(ctx context.Context, operator sdk.AccAddress) (sdk.AccAddress, error)
}

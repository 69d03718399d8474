package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// BankKeeper moves deposits between payers and their deposit accounts.
type BankKeeper interface {
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	SendCoins(ctx context.Context, from, to sdk.AccAddress, amount sdk.Coins) error
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amount sdk.Coins) error
	BurnCoins(ctx context.Context, module string, amount sdk.Coins) error
}

// DistributionKeeper takes rescan fees.
type DistributionKeeper interface {
	FundCommunityPool(ctx context.Context, amount sdk.Coins, sender sdk.AccAddress) error
}

// SupernodeKeeper tells which epochs' vault keys are known, who attests in an epoch,
// and what nobody could know before.
type SupernodeKeeper interface {
	HasVaultKey(ctx context.Context, epoch uint64) (bool, error)
	CurrentEpoch(ctx context.Context) (supernodetypes.Epoch, error)
	Attesters(ctx context.Context, epoch uint64) ([]supernodetypes.Seat, error)
	SidecarOf(ctx context.Context, operator sdk.AccAddress) (sdk.AccAddress, error)
	Randomness(ctx context.Context) (supernodetypes.Beacon, error)
}

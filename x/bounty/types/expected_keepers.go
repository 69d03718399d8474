package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// AccountKeeper makes accounts for contributors who have none, so that they can sign
// their first claim, and names the treasury.
type AccountKeeper interface {
	GetModuleAddress(module string) sdk.AccAddress
	GetModuleAccount(ctx context.Context, module string) sdk.ModuleAccountI
	HasAccount(ctx context.Context, addr sdk.AccAddress) bool
	NewAccountWithAddress(ctx context.Context, addr sdk.AccAddress) sdk.AccountI
	SetAccount(ctx context.Context, account sdk.AccountI)
}

// BankKeeper moves rewards and bounties, and burns the fees of bounties.
type BankKeeper interface {
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	GetSupply(ctx context.Context, denom string) sdk.Coin
	SendCoins(ctx context.Context, from, to sdk.AccAddress, amount sdk.Coins) error
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amount sdk.Coins) error
	BurnCoins(ctx context.Context, module string, amount sdk.Coins) error
}

// SamplesKeeper is what x/bounty asks of x/samples.
type SamplesKeeper interface {
	Get(ctx context.Context, sha256 []byte) (samplestypes.Sample, error)
	// StoredBytes is the size of all ciphertexts that must be stored.
	StoredBytes(ctx context.Context) (uint64, error)
	// Replication is how many supernodes must store each of them.
	Replication(ctx context.Context) (uint32, error)
	// ClaimWindowBlocks is how long an earlier claim may still replace a contributor.
	ClaimWindowBlocks(ctx context.Context) (uint32, error)
	// Rescan queues a FINAL sample again, without a fee.
	Rescan(ctx context.Context, sha256 []byte) error
}

// VerdictsKeeper is what x/bounty asks of x/verdicts.
type VerdictsKeeper interface {
	// Report decodes what every engine said of a sample in a round; 0 means the newest.
	Report(ctx context.Context, sha256 []byte, round uint64) (verdictstypes.Report, error)
	Round(ctx context.Context, number uint64) (verdictstypes.Round, error)
	// Outcomes returns the rounds that judged a sample with their outcomes, oldest first.
	Outcomes(ctx context.Context, sha256 []byte) ([]verdictstypes.HistoryEntry, error)
	// Truth is what counts as true of a sample now: what a won appeal established, else
	// the newest outcome that is CLEAN or MALICIOUS; OUTCOME_UNSPECIFIED when there is none.
	Truth(ctx context.Context, sha256 []byte) (verdictstypes.Outcome, error)
	// Prioritise moves a queued sample to the front.
	Prioritise(ctx context.Context, sha256 []byte) error
}

// SupernodeKeeper is what x/bounty asks of x/supernode.
type SupernodeKeeper interface {
	CurrentEpoch(ctx context.Context) (supernodetypes.Epoch, error)
	Attesters(ctx context.Context, epoch uint64) ([]supernodetypes.Seat, error)
	IsSeated(ctx context.Context, epoch uint64, operator sdk.AccAddress) (bool, error)
	SidecarOf(ctx context.Context, operator sdk.AccAddress) (sdk.AccAddress, error)
	// OperatorOf returns whose sidecar an account is; nil when it is nobody's.
	OperatorOf(ctx context.Context, sidecar sdk.AccAddress) (sdk.AccAddress, error)
	AllocateRewards(ctx context.Context, from, operator sdk.AccAddress, amount math.Int) error
}

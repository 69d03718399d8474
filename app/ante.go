package app

import (
	"context"
	"slices"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
)

// Bounds of a transaction in the fee lane. A reveal of a full round costs about 40
// gas per byte, so the byte bound is the one that is met first.
const (
	FreeTxMaxGas   = 60_000_000
	FreeTxMaxBytes = 1 << 20
)

// expectedMessages knows which messages the protocol itself waits for.
type expectedMessages interface {
	// ExpectsFree tells whether a round, a storage challenge or a reward expects exactly this message now.
	ExpectsFree(ctx context.Context, msg sdk.Msg) bool
}

// newAnteHandler is the SDK's default chain of checks, with the denomination check
// and the fee lane around the deduction of fees.
// committed gives the last committed state.
func newAnteHandler(enc Encoding, k *Keepers, committed func() sdk.Context) sdk.AnteHandler {
	accounts := k.AccountKeeper
	return sdk.ChainAnteDecorators(
		ante.NewSetUpContextDecorator(),
		ante.NewExtensionOptionsDecorator(nil),
		ante.NewValidateBasicDecorator(),
		ante.NewTxTimeoutHeightDecorator(),
		ante.NewValidateMemoDecorator(accounts),
		ante.NewConsumeGasForTxSizeDecorator(accounts),
		feeDenom{},
		feeLane{
			expected: []expectedMessages{k.VerdictsKeeper, k.SamplesKeeper, k.BountyKeeper},
			claims:   freeClaims{accounts, committed},
			paid:     ante.NewDeductFeeDecorator(accounts, virtualFees{k.BankKeeper}, k.FeeGrantKeeper, nil),
		},
		ante.NewSetPubKeyDecorator(accounts),
		ante.NewValidateSigCountDecorator(accounts),
		ante.NewSigGasConsumeDecorator(accounts, ante.DefaultSigVerificationGasConsumer),
		ante.NewSigVerificationDecorator(accounts, enc.TxConfig.SignModeHandler()),
		ante.NewIncrementSequenceDecorator(accounts),
	)
}

// feeDenom refuses fees in anything but the base denomination.
type feeDenom struct{}

func (feeDenom) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	fees, ok := tx.(sdk.FeeTx)
	if !ok {
		return ctx, errorsmod.Wrap(sdkerrors.ErrTxDecode, "transaction has no fee field")
	}
	for _, fee := range fees.GetFee() {
		if fee.Denom != Denom {
			return ctx, errorsmod.Wrapf(sdkerrors.ErrInsufficientFee,
				"fee denomination %q is not accepted, only %q is", fee.Denom, Denom)
		}
	}
	return next(ctx, tx, simulate)
}

// feeLane lets a transaction pass without a fee when it offers none and each of its
// messages is one the protocol waits for at this moment. All others take paid.
type feeLane struct {
	expected []expectedMessages
	claims   freeClaims
	paid     sdk.AnteDecorator
}

func (lane feeLane) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	fees, ok := tx.(sdk.FeeTx)
	if !ok {
		return ctx, errorsmod.Wrap(sdkerrors.ErrTxDecode, "transaction has no fee field")
	}
	if !fees.GetFee().IsZero() || !lane.claims.admit(ctx, tx) || !lane.expects(ctx, tx.GetMsgs()) {
		return lane.paid.AnteHandle(ctx, tx, simulate, next)
	}
	if gas := fees.GetGas(); gas > FreeTxMaxGas {
		return ctx, errorsmod.Wrapf(sdkerrors.ErrInvalidGasLimit,
			"gas %d of a transaction without fee is over the limit %d", gas, FreeTxMaxGas)
	}
	if size := len(ctx.TxBytes()); size > FreeTxMaxBytes {
		return ctx, errorsmod.Wrapf(sdkerrors.ErrTxTooLarge,
			"size %d bytes of a transaction without fee is over the limit %d", size, FreeTxMaxBytes)
	}
	return next(ctx, tx, simulate)
}

func (lane feeLane) expects(ctx context.Context, msgs []sdk.Msg) bool {
	for _, msg := range msgs {
		expected := func(keeper expectedMessages) bool { return keeper.ExpectsFree(ctx, msg) }
		if !slices.ContainsFunc(lane.expected, expected) {
			return false
		}
	}
	return len(msgs) > 0
}

// virtualFees collects fees per transaction in an object store, from which x/bank
// credits them at the end of the block. Were each transaction to write the fee
// collector's balance, no two of them could run in parallel.
type virtualFees struct{ bankkeeper.BaseKeeper }

func (v virtualFees) SendCoinsFromAccountToModule(
	ctx context.Context, from sdk.AccAddress, module string, amount sdk.Coins,
) error {
	return v.SendCoinsFromAccountToModuleVirtual(ctx, from, module, amount)
}

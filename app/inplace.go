package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/cometbft/cometbft/crypto"

	"cosmossdk.io/math"

	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// TakeOver makes one validator the only active one, to go on alone with a copy of a
// network's state. When no validator has the consensus key, the operator creates one
// with half of what it owns. All others are jailed, so that every stake, reward and
// balance stays as it was and can still be moved.
func (app *App) TakeOver(ctx sdk.Context, key crypto.PubKey, operator sdk.AccAddress) error {
	consensusKey, err := cryptocodec.FromCmtPubKeyInterface(key)
	if err != nil {
		return err
	}
	address := sdk.ConsAddress(key.Address())
	_, err = app.StakingKeeper.GetValidatorByConsAddr(ctx, address)
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		err = app.createLoneValidator(ctx, consensusKey, operator)
	}
	if err != nil {
		return fmt.Errorf("validator: %w", err)
	}
	if err := app.jailOthers(ctx, address); err != nil {
		return fmt.Errorf("other validators: %w", err)
	}
	// CometBFT was given the new set already: were the powers of the last block kept,
	// x/staking would tell it to remove validators it does not know.
	var last []sdk.ValAddress
	err = app.StakingKeeper.IterateLastValidatorPowers(ctx, func(validator sdk.ValAddress, _ int64) bool {
		last = append(last, validator)
		return false
	})
	if err != nil {
		return err
	}
	for _, validator := range last {
		if err := app.StakingKeeper.DeleteLastValidatorPower(ctx, validator); err != nil {
			return err
		}
	}
	info := slashingtypes.NewValidatorSigningInfo(address, ctx.BlockHeight(), 0, time.Unix(0, 0).UTC(), false, 0)
	return app.SlashingKeeper.SetValidatorSigningInfo(ctx, address, info)
}

func (app *App) createLoneValidator(ctx sdk.Context, key cryptotypes.PubKey, operator sdk.AccAddress) error {
	owned := app.BankKeeper.GetBalance(ctx, operator, Denom).Amount
	msg, err := stakingtypes.NewMsgCreateValidator(
		sdk.ValAddress(operator).String(), key, sdk.NewCoin(Denom, owned.QuoRaw(2)),
		stakingtypes.NewDescription("in-place testnet", "", "", "", ""),
		stakingtypes.NewCommissionRates(math.LegacyOneDec(), math.LegacyOneDec(), math.LegacyOneDec()),
		math.OneInt())
	if err != nil {
		return err
	}
	_, err = stakingkeeper.NewMsgServerImpl(app.StakingKeeper).CreateValidator(ctx, msg)
	return err
}

func (app *App) jailOthers(ctx sdk.Context, kept sdk.ConsAddress) error {
	validators, err := app.StakingKeeper.GetAllValidators(ctx)
	if err != nil {
		return err
	}
	for _, validator := range validators {
		address, err := validator.GetConsAddr()
		if err != nil {
			return err
		}
		switch own := kept.Equals(sdk.ConsAddress(address)); {
		case own && validator.Jailed:
			err = app.StakingKeeper.Unjail(ctx, address)
		case !own && !validator.Jailed:
			err = app.StakingKeeper.Jail(ctx, address)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// TriggerUpgrade makes an upgrade of this binary run in the next block.
func (app *App) TriggerUpgrade(ctx sdk.Context, name string) error {
	if !app.UpgradeKeeper.HasHandler(name) {
		return fmt.Errorf("this binary has no upgrade %q", name)
	}
	return app.UpgradeKeeper.ScheduleUpgrade(ctx, upgradetypes.Plan{Name: name, Height: app.LastBlockHeight() + 1})
}

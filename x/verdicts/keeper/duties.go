package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// recordDuties tells x/supernode who did what the round asked of it. A round in which
// nobody attested blames nobody: it is void, and its cause may lie outside.
func (k *Keeper) recordDuties(ctx context.Context, round types.Round) error {
	operators, err := k.expected(ctx, round)
	if err != nil {
		return err
	}
	for _, operator := range operators {
		duty, err := k.duty(ctx, round.Number, operator)
		if err != nil {
			return err
		}
		// Isolate logs a failure, which must not cost the others their round.
		_ = endblock.Isolate(ctx, "duty of "+operator.String(), func(ctx context.Context) error {
			return k.supernode.RecordRound(ctx, round.Epoch, operator, duty)
		})
	}
	return nil
}

// expected returns who had to attest in a round: its panel, or else every seat of its
// epoch that is not benched.
func (k *Keeper) expected(ctx context.Context, round types.Round) ([]sdk.AccAddress, error) {
	names := round.Panel
	if len(names) == 0 {
		seats, err := k.supernode.Attesters(ctx, round.Epoch)
		if err != nil {
			return nil, err
		}
		for _, seat := range seats {
			names = append(names, seat.Operator)
		}
	}
	operators := make([]sdk.AccAddress, len(names))
	for i, name := range names {
		operator, err := sdk.AccAddressFromBech32(name)
		if err != nil {
			return nil, err
		}
		operators[i] = operator
	}
	return operators, nil
}

func (k *Keeper) duty(ctx context.Context, round uint64, operator sdk.AccAddress) (supernodetypes.Duty, error) {
	key := collections.Join(round, operator)
	revealed, err := k.Attestations.Has(ctx, key)
	if err != nil || revealed {
		return supernodetypes.DutyDone, err
	}
	committed, err := k.Commitments.Has(ctx, key)
	if err != nil || committed {
		return supernodetypes.DutyUnrevealed, err
	}
	return supernodetypes.DutyMissed, nil
}

// stirSalts hands the salts of a round to the beacon and drops them. They were fixed by
// the commitments and hidden until the reveal phase opened.
func (k *Keeper) stirSalts(ctx context.Context, round types.Round) error {
	var entropy []byte
	salts := collections.NewPrefixedPairRange[uint64, sdk.AccAddress](round.Number)
	err := k.Salts.Walk(ctx, salts, func(key seatKey, salt []byte) (bool, error) {
		entropy = append(append(entropy, key.K2()...), salt...)
		return false, nil
	})
	if err != nil {
		return err
	}
	if err := k.Salts.Clear(ctx, salts); err != nil {
		return err
	}
	opened := round.RevealEndHeight - int64(round.Rules.RevealWindowBlocks)
	return k.supernode.Stir(ctx, opened, entropy)
}

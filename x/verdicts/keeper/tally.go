package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// tally decides the next members of a round, at most budget of them, and finishes
// the round after the last one. It returns how many it decided.
func (k *Keeper) tally(ctx context.Context, round types.Round, budget int) (int, error) {
	from := int(round.Tallied)
	to := min(from+budget, int(round.Samples))
	if from < to {
		if err := k.decide(ctx, round, from, to); err != nil {
			return 0, err
		}
	}
	round.Tallied = uint32(to)
	if round.Tallied < round.Samples {
		return to - from, k.Rounds.Set(ctx, round.Number, round)
	}
	round.Status = types.ROUND_STATUS_FINAL
	if err := k.finish(ctx, round); err != nil {
		return 0, err
	}
	return to - from, emit(ctx, &types.EventRoundFinal{
		Round: round.Number, Samples: round.Samples, Attestations: round.Attestations, AttestationsRoot: round.AttestationsRoot,
	})
}

// decide stores the outcomes of the members from..to and tells x/samples.
func (k *Keeper) decide(ctx context.Context, round types.Round, from, to int) error {
	hashes, err := k.members(ctx, round.Number)
	if err != nil {
		return err
	}
	attestations, err := k.attestations(ctx, round.Number)
	if err != nil {
		return err
	}
	table, err := k.weightTable(ctx, round.Epoch)
	if err != nil {
		return err
	}
	columns, err := types.Columns(attestations, table, int(round.Samples))
	if err != nil {
		return err
	}
	outcomes := types.Tally(round.Rules, round.ExpectedWeight, columns, from, to)
	conclusions := make([]samplestypes.Conclusion, len(outcomes))
	for i, outcome := range outcomes {
		hash := hashes[from+i]
		if err := k.History.Set(ctx, collections.Join(hash, round.Number), uint32(outcome)); err != nil {
			return err
		}
		conclusions[i] = samplestypes.Conclusion{SHA256: hash, Valid: outcome != types.OUTCOME_INVALID}
	}
	if round.Kind.JudgesAgain() {
		return nil
	}
	return k.samples.Conclude(ctx, conclusions)
}

// attestations returns what was revealed in a round, in ascending operator order.
func (k *Keeper) attestations(ctx context.Context, round uint64) ([]types.SignedAttestation, error) {
	var signed []types.SignedAttestation
	err := k.Attestations.Walk(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](round), func(key seatKey, attestation types.Attestation) (bool, error) {
		signed = append(signed, types.SignedAttestation{Operator: key.K2().String(), Attestation: attestation})
		return false, nil
	})
	return signed, err
}

func (k *Keeper) attestationsRoot(ctx context.Context, round uint64) ([]byte, error) {
	var leaves [][]byte
	err := k.Attestations.Walk(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](round), func(key seatKey, attestation types.Attestation) (bool, error) {
		leaf, err := types.AttestationLeaf(key.K2(), attestation)
		leaves = append(leaves, leaf)
		return false, err
	})
	if err != nil {
		return nil, err
	}
	return types.AttestationsRoot(leaves), nil
}

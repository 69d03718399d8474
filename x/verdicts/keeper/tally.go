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
		if err := k.decide(ctx, &round, from, to); err != nil {
			return 0, err
		}
	}
	round.Tallied = uint32(to)
	if round.Tallied < round.Samples {
		return to - from, k.Rounds.Set(ctx, round.Number, round)
	}
	round.Status = types.ROUND_STATUS_FINAL
	round, err := k.finish(ctx, round)
	if err != nil {
		return 0, err
	}
	switch round.Kind {
	case types.ROUND_KIND_INITIAL:
		err = k.queueStages(ctx, round)
	case types.ROUND_KIND_RETROSPECTIVE:
		err = k.queueResolutions(ctx, round)
	}
	if err != nil {
		return 0, err
	}
	return to - from, k.emitFinal(ctx, round)
}

// emitFinal tells the outcomes of a round, which were decided in several blocks perhaps.
func (k *Keeper) emitFinal(ctx context.Context, round types.Round) error {
	outcomes, err := k.outcomes(ctx, round)
	if err != nil {
		return err
	}
	return emit(ctx, &types.EventRoundFinal{
		Round: round.Number, Samples: round.Samples, Attestations: round.Attestations, AttestationsRoot: round.AttestationsRoot,
		Outcomes: types.PackColumn(outcomes), FinalTime: round.FinalTime,
	})
}

// outcomes returns what a final round decided, one byte per member.
func (k *Keeper) outcomes(ctx context.Context, round types.Round) ([]byte, error) {
	if round.Kind == types.ROUND_KIND_APPEAL {
		return []byte{byte(round.Decision)}, nil
	}
	hashes, err := k.members(ctx, round.Number)
	if err != nil {
		return nil, err
	}
	outcomes := make([]byte, len(hashes))
	for i, hash := range hashes {
		outcome, err := k.History.Get(ctx, collections.Join(hash, round.Number))
		if err != nil {
			return nil, err
		}
		outcomes[i] = byte(outcome)
	}
	return outcomes, nil
}

// decide stores the outcomes of the members from..to, and tells x/samples when it
// waits for them. Who contests an outcome must not change reports before the appeal is
// settled, so the outcome of an appeal's round stays in the round.
func (k *Keeper) decide(ctx context.Context, round *types.Round, from, to int) error {
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
	if round.Kind == types.ROUND_KIND_APPEAL {
		round.Decision = outcomes[0]
		return nil
	}
	conclusions := make([]samplestypes.Conclusion, len(outcomes))
	for i, outcome := range outcomes {
		hash := hashes[from+i]
		if err := k.History.Set(ctx, collections.Join(hash, round.Number), uint32(outcome)); err != nil {
			return err
		}
		conclusions[i] = samplestypes.Conclusion{SHA256: hash, Valid: outcome != types.OUTCOME_INVALID, Opened: outcome.Decided()}
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

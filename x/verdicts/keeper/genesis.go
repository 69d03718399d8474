package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// InitGenesis sets the whole state and rebuilds the queues from it. It refuses a state
// that contradicts itself.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.Params.Set(ctx, gs.Params); err != nil {
		return err
	}
	if err := k.NextRound.Set(ctx, gs.NextRound); err != nil {
		return err
	}
	for _, engine := range gs.Engines {
		operator, err := sdk.AccAddressFromBech32(engine.Operator)
		if err != nil {
			return err
		}
		if err := k.Engines.Set(ctx, collections.Join(operator, engine.Name), engine); err != nil {
			return err
		}
	}
	for _, pending := range gs.Pending {
		if err := k.Pending.Set(ctx, collections.Join3(uint32(pending.Kind), pending.Height, pending.Sha256)); err != nil {
			return err
		}
	}
	for _, round := range gs.Rounds {
		if err := k.initRound(ctx, gs.Params, round); err != nil {
			return err
		}
	}
	for _, page := range gs.MemberPages {
		if err := k.MemberPages.Set(ctx, collections.Join(page.Round, page.Page), page.Hashes); err != nil {
			return err
		}
	}
	for _, commitment := range gs.Commitments {
		operator, err := sdk.AccAddressFromBech32(commitment.Operator)
		if err != nil {
			return err
		}
		if err := k.Commitments.Set(ctx, collections.Join(commitment.Round, operator), commitment.Hash); err != nil {
			return err
		}
	}
	for _, stored := range gs.Attestations {
		operator, err := sdk.AccAddressFromBech32(stored.Operator)
		if err != nil {
			return err
		}
		if err := k.Attestations.Set(ctx, collections.Join(stored.Round, operator), stored.Attestation); err != nil {
			return err
		}
	}
	for _, entry := range gs.History {
		if err := k.History.Set(ctx, collections.Join(entry.Sha256, entry.Round), uint32(entry.Outcome)); err != nil {
			return err
		}
	}
	for _, part := range []func(context.Context, types.GenesisState) error{k.initWeights, k.initRecords, k.initAppeals} {
		if err := part(ctx, gs); err != nil {
			return err
		}
	}
	return nil
}

// initRound puts a round back into the queue that its status calls for.
func (k *Keeper) initRound(ctx context.Context, params types.Params, round types.Round) error {
	if err := k.Rounds.Set(ctx, round.Number, round); err != nil {
		return err
	}
	if round.FinalHeight == 0 {
		return k.OpenRounds.Set(ctx, round.Number)
	}
	if round.Pruned {
		return nil
	}
	return k.Prune.Set(ctx, collections.Join(round.FinalTime+int64(params.RetentionSeconds), round.Number))
}

// ExportGenesis walks the whole state. What is left of a round whose pruning has
// begun is not exported.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	next, err := k.NextRound.Get(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params, NextRound: next}
	if gs.Engines, err = values(ctx, k.Engines); err != nil {
		return nil, err
	}
	err = k.Pending.Walk(ctx, nil, func(key pendingKey) (bool, error) {
		gs.Pending = append(gs.Pending, types.PendingSample{Kind: types.RoundKind(key.K1()), Height: key.K2(), Sha256: key.K3()})
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if gs.Rounds, err = values(ctx, k.Rounds); err != nil {
		return nil, err
	}
	pruned := make(map[uint64]bool)
	for _, round := range gs.Rounds {
		pruned[round.Number] = round.Pruned
	}
	err = k.MemberPages.Walk(ctx, nil, func(key pageKey, hashes []byte) (bool, error) {
		if !pruned[key.K1()] {
			gs.MemberPages = append(gs.MemberPages, types.MemberPage{Round: key.K1(), Page: key.K2(), Hashes: hashes})
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.Commitments.Walk(ctx, nil, func(key seatKey, hash []byte) (bool, error) {
		if !pruned[key.K1()] {
			gs.Commitments = append(gs.Commitments, types.Commitment{Round: key.K1(), Operator: key.K2().String(), Hash: hash})
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.Attestations.Walk(ctx, nil, func(key seatKey, attestation types.Attestation) (bool, error) {
		if !pruned[key.K1()] {
			gs.Attestations = append(gs.Attestations, types.StoredAttestation{Round: key.K1(), Operator: key.K2().String(), Attestation: attestation})
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.History.Walk(ctx, nil, func(key historyKey, outcome uint32) (bool, error) {
		gs.History = append(gs.History, types.StoredHistory{Sha256: key.K1(), Round: key.K2(), Outcome: types.Outcome(outcome)})
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context, *types.GenesisState) error{k.exportWeights, k.exportRecords, k.exportAppeals} {
		if err := part(ctx, gs); err != nil {
			return nil, err
		}
	}
	return gs, nil
}

func values[K, V any](ctx context.Context, entries collections.Map[K, V]) ([]V, error) {
	iterator, err := entries.Iterate(ctx, nil)
	if err != nil {
		return nil, err
	}
	return iterator.Values()
}

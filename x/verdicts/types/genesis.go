package types

import (
	"bytes"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis is an empty register with default parameters.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), NextRound: 1}
}

// Validate checks the state as far as it can be told without the other modules.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if gs.NextRound == 0 {
		return ErrInvalidGenesis.Wrap("next_round is 0, want at least 1")
	}
	for _, engine := range gs.Engines {
		if _, err := sdk.AccAddressFromBech32(engine.Operator); err != nil {
			return ErrInvalidGenesis.Wrapf("engine %q: operator: %s", engine.Name, err)
		}
		if err := ValidateEngineName(engine.Name); err != nil {
			return err
		}
		if err := ValidateEngineDescription(engine.Description); err != nil {
			return err
		}
	}
	for _, pending := range gs.Pending {
		if len(pending.Sha256) != 32 {
			return ErrInvalidGenesis.Wrapf("pending: sha256 has %d bytes, want 32", len(pending.Sha256))
		}
	}
	members, err := gs.membersByRound()
	if err != nil {
		return err
	}
	samples, err := gs.validateRounds(members)
	if err != nil {
		return err
	}
	for _, commitment := range gs.Commitments {
		if _, known := samples[commitment.Round]; !known || len(commitment.Hash) != 32 {
			return ErrInvalidGenesis.Wrapf("commitment of %s in round %d", commitment.Operator, commitment.Round)
		}
		if _, err := sdk.AccAddressFromBech32(commitment.Operator); err != nil {
			return ErrInvalidGenesis.Wrapf("commitment: operator: %s", err)
		}
	}
	for _, stored := range gs.Attestations {
		n, known := samples[stored.Round]
		if !known {
			return ErrInvalidGenesis.Wrapf("attestation of %s in unknown round %d", stored.Operator, stored.Round)
		}
		if _, err := sdk.AccAddressFromBech32(stored.Operator); err != nil {
			return ErrInvalidGenesis.Wrapf("attestation: operator: %s", err)
		}
		if err := stored.Attestation.Validate(n); err != nil {
			return err
		}
	}
	for _, entry := range gs.History {
		if len(entry.Sha256) != 32 || entry.Round == 0 || entry.Round >= gs.NextRound ||
			entry.Outcome < OUTCOME_CLEAN || entry.Outcome > OUTCOME_INVALID {
			return ErrInvalidGenesis.Wrapf("history of %X in round %d", entry.Sha256, entry.Round)
		}
	}
	for _, part := range []func() error{gs.validateWeights, gs.validateRecords, gs.validateAppeals} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// membersByRound joins the member pages, which must be complete and in order.
func (gs GenesisState) membersByRound() (map[uint64][]byte, error) {
	members := make(map[uint64][]byte)
	for _, page := range gs.MemberPages {
		joined := members[page.Round]
		if int(page.Page)*PageSize*32 != len(joined) || len(page.Hashes) == 0 || len(page.Hashes)%32 != 0 || len(page.Hashes) > PageSize*32 {
			return nil, ErrInvalidGenesis.Wrapf("page %d of round %d is out of place", page.Page, page.Round)
		}
		members[page.Round] = append(joined, page.Hashes...)
	}
	return members, nil
}

// validateRounds returns the size of each round that still has its members.
func (gs GenesisState) validateRounds(members map[uint64][]byte) (map[uint64]int, error) {
	samples := make(map[uint64]int, len(gs.Rounds))
	for i, round := range gs.Rounds {
		if round.Number == 0 || round.Number >= gs.NextRound || (i > 0 && gs.Rounds[i-1].Number >= round.Number) {
			return nil, ErrInvalidGenesis.Wrapf("round %d is out of order or not below next_round %d", round.Number, gs.NextRound)
		}
		if round.Samples == 0 || round.Samples > MaxRoundSamples {
			return nil, ErrInvalidGenesis.Wrapf("round %d has %d samples, want 1..%d", round.Number, round.Samples, MaxRoundSamples)
		}
		if round.Pruned {
			continue
		}
		hashes := slices.Collect(slices.Chunk(members[round.Number], 32))
		if len(hashes) != int(round.Samples) || !bytes.Equal(MembersRoot(hashes), round.MembersRoot) {
			return nil, ErrInvalidGenesis.Wrapf("members of round %d do not match its root", round.Number)
		}
		samples[round.Number] = int(round.Samples)
	}
	return samples, nil
}

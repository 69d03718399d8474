package types

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// validateRecords checks the stages of the rounds, what is queued for them, and the
// track records.
func (gs GenesisState) validateRecords() error {
	rounds := make(map[uint64]Round, len(gs.Rounds))
	for _, round := range gs.Rounds {
		if err := round.validateStages(); err != nil {
			return err
		}
		rounds[round.Number] = round
	}
	for _, due := range gs.Stages {
		source := rounds[due.Source]
		if due.Stage < 1 || int(due.Stage) >= len(source.Rules.SlicesPpm) || source.Status != ROUND_STATUS_FINAL || source.Pruned {
			return ErrInvalidGenesis.Wrapf("stage %d of round %d cannot be judged", due.Stage, due.Source)
		}
	}
	for _, resolution := range gs.Resolutions {
		judge, source := rounds[resolution.Judge], rounds[resolution.Source]
		if judge.Status != ROUND_STATUS_FINAL || source.Status != ROUND_STATUS_FINAL || source.Pruned ||
			(resolution.Judge != resolution.Source && !slices.Contains(judge.Sources, resolution.Source)) {
			return ErrInvalidGenesis.Wrapf("round %d cannot be resolved by round %d", resolution.Source, resolution.Judge)
		}
	}
	for _, record := range gs.TrackRecords {
		if _, err := sdk.AccAddressFromBech32(record.Operator); err != nil {
			return ErrInvalidGenesis.Wrapf("track record of %q: operator: %s", record.Engine, err)
		}
		if err := record.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// validateStages checks what a round says of its stages.
func (r Round) validateStages() error {
	delays, slices := r.Rules.RetrospectiveDelaysSeconds, r.Rules.SlicesPpm
	if len(delays) > maxStages || (len(slices) != 0 && len(slices) != len(delays)+1) {
		return ErrInvalidGenesis.Wrapf("round %d has %d delays and %d slices", r.Number, len(delays), len(slices))
	}
	var sum uint64
	for _, slice := range slices {
		sum += uint64(slice)
	}
	if sum > ppm {
		return ErrInvalidGenesis.Wrapf("round %d has slices of %d, at most %d", r.Number, sum, ppm)
	}
	if len(r.Retrospectives) > len(delays) || int(r.Resolved) > len(slices) {
		return ErrInvalidGenesis.Wrapf("round %d has %d stages judged and %d resolved of %d", r.Number, len(r.Retrospectives), r.Resolved, len(slices))
	}
	if (r.Kind == ROUND_KIND_RETROSPECTIVE) != (r.Stage > 0) || (r.Stage > 0) != (len(r.Sources) > 0) || r.Stage > maxStages {
		return ErrInvalidGenesis.Wrapf("round %d is a %s of stage %d over %d rounds", r.Number, r.Kind, r.Stage, len(r.Sources))
	}
	return nil
}

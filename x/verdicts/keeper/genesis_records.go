package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// initRecords sets the queued stages and resolutions, and the track records.
func (k *Keeper) initRecords(ctx context.Context, gs types.GenesisState) error {
	for _, due := range gs.Stages {
		if err := k.Stages.Set(ctx, collections.Join3(due.DueTime, due.Stage, due.Source)); err != nil {
			return err
		}
	}
	for _, resolution := range gs.Resolutions {
		if err := k.Resolutions.Set(ctx, collections.Join(resolution.Judge, resolution.Source)); err != nil {
			return err
		}
	}
	for _, record := range gs.TrackRecords {
		operator, err := sdk.AccAddressFromBech32(record.Operator)
		if err != nil {
			return err
		}
		if err := k.Records.Set(ctx, collections.Join3(operator, record.Engine, record.Epoch), record); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportRecords(ctx context.Context, gs *types.GenesisState) error {
	err := k.Stages.Walk(ctx, nil, func(key stageKey) (bool, error) {
		gs.Stages = append(gs.Stages, types.DueStage{DueTime: key.K1(), Stage: key.K2(), Source: key.K3()})
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Resolutions.Walk(ctx, nil, func(key resolutionKey) (bool, error) {
		gs.Resolutions = append(gs.Resolutions, types.Resolution{Judge: key.K1(), Source: key.K2()})
		return false, nil
	})
	if err != nil {
		return err
	}
	gs.TrackRecords, err = values(ctx, k.Records)
	return err
}

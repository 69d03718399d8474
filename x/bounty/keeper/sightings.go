package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// ReportSightings notes that others brought samples to an operator's gateway, of which
// those count that are new, up to sightings_per_epoch.
func (s msgServer) ReportSightings(ctx context.Context, msg *types.MsgReportSightings) (*types.MsgReportSightingsResponse, error) {
	sidecar, err := types.ParseAddress("sidecar", msg.Sidecar)
	if err != nil {
		return nil, err
	}
	operator, err := types.ParseAddress("operator", msg.Operator)
	if err != nil {
		return nil, err
	}
	if err := types.ValidateSightings(msg.Sightings); err != nil {
		return nil, err
	}
	epoch, err := s.mayReport(ctx, operator, sidecar)
	if err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	key := collections.Join(epoch, operator)
	reported, err := s.SightingCounts.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return nil, err
	}
	before := reported
	for _, sighted := range msg.Sightings {
		if reported >= params.SightingsPerEpoch {
			break
		}
		counts, err := s.sight(ctx, operator, sidecar, sighted)
		if err != nil {
			return nil, err
		}
		if counts {
			reported++
		}
	}
	if reported == before {
		return &types.MsgReportSightingsResponse{}, nil
	}
	return &types.MsgReportSightingsResponse{Counted: reported - before}, s.SightingCounts.Set(ctx, key, reported)
}

// mayReport tells whether the signer is the operator's sidecar and the operator seated, and
// returns the current epoch.
func (k *Keeper) mayReport(ctx context.Context, operator, sidecar sdk.AccAddress) (uint64, error) {
	own, err := k.supernode.SidecarOf(ctx, operator)
	if err != nil {
		return 0, errorsmod.Wrap(types.ErrForeignSidecar, err.Error())
	}
	if !own.Equals(sidecar) {
		return 0, types.ErrForeignSidecar.Wrapf("%s signs for %s", sidecar, operator)
	}
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return 0, err
	}
	seated, err := k.supernode.IsSeated(ctx, epoch.Number, operator)
	if err != nil {
		return 0, err
	}
	if !seated {
		return 0, types.ErrNotSeated.Wrapf("%s in epoch %d", operator, epoch.Number)
	}
	return epoch.Number, nil
}

// sight notes a sighting and tells whether it counts: another contributor than the
// sample's brought it, not to the gateway through which it was submitted, and the
// operator has not reported it yet.
func (k *Keeper) sight(ctx context.Context, operator, sidecar sdk.AccAddress, sighted types.Sighted) (bool, error) {
	sample, err := k.samples.Get(ctx, sighted.Sha256)
	if errors.Is(err, samplestypes.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if sample.Contributor == sighted.Contributor || sample.Gateway == sidecar.String() {
		return false, nil
	}
	counts, err := k.addSighting(ctx, sighted.Sha256, operator)
	if err != nil || !counts {
		return false, err
	}
	return true, emit(ctx, &types.EventSighted{Sha256: sighted.Sha256, Operator: operator.String()})
}

// addSighting counts an operator for the cluster of a sample, or keeps its word until the
// sample is scored. It tells whether that is new.
func (k *Keeper) addSighting(ctx context.Context, sha256 []byte, operator sdk.AccAddress) (bool, error) {
	score, err := k.Scores.Get(ctx, sha256)
	if errors.Is(err, collections.ErrNotFound) {
		key := collections.Join(sha256, operator)
		known, err := k.Sightings.Has(ctx, key)
		if err != nil || known {
			return false, err
		}
		return true, k.Sightings.Set(ctx, key)
	}
	if err != nil {
		return false, err
	}
	cluster, err := k.Clusters.Get(ctx, score.Cluster)
	if err != nil || !cluster.AddSighter(operator.String()) {
		return false, err
	}
	return true, k.Clusters.Set(ctx, cluster.Id, cluster)
}

// foldSightings counts for a cluster what was reported of its newest member before that
// was scored.
func (k *Keeper) foldSightings(ctx context.Context, cluster *types.Cluster, sha256 []byte) error {
	operators, err := k.dropSightings(ctx, sha256)
	for _, operator := range operators {
		cluster.AddSighter(operator.String())
	}
	return err
}

// dropSightings removes what was reported of a sample without a score, and returns by
// whom. There is at most one entry per operator.
func (k *Keeper) dropSightings(ctx context.Context, sha256 []byte) (operators []sdk.AccAddress, err error) {
	err = k.Sightings.Walk(ctx, collections.NewPrefixedPairRange[[]byte, sdk.AccAddress](sha256), func(key hashAddress) (bool, error) {
		operators = append(operators, key.K2())
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	for _, operator := range operators {
		if err := k.Sightings.Remove(ctx, collections.Join(sha256, operator)); err != nil {
			return nil, err
		}
	}
	return operators, nil
}

// dropSightingCounts removes the counts of an epoch that is over, at most one per seat.
func (k *Keeper) dropSightingCounts(ctx context.Context, epoch uint64) error {
	return k.SightingCounts.Clear(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch))
}

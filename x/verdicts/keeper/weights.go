package keeper

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// weightTable returns the weights of an epoch. Without a table everybody is a newcomer
// of full weight.
func (k *Keeper) weightTable(ctx context.Context, epoch uint64) (types.WeightTable, error) {
	table, err := k.Weights.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		return types.DefaultWeights(epoch), nil
	}
	return table, err
}

// freezeWeights stores what every engine of the seated set weighs in the epoch. It runs
// when the seats are frozen and never again for that epoch. Its work is bounded by
// types.MaxWeighedEngines and skill_epochs.
func (k *Keeper) freezeWeights(ctx context.Context, epoch uint64) error {
	frozen, err := k.Weights.Has(ctx, epoch)
	if err != nil || frozen {
		return err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	candidates, err := k.candidates(ctx, params, epoch)
	if err != nil {
		return err
	}
	table := types.Weigh(params, epoch, candidates)
	if err := k.Weights.Set(ctx, epoch, table); err != nil {
		return err
	}
	if err := emit(ctx, &types.EventWeighed{Table: table}); err != nil {
		return err
	}
	return k.pruneWeights(ctx, params, epoch)
}

// candidates returns the engines of the seated set in ascending order of operator and
// name. Seats get their engines weighed in the order of their rank; engines past
// types.MaxWeighedEngines are without skill.
func (k *Keeper) candidates(ctx context.Context, params types.Params, epoch uint64) ([]types.Candidate, error) {
	seats, err := k.supernode.Seats(ctx, epoch)
	if err != nil {
		return nil, err
	}
	stakes := make([]math.Int, len(seats))
	for i, seat := range seats {
		stakes[i] = seat.Stake
	}
	type seated struct {
		address    sdk.AccAddress
		candidates []types.Candidate
	}
	operators := make([]seated, len(seats))
	weighed := 0
	for i, bond := range types.Bonds(params, stakes) {
		operator, err := sdk.AccAddressFromBech32(seats[i].Operator)
		if err != nil {
			return nil, err
		}
		names, err := k.engineNames(ctx, operator)
		if err != nil {
			return nil, err
		}
		operators[i].address = operator
		for _, name := range names {
			candidate := types.Candidate{Operator: seats[i].Operator, Engine: name, BondPpm: bond}
			if weighed++; weighed <= types.MaxWeighedEngines {
				if err := k.assess(ctx, params, epoch, operator, &candidate); err != nil {
					return nil, err
				}
			}
			operators[i].candidates = append(operators[i].candidates, candidate)
		}
	}
	slices.SortFunc(operators, func(a, b seated) int { return bytes.Compare(a.address, b.address) })
	var candidates []types.Candidate
	for _, operator := range operators {
		candidates = append(candidates, operator.candidates...)
	}
	return candidates, nil
}

// assess fills in what the records and the window of an engine say of it: its skill in
// the skill_epochs before the epoch, and its errors.
func (k *Keeper) assess(ctx context.Context, params types.Params, epoch uint64, operator sdk.AccAddress, candidate *types.Candidate) error {
	from := epoch - min(epoch, uint64(params.SkillEpochs))
	trailing := new(collections.Range[recordKey]).
		StartInclusive(collections.Join3(operator, candidate.Engine, from)).
		EndExclusive(collections.Join3(operator, candidate.Engine, epoch))
	iterator, err := k.Records.Iterate(ctx, trailing)
	if err != nil {
		return err
	}
	records, err := iterator.Values()
	if err != nil {
		return err
	}
	candidate.SkillPpm = types.Skill(params, records)
	candidate.Window, err = k.Windows.Get(ctx, collections.Join(operator, candidate.Engine))
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	return err
}

func (q queryServer) Weights(ctx context.Context, req *types.QueryWeightsRequest) (*types.QueryWeightsResponse, error) {
	epoch := req.Epoch
	if epoch == 0 {
		err := q.k.Weights.Walk(ctx, new(collections.Range[uint64]).Descending(), func(newest uint64, _ types.WeightTable) (bool, error) {
			epoch = newest
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	table, err := q.k.Weights.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, status.Errorf(codes.NotFound, "no weights are stored for epoch %d", epoch)
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryWeightsResponse{Table: table}, nil
}

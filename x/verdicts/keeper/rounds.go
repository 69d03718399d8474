package keeper

import (
	"bytes"
	"context"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// queuedKinds are the kinds of round that a queue feeds.
var queuedKinds = []types.RoundKind{types.ROUND_KIND_INITIAL, types.ROUND_KIND_RETROSPECTIVE, types.ROUND_KIND_RESCAN}

// openNewRounds opens at most one round per kind, each round_interval_blocks.
func (k *Keeper) openNewRounds(ctx context.Context, params types.Params) error {
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	if height%int64(params.RoundIntervalBlocks) != 0 {
		return nil
	}
	// The kinds take turns at the front, so that none starves when slots are scarce.
	turn := int(height/int64(params.RoundIntervalBlocks)) % len(queuedKinds)
	for i := range queuedKinds {
		open, err := k.openRounds(ctx)
		if err != nil {
			return err
		}
		appeals, err := k.openAppealRounds(ctx)
		if err != nil {
			return err
		}
		if len(open)-len(appeals) >= int(params.MaxOpenRounds) { // appeals have an allowance of their own
			return nil
		}
		kind := queuedKinds[(turn+i)%len(queuedKinds)]
		err = endblock.Isolate(ctx, "open "+kind.String(), func(ctx context.Context) error {
			return k.openRound(ctx, kind, params)
		})
		if err != nil {
			if err := emit(ctx, &types.EventItemFailed{Queue: "pending", Item: kind.String(), Error: err.Error()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// openRound opens a round over what is queued for a kind. Without an attester or a
// queued sample it does nothing.
func (k *Keeper) openRound(ctx context.Context, kind types.RoundKind, params types.Params) error {
	attesters, epoch, err := k.attesters(ctx)
	if err != nil || len(attesters) == 0 {
		return err
	}
	number, err := k.NextRound.Get(ctx)
	if err != nil {
		return err
	}
	round := types.Round{Number: number, Kind: kind, Epoch: epoch}
	var hashes [][]byte
	if kind == types.ROUND_KIND_RETROSPECTIVE {
		hashes, err = k.takeStages(ctx, &round, int(params.MaxRoundSamples))
	} else {
		hashes, err = k.takePending(ctx, kind, number, int(params.MaxRoundSamples))
	}
	if err != nil || len(hashes) == 0 {
		return err
	}
	return k.startRound(ctx, params, round, attesters, hashes)
}

// startRound stores a round over hashes that the operators have to attest in, and opens it.
func (k *Keeper) startRound(ctx context.Context, params types.Params, round types.Round, operators []sdk.AccAddress, hashes [][]byte) error {
	engines, weight, err := k.expectedEngines(ctx, round.Epoch, operators)
	if err != nil {
		return err
	}
	if err := k.storeMembers(ctx, round.Number, hashes); err != nil {
		return err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	round.Status = types.ROUND_STATUS_COMMIT
	round.Seats = uint32(len(operators))
	round.Engines = engines
	round.ExpectedWeight = weight
	round.Samples = uint32(len(hashes))
	round.OpenedHeight = height
	round.CommitEndHeight = height + int64(params.CommitWindowBlocks)
	round.Rules = params.Rules()
	round.MembersRoot = types.MembersRoot(hashes)
	if err := k.Rounds.Set(ctx, round.Number, round); err != nil {
		return err
	}
	if err := k.OpenRounds.Set(ctx, round.Number); err != nil {
		return err
	}
	if err := k.NextRound.Set(ctx, round.Number+1); err != nil {
		return err
	}
	return emit(ctx, &types.EventRoundOpened{
		Round: round.Number, Kind: round.Kind, Epoch: round.Epoch, Samples: round.Samples, CommitEndHeight: round.CommitEndHeight,
		Stage: round.Stage, Sources: round.Sources, Panel: round.Panel, Members: bytes.Join(hashes, nil),
	})
}

// takePending marks up to limit queued samples as scanning and returns their
// hashes in ascending order. Samples that left the queued state on the way, by a
// take-down or expiry, are dropped.
func (k *Keeper) takePending(ctx context.Context, kind types.RoundKind, round uint64, limit int) ([][]byte, error) {
	due, err := endblock.Take(ctx, k.Pending, collections.NewPrefixedTripleRange[uint32, int64, []byte](uint32(kind)), limit)
	if err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(due))
	for _, key := range due {
		hash := key.K3()
		queued, err := k.inStatus(ctx, hash, samplestypes.STATUS_QUEUED)
		if err != nil {
			return nil, err
		}
		if !queued {
			continue
		}
		if err := k.samples.BeginScan(ctx, hash, round); err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	slices.SortFunc(hashes, bytes.Compare)
	return hashes, nil
}

func (k *Keeper) requeueMembers(ctx context.Context, round types.Round) error {
	hashes, err := k.members(ctx, round.Number)
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		if err := k.requeue(ctx, round.Kind, hash); err != nil {
			return err
		}
	}
	return nil
}

// requeue puts a member of a void round back in line. One that was taken down or
// expired on the way only gives up its scan.
func (k *Keeper) requeue(ctx context.Context, kind types.RoundKind, hash []byte) error {
	if err := k.samples.AbortScan(ctx, hash); err != nil {
		if samplestypes.ErrNotFound.Is(err) {
			return nil
		}
		return err
	}
	queued, err := k.inStatus(ctx, hash, samplestypes.STATUS_QUEUED)
	if err != nil || !queued {
		return err
	}
	return k.enqueue(ctx, kind, hash)
}

// inStatus tells whether a sample exists and has the status.
func (k *Keeper) inStatus(ctx context.Context, hash []byte, status samplestypes.Status) (bool, error) {
	sample, err := k.samples.Get(ctx, hash)
	if samplestypes.ErrNotFound.Is(err) {
		return false, nil
	}
	return sample.Status == status, err
}

func (k *Keeper) storeMembers(ctx context.Context, round uint64, hashes [][]byte) error {
	page := uint32(0)
	for members := range slices.Chunk(hashes, types.PageSize) {
		if err := k.MemberPages.Set(ctx, collections.Join(round, page), bytes.Join(members, nil)); err != nil {
			return err
		}
		page++
	}
	return nil
}

// attesters returns who has to attest in a round that opens now, and in which epoch.
func (k *Keeper) attesters(ctx context.Context) ([]sdk.AccAddress, uint64, error) {
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return nil, 0, err
	}
	seats, err := k.supernode.Attesters(ctx, epoch.Number)
	if err != nil {
		return nil, 0, err
	}
	operators := make([]sdk.AccAddress, len(seats))
	for i, seat := range seats {
		if operators[i], err = sdk.AccAddressFromBech32(seat.Operator); err != nil {
			return nil, 0, err
		}
	}
	return operators, epoch.Number, nil
}

// expectedEngines returns how many engines the operators have registered and what
// these weigh together in the epoch.
func (k *Keeper) expectedEngines(ctx context.Context, epoch uint64, operators []sdk.AccAddress) (engines uint32, weight uint64, err error) {
	table, err := k.weightTable(ctx, epoch)
	if err != nil {
		return 0, 0, err
	}
	weightOf := table.Lookup()
	for _, operator := range operators {
		names, err := k.engineNames(ctx, operator)
		if err != nil {
			return 0, 0, err
		}
		for _, name := range names {
			engines++
			weight += weightOf(operator.String(), name)
		}
	}
	return engines, weight, nil
}

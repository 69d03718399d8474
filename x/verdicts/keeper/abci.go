package keeper

import (
	"context"
	"strconv"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// EndBlock moves every open round on, accounts for what was judged, opens new rounds and
// prunes old ones. Its work is bounded by max_open_rounds, max_round_samples,
// tally_samples_per_block, max_appeals_per_block and max_prunes_per_block.
func (k *Keeper) EndBlock(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.advanceRounds(ctx, params); err != nil {
		return err
	}
	if err := k.resolveStages(ctx, params); err != nil {
		return err
	}
	if err := k.openNewRounds(ctx, params); err != nil {
		return err
	}
	if err := k.advanceAppeals(ctx, params); err != nil {
		return err
	}
	return k.pruneRounds(ctx, params)
}

func (k *Keeper) advanceRounds(ctx context.Context, params types.Params) error {
	open, err := k.openRounds(ctx)
	if err != nil {
		return err
	}
	budget := int(params.TallySamplesPerBlock)
	for _, number := range open {
		spent := 0
		err := endblock.Isolate(ctx, "round "+strconv.FormatUint(number, 10), func(ctx context.Context) error {
			spent, err = k.advance(ctx, number, budget)
			return err
		})
		if err != nil {
			if err := k.setAside(ctx, number, err); err != nil {
				return err
			}
			continue
		}
		budget -= spent
	}
	return nil
}

// advance moves a round through as many phases as it is ready for and returns how
// many samples it tallied, at most budget.
func (k *Keeper) advance(ctx context.Context, number uint64, budget int) (int, error) {
	round, err := k.round(ctx, number)
	if err != nil {
		return 0, err
	}
	switch round.Status {
	case types.ROUND_STATUS_COMMIT:
		return 0, k.closeCommits(ctx, round)
	case types.ROUND_STATUS_REVEAL:
		if round, err = k.closeReveals(ctx, round); err != nil || round.Status != types.ROUND_STATUS_TALLY {
			return 0, err
		}
		return k.tally(ctx, round, budget)
	case types.ROUND_STATUS_TALLY:
		return k.tally(ctx, round, budget)
	default:
		return 0, types.ErrWrongPhase.Wrapf("round %d is open in %s", number, round.Status)
	}
}

// closeCommits starts the reveal phase when everybody committed or the window is over.
func (k *Keeper) closeCommits(ctx context.Context, round types.Round) error {
	commits, err := count(ctx, k.Commitments, round.Number)
	if err != nil {
		return err
	}
	height := sdk.UnwrapSDKContext(ctx).BlockHeight()
	if commits < round.Seats && height < round.CommitEndHeight {
		return nil
	}
	if commits == 0 {
		return k.void(ctx, round)
	}
	round.Status = types.ROUND_STATUS_REVEAL
	round.RevealEndHeight = height + int64(round.Rules.RevealWindowBlocks)
	if err := k.Rounds.Set(ctx, round.Number, round); err != nil {
		return err
	}
	return emit(ctx, &types.EventRevealOpened{Round: round.Number, Commits: commits, RevealEndHeight: round.RevealEndHeight})
}

// closeReveals fixes the attestations when everybody who committed has revealed or
// the window is over.
func (k *Keeper) closeReveals(ctx context.Context, round types.Round) (types.Round, error) {
	commits, err := count(ctx, k.Commitments, round.Number)
	if err != nil {
		return round, err
	}
	reveals, err := count(ctx, k.Attestations, round.Number)
	if err != nil {
		return round, err
	}
	if reveals < commits && sdk.UnwrapSDKContext(ctx).BlockHeight() < round.RevealEndHeight {
		return round, nil
	}
	if reveals == 0 {
		round.Status = types.ROUND_STATUS_VOID
		return round, k.void(ctx, round)
	}
	root, err := k.attestationsRoot(ctx, round.Number)
	if err != nil {
		return round, err
	}
	if err := k.recordDuties(ctx, round); err != nil {
		return round, err
	}
	if err := k.stirSalts(ctx, round); err != nil {
		return round, err
	}
	round.Status = types.ROUND_STATUS_TALLY
	round.Attestations = reveals
	round.AttestationsRoot = root
	return round, nil
}

// setAside takes a round that failed out of the open ones, so that it cannot fail
// again in every block; its members are queued again when that still works.
func (k *Keeper) setAside(ctx context.Context, number uint64, cause error) error {
	err := endblock.Isolate(ctx, "void", func(ctx context.Context) error {
		round, err := k.round(ctx, number)
		if err != nil {
			return err
		}
		return k.void(ctx, round)
	})
	if err != nil {
		if err := k.OpenRounds.Remove(ctx, number); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventItemFailed{Queue: "open_rounds", Item: strconv.FormatUint(number, 10), Error: cause.Error()})
}

// void ends a round in which nobody attested and queues what it was to judge again.
func (k *Keeper) void(ctx context.Context, round types.Round) error {
	if !round.Kind.JudgesAgain() {
		if err := k.requeueMembers(ctx, round); err != nil {
			return err
		}
	}
	if round.Kind == types.ROUND_KIND_RETROSPECTIVE {
		if err := k.requeueStages(ctx, round); err != nil {
			return err
		}
	}
	round.Status = types.ROUND_STATUS_VOID
	if _, err := k.finish(ctx, round); err != nil {
		return err
	}
	return emit(ctx, &types.EventRoundVoid{Round: round.Number})
}

// finish closes a round, schedules the pruning of what it holds and returns it with its
// final height and time.
func (k *Keeper) finish(ctx context.Context, round types.Round) (types.Round, error) {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return round, err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	round.FinalHeight = sdkCtx.BlockHeight()
	round.FinalTime = sdkCtx.BlockTime().Unix()
	if err := k.Rounds.Set(ctx, round.Number, round); err != nil {
		return round, err
	}
	if err := k.OpenRounds.Remove(ctx, round.Number); err != nil {
		return round, err
	}
	return round, k.Prune.Set(ctx, collections.Join(round.FinalTime+int64(params.RetentionSeconds), round.Number))
}

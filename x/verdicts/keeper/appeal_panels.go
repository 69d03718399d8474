package keeper

import (
	"context"
	"encoding/hex"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// advanceAppeals takes in what the panels decided, closes what stands and draws new
// panels. At most max_open_rounds appeals are in a round at one time, besides the
// rounds that the queues feed.
func (k *Keeper) advanceAppeals(ctx context.Context, params types.Params) error {
	if err := k.endAppealRounds(ctx); err != nil {
		return err
	}
	if err := k.closeAppeals(ctx, params); err != nil {
		return err
	}
	return k.drawPanels(ctx, params)
}

// endAppealRounds decides the appeals whose round has ended in any way.
func (k *Keeper) endAppealRounds(ctx context.Context) error {
	rounds, err := k.openAppealRounds(ctx)
	if err != nil {
		return err
	}
	var ended [][]byte
	for _, round := range rounds {
		open, err := k.OpenRounds.Has(ctx, round.Key)
		if err != nil {
			return err
		}
		if !open {
			ended = append(ended, round.Value)
		}
	}
	return k.eachAppeal(ctx, "appeal_rounds", ended, k.decideAppeal, k.askAgain)
}

// decideAppeal takes in the outcome of an appeal's round. One that says nothing of the
// sample costs a draw.
func (k *Keeper) decideAppeal(ctx context.Context, sha256 []byte) error {
	appeal, err := k.appeal(ctx, sha256)
	if err != nil {
		return err
	}
	decision, err := k.decisionOf(ctx, appeal.NewestRound())
	if err != nil {
		return err
	}
	if decision == types.OUTCOME_UNSPECIFIED {
		return k.askAgain(ctx, sha256)
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.unqueueAppeal(ctx, appeal); err != nil {
		return err
	}
	appeal.Status, appeal.Decision = types.APPEAL_STATUS_DECIDED, decision
	appeal.CloseTime = sdk.UnwrapSDKContext(ctx).BlockTime().Unix() + int64(params.AppealWindowSeconds)
	if err := k.queueAppeal(ctx, appeal); err != nil {
		return err
	}
	return emit(ctx, &types.EventAppealDecided{
		Sha256: sha256, Level: appeal.Level, Round: appeal.NewestRound(), Decision: decision, CloseTime: appeal.CloseTime,
	})
}

// decisionOf returns what a round of an appeal decided; unspecified when it was void or
// too few answered.
func (k *Keeper) decisionOf(ctx context.Context, number uint64) (types.Outcome, error) {
	round, err := k.round(ctx, number)
	if err != nil || !round.Decision.Decided() {
		return types.OUTCOME_UNSPECIFIED, err
	}
	return round.Decision, nil
}

// askAgain puts an appeal back in line for a panel of the same level, which nobody can
// know yet.
func (k *Keeper) askAgain(ctx context.Context, sha256 []byte) error {
	appeal, err := k.appeal(ctx, sha256)
	if err != nil {
		return err
	}
	if err := k.unqueueAppeal(ctx, appeal); err != nil {
		return err
	}
	appeal.Status = types.APPEAL_STATUS_DRAW
	appeal.RequestedHeight = sdk.UnwrapSDKContext(ctx).BlockHeight()
	return k.queueAppeal(ctx, appeal)
}

// drawPanels draws the panels of the appeals that were asked for before the beacon's
// newest entropy existed, oldest first.
func (k *Keeper) drawPanels(ctx context.Context, params types.Params) error {
	beacon, err := k.supernode.Randomness(ctx)
	if err != nil {
		return err
	}
	rounds, err := k.openAppealRounds(ctx)
	if err != nil {
		return err
	}
	free := int(params.MaxOpenRounds) - len(rounds)
	due, err := k.dueAppeals(ctx, types.APPEAL_STATUS_DRAW, beacon.HiddenHeight-1, min(free, int(params.MaxAppealsPerBlock)))
	if err != nil {
		return err
	}
	draw := func(ctx context.Context, sha256 []byte) error { return k.drawPanel(ctx, params, beacon.Value, sha256) }
	return k.eachAppeal(ctx, "appeal_draws", due, draw, k.askAgain)
}

// drawPanel opens the round of an appeal's level, or ends the appeal when no panel can
// decide it. Without an attester it waits.
func (k *Keeper) drawPanel(ctx context.Context, params types.Params, beacon, sha256 []byte) error {
	appeal, err := k.appeal(ctx, sha256)
	if err != nil {
		return err
	}
	hopeless, err := k.hopeless(ctx, appeal)
	if err != nil {
		return err
	}
	if hopeless {
		return k.closeUndecided(ctx, appeal)
	}
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	seats, err := k.supernode.Attesters(ctx, epoch.Number)
	if err != nil || len(seats) == 0 {
		return err
	}
	panel, err := types.DrawByStake(seats, types.AppealSeed(beacon, sha256, appeal.Level), params.PanelSize(appeal.Level))
	if err != nil {
		return err
	}
	number, err := k.NextRound.Get(ctx)
	if err != nil {
		return err
	}
	round := types.Round{Number: number, Kind: types.ROUND_KIND_APPEAL, Epoch: epoch.Number, Panel: make([]string, len(panel))}
	for i, operator := range panel {
		round.Panel[i] = operator.String()
	}
	if err := k.startRound(ctx, params, round, panel, [][]byte{sha256}); err != nil {
		return err
	}
	if err := k.unqueueAppeal(ctx, appeal); err != nil {
		return err
	}
	appeal.Status, appeal.Rounds = types.APPEAL_STATUS_ROUND, append(appeal.Rounds, number)
	return k.queueAppeal(ctx, appeal)
}

// hopeless tells that the sample has gone, or that the last panels decided nothing.
// The rounds of earlier levels end with one that decided.
func (k *Keeper) hopeless(ctx context.Context, appeal types.Appeal) (bool, error) {
	available, err := k.available(ctx, appeal.Sha256)
	if err != nil || !available {
		return true, err
	}
	if len(appeal.Rounds) < types.MaxAppealDraws {
		return false, nil
	}
	for _, round := range appeal.Rounds[len(appeal.Rounds)-types.MaxAppealDraws:] {
		decision, err := k.decisionOf(ctx, round)
		if err != nil || decision != types.OUTCOME_UNSPECIFIED {
			return false, err
		}
	}
	return true, nil
}

// openAppealRounds returns the rounds of appeals that are running or have just ended,
// with their samples.
func (k *Keeper) openAppealRounds(ctx context.Context) ([]collections.KeyValue[uint64, []byte], error) {
	iterator, err := k.AppealRounds.Iterate(ctx, nil)
	if err != nil {
		return nil, err
	}
	return iterator.KeyValues()
}

// dueAppeals returns up to limit samples whose appeals wait in a status, due by a height
// or time.
func (k *Keeper) dueAppeals(ctx context.Context, status types.AppealStatus, by int64, limit int) ([][]byte, error) {
	if limit <= 0 {
		return nil, nil
	}
	var due [][]byte
	err := k.AppealQueue.Walk(ctx, collections.NewPrefixedTripleRange[uint32, int64, []byte](uint32(status)), func(key appealKey) (bool, error) {
		if key.K2() > by {
			return true, nil
		}
		due = append(due, key.K3())
		return len(due) >= limit, nil
	})
	return due, err
}

// eachAppeal runs each appeal by itself. One that fails changes nothing, is told of,
// and is put off by again.
func (k *Keeper) eachAppeal(ctx context.Context, queue string, samples [][]byte, run, again func(ctx context.Context, sha256 []byte) error) error {
	for _, sha256 := range samples {
		name := hex.EncodeToString(sha256)
		failed := endblock.Isolate(ctx, "appeal "+name, func(ctx context.Context) error { return run(ctx, sha256) })
		if failed == nil {
			continue
		}
		if err := again(ctx, sha256); err != nil {
			return err
		}
		if err := emit(ctx, &types.EventItemFailed{Queue: queue, Item: name, Error: failed.Error()}); err != nil {
			return err
		}
	}
	return nil
}

package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// Appeal contests the newest outcome of a sample.
func (s msgServer) Appeal(ctx context.Context, msg *types.MsgAppeal) (*types.MsgAppealResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.CheckAppealBond(msg.Bond, 0); err != nil {
		return nil, err
	}
	running, err := s.Appeals.Has(ctx, msg.Sha256)
	if err != nil {
		return nil, err
	}
	if running {
		return nil, types.ErrAppealExists.Wrapf("%x", msg.Sha256)
	}
	round, outcome, err := s.contestable(ctx, msg.Sha256)
	if err != nil {
		return nil, err
	}
	if outcome == msg.Claimed {
		return nil, types.ErrInvalidAppeal.Wrapf("claimed is %s, as round %d decided", msg.Claimed, round)
	}
	return &types.MsgAppealResponse{}, s.askLevel(ctx, types.Appeal{
		Sha256:           msg.Sha256,
		Appellant:        msg.Appellant,
		Claimed:          msg.Claimed,
		Evidence:         msg.Evidence,
		ContestedRound:   round,
		ContestedOutcome: outcome,
	}, msg.Appellant, msg.Bond)
}

// EscalateAppeal takes a decided appeal to the next level, against its decision.
func (s msgServer) EscalateAppeal(ctx context.Context, msg *types.MsgEscalateAppeal) (*types.MsgEscalateAppealResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	appeal, err := s.appeal(ctx, msg.Sha256)
	if err != nil {
		return nil, err
	}
	now := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	if appeal.Status != types.APPEAL_STATUS_DECIDED || now >= appeal.CloseTime {
		return nil, types.ErrAppealNotOpen.Wrapf("%x is in %s until %d, now is %d", msg.Sha256, appeal.Status, appeal.CloseTime, now)
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if appeal.Level+1 >= params.MaxAppealLevels {
		return nil, types.ErrAppealNotOpen.Wrapf("level %d is the last of %d", appeal.Level, params.MaxAppealLevels)
	}
	if err := params.CheckAppealBond(msg.Bond, appeal.Level+1); err != nil {
		return nil, err
	}
	available, err := s.available(ctx, msg.Sha256)
	if err != nil {
		return nil, err
	}
	if !available {
		return nil, types.ErrNotContestable.Wrapf("sample %x is no longer available", msg.Sha256)
	}
	if err := s.unqueueAppeal(ctx, appeal); err != nil {
		return nil, err
	}
	appeal.Level++
	return &types.MsgEscalateAppealResponse{}, s.askLevel(ctx, appeal, msg.Party, msg.Bond)
}

// askLevel takes the bond of who asks for the level of an appeal, which goes against
// the newest decision, and puts the appeal in line for a panel.
func (k *Keeper) askLevel(ctx context.Context, appeal types.Appeal, party string, bond sdk.Coin) error {
	address, err := sdk.AccAddressFromBech32(party)
	if err != nil {
		return err
	}
	forAppeal, claimed := !appeal.Prevailed(), appeal.Claimed
	if !forAppeal {
		claimed = appeal.ContestedOutcome
	}
	if err := k.bank.SendCoins(ctx, address, types.AppealAddress(appeal.Sha256), sdk.NewCoins(bond)); err != nil {
		return err
	}
	appeal.Bonds = append(appeal.Bonds, types.AppealBond{Address: party, Amount: bond.Amount, ForAppeal: forAppeal})
	appeal.Status, appeal.CloseTime = types.APPEAL_STATUS_DRAW, 0
	appeal.RequestedHeight = sdk.UnwrapSDKContext(ctx).BlockHeight()
	if err := k.queueAppeal(ctx, appeal); err != nil {
		return err
	}
	return emit(ctx, &types.EventAppealed{
		Sha256: appeal.Sha256, Party: party, Level: appeal.Level, Claimed: claimed, Bond: bond.String(),
	})
}

// contestable returns the newest outcome of a sample and the round that gave it, or
// ErrNotContestable.
func (k *Keeper) contestable(ctx context.Context, sha256 []byte) (uint64, types.Outcome, error) {
	available, err := k.available(ctx, sha256)
	if err != nil {
		return 0, 0, err
	}
	if !available {
		return 0, 0, types.ErrNotContestable.Wrapf("sample %x is not available", sha256)
	}
	round, outcome, err := k.newestOutcome(ctx, sha256)
	if err != nil {
		return 0, 0, err
	}
	if !outcome.Decided() {
		return 0, 0, types.ErrNotContestable.Wrapf("sample %x is %s", sha256, outcome)
	}
	return round, outcome, nil
}

// available tells whether a panel can still get the sample.
func (k *Keeper) available(ctx context.Context, sha256 []byte) (bool, error) {
	sample, err := k.samples.Get(ctx, sha256)
	if samplestypes.ErrNotFound.Is(err) {
		return false, nil
	}
	return sample.Status != samplestypes.STATUS_BLOCKED, err
}

// appeal returns the running appeal of a sample or ErrAppealNotFound.
func (k *Keeper) appeal(ctx context.Context, sha256 []byte) (types.Appeal, error) {
	appeal, err := k.Appeals.Get(ctx, sha256)
	if errors.Is(err, collections.ErrNotFound) {
		return appeal, types.ErrAppealNotFound.Wrapf("sample %x", sha256)
	}
	return appeal, err
}

// queueAppeal stores an appeal and enters it where its status waits.
func (k *Keeper) queueAppeal(ctx context.Context, appeal types.Appeal) error {
	if err := k.Appeals.Set(ctx, appeal.Sha256, appeal); err != nil {
		return err
	}
	if appeal.Status == types.APPEAL_STATUS_ROUND {
		return k.AppealRounds.Set(ctx, appeal.NewestRound(), appeal.Sha256)
	}
	return k.AppealQueue.Set(ctx, appealQueueKey(appeal))
}

// unqueueAppeal takes an appeal out of where its status waits.
func (k *Keeper) unqueueAppeal(ctx context.Context, appeal types.Appeal) error {
	if appeal.Status == types.APPEAL_STATUS_ROUND {
		return k.AppealRounds.Remove(ctx, appeal.NewestRound())
	}
	return k.AppealQueue.Remove(ctx, appealQueueKey(appeal))
}

// appealQueueKey orders the appeals that wait for a draw by the height they were asked
// for at, and the decided ones by the time they close.
func appealQueueKey(appeal types.Appeal) appealKey {
	due := appeal.RequestedHeight
	if appeal.Status == types.APPEAL_STATUS_DECIDED {
		due = appeal.CloseTime
	}
	return collections.Join3(uint32(appeal.Status), due, appeal.Sha256)
}

func (q queryServer) Appeal(ctx context.Context, req *types.QueryAppealRequest) (*types.QueryAppealResponse, error) {
	hash, err := parseHash(req.Sha256)
	if err != nil {
		return nil, err
	}
	appeal, err := q.k.appeal(ctx, hash)
	if types.ErrAppealNotFound.Is(err) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryAppealResponse{Appeal: appeal}, nil
}

func (q queryServer) Appeals(ctx context.Context, req *types.QueryAppealsRequest) (*types.QueryAppealsResponse, error) {
	appeals, page, err := query.CollectionPaginate(ctx, q.k.Appeals, req.Pagination,
		func(_ []byte, appeal types.Appeal) (types.Appeal, error) { return appeal, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryAppealsResponse{Appeals: appeals, Pagination: page}, nil
}

package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// maxRecordsPerPage bounds an answer; a record can hold a row for each of 257 file types.
const maxRecordsPerPage = 100

// addPoints enters what the engines earned.
func (k *Keeper) addPoints(ctx context.Context, s stage, epoch uint64, points []uint64) error {
	for i, column := range s.columns {
		if points[i] == 0 {
			continue
		}
		if err := k.addRecord(ctx, column.Operator, column.Vector.Engine, epoch, points[i], nil); err != nil {
			return err
		}
	}
	return nil
}

// settle enters what the engines earned and how they did against the final truth, for
// those that answered in the source and those that it waited for in vain.
func (k *Keeper) settle(ctx context.Context, s stage, epoch uint64, points []uint64) error {
	settled, fileTypes, err := k.settled(ctx, s)
	if err != nil {
		return err
	}
	answered := make(map[string]bool, len(s.columns))
	for i, column := range s.columns {
		answered[column.Operator+"/"+column.Vector.Engine] = true
		counted := types.CountRecord(column.Cells, settled, fileTypes)
		if err := k.addRecord(ctx, column.Operator, column.Vector.Engine, epoch, points[i], counted); err != nil {
			return err
		}
	}
	missed := types.CountRecord(nil, settled, fileTypes)
	for _, row := range s.table.Rows {
		if answered[row.Operator+"/"+row.Engine] {
			continue
		}
		if err := k.addRecord(ctx, row.Operator, row.Engine, epoch, 0, missed); err != nil {
			return err
		}
	}
	return k.observe(ctx, s, epoch, answered)
}

// settled joins the truth of each sample with its file type and with how long the
// initial round was ahead of it.
func (k *Keeper) settled(ctx context.Context, s stage) ([]types.Settled, []string, error) {
	fileTypes, index, err := types.FileTypesOf(s.attestations, len(s.hashes))
	if err != nil {
		return nil, nil, err
	}
	settled := make([]types.Settled, len(s.hashes))
	for i, hash := range s.hashes {
		settled[i] = types.Settled{Truth: s.truths[i], Type: index[i]}
		if s.truths[i] != types.OUTCOME_MALICIOUS {
			continue
		}
		found, err := k.foundMalicious(ctx, s, hash)
		if err != nil {
			return nil, nil, err
		}
		settled[i].Early = found > s.source.FinalTime
		settled[i].LeadSeconds = uint64(found - s.source.FinalTime)
	}
	return settled, fileTypes, nil
}

// foundMalicious is when the first of a source's judgements found a sample MALICIOUS, in
// unix seconds. None did when an appeal established it; the last judgement then counts.
func (k *Keeper) foundMalicious(ctx context.Context, s stage, hash []byte) (int64, error) {
	for _, number := range append([]uint64{s.source.Number}, s.source.Retrospectives...) {
		outcome, err := k.History.Get(ctx, collections.Join(hash, number))
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return 0, err
		}
		if types.Outcome(outcome) != types.OUTCOME_MALICIOUS {
			continue
		}
		round, err := k.round(ctx, number)
		if err != nil {
			return 0, err
		}
		if round.Status == types.ROUND_STATUS_FINAL {
			return round.FinalTime, nil
		}
	}
	return s.judge.FinalTime, nil
}

// addRecord adds to an engine's record of an epoch. An engine without anything to add
// gets no record.
func (k *Keeper) addRecord(ctx context.Context, operator, engine string, epoch, points uint64, counted []types.TypeRecord) error {
	if points == 0 && len(counted) == 0 {
		return nil
	}
	address, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return err
	}
	key := collections.Join3(address, engine, epoch)
	record, err := k.Records.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		record, err = types.TrackRecord{Operator: operator, Engine: engine, Epoch: epoch}, nil
	}
	if err != nil {
		return err
	}
	record.Add(points, counted)
	return k.Records.Set(ctx, key, record)
}

// TrackRecord returns the records of one engine, the newest epoch first.
func (q queryServer) TrackRecord(ctx context.Context, req *types.QueryTrackRecordRequest) (*types.QueryTrackRecordResponse, error) {
	operator, err := sdk.AccAddressFromBech32(req.Operator)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "operator: %s", err)
	}
	if err := types.ValidateEngineName(req.Engine); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	page := query.PageRequest{}
	if req.Pagination != nil {
		page = *req.Pagination
	}
	if page.Limit > maxRecordsPerPage {
		return nil, status.Errorf(codes.InvalidArgument, "pagination.limit is %d, at most %d", page.Limit, maxRecordsPerPage)
	}
	page.Reverse = !page.Reverse
	prefix := collections.TripleSuperPrefix[sdk.AccAddress, string, uint64](operator, req.Engine)
	records, next, err := query.CollectionPaginate(ctx, q.k.Records, &page,
		func(_ recordKey, record types.TrackRecord) (types.TrackRecord, error) { return record, nil },
		func(o *query.CollectionsPaginateOptions[recordKey]) { o.Prefix = &prefix })
	if err != nil {
		return nil, err
	}
	return &types.QueryTrackRecordResponse{Records: records, Pagination: next}, nil
}

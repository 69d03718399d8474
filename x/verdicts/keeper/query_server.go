package keeper

import (
	"bytes"
	"context"
	"encoding/hex"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

type queryServer struct{ k *Keeper }

// NewQueryServer returns the query service.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

var _ types.QueryServer = queryServer{}

func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

func (q queryServer) Report(ctx context.Context, req *types.QueryReportRequest) (*types.QueryReportResponse, error) {
	hash, err := parseHash(req.Sha256)
	if err != nil {
		return nil, err
	}
	report, err := q.k.report(ctx, hash, req.Round)
	if err != nil {
		return nil, err
	}
	return &types.QueryReportResponse{Report: report}, nil
}

func (q queryServer) History(ctx context.Context, req *types.QueryHistoryRequest) (*types.QueryHistoryResponse, error) {
	hash, err := parseHash(req.Sha256)
	if err != nil {
		return nil, err
	}
	entries, page, err := query.CollectionPaginate(ctx, q.k.History, req.Pagination,
		func(key historyKey, outcome uint32) (types.HistoryEntry, error) {
			return types.HistoryEntry{Round: key.K2(), Outcome: types.Outcome(outcome)}, nil
		},
		query.WithCollectionPaginationPairPrefix[[]byte, uint64](hash))
	if err != nil {
		return nil, err
	}
	return &types.QueryHistoryResponse{Entries: entries, Pagination: page}, nil
}

func (q queryServer) Round(ctx context.Context, req *types.QueryRoundRequest) (*types.QueryRoundResponse, error) {
	round, err := q.k.round(ctx, req.Number)
	if err != nil {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	return &types.QueryRoundResponse{Round: round}, nil
}

func (q queryServer) Rounds(ctx context.Context, req *types.QueryRoundsRequest) (*types.QueryRoundsResponse, error) {
	rounds, page, err := query.CollectionPaginate(ctx, q.k.Rounds, req.Pagination,
		func(_ uint64, round types.Round) (types.Round, error) { return round, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryRoundsResponse{Rounds: rounds, Pagination: page}, nil
}

func (q queryServer) OpenRounds(ctx context.Context, _ *types.QueryOpenRoundsRequest) (*types.QueryOpenRoundsResponse, error) {
	numbers, err := q.k.openRounds(ctx)
	if err != nil {
		return nil, err
	}
	response := &types.QueryOpenRoundsResponse{}
	for _, number := range numbers {
		round, err := q.k.round(ctx, number)
		if err != nil {
			return nil, err
		}
		response.Rounds = append(response.Rounds, round)
	}
	return response, nil
}

func (q queryServer) Members(ctx context.Context, req *types.QueryMembersRequest) (*types.QueryMembersResponse, error) {
	if _, err := q.unpruned(ctx, req.Round); err != nil {
		return nil, err
	}
	hashes, err := q.k.members(ctx, req.Round)
	if err != nil {
		return nil, err
	}
	return &types.QueryMembersResponse{Hashes: bytes.Join(hashes, nil)}, nil
}

func (q queryServer) Attestations(ctx context.Context, req *types.QueryAttestationsRequest) (*types.QueryAttestationsResponse, error) {
	if _, err := q.unpruned(ctx, req.Round); err != nil {
		return nil, err
	}
	response := &types.QueryAttestationsResponse{}
	err := q.k.Attestations.Walk(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](req.Round),
		func(key seatKey, attestation types.Attestation) (bool, error) {
			response.Attestations = append(response.Attestations, types.SignedAttestation{
				Operator: key.K2().String(), Attestation: attestation,
			})
			return false, nil
		})
	if err != nil {
		return nil, err
	}
	return response, nil
}

func (q queryServer) Commitment(ctx context.Context, req *types.QueryCommitmentRequest) (*types.QueryCommitmentResponse, error) {
	operator, err := sdk.AccAddressFromBech32(req.Operator)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "operator: %s", err)
	}
	key := collections.Join(req.Round, operator)
	hash, err := q.k.Commitments.Get(ctx, key)
	if err != nil {
		return nil, status.Errorf(codes.NotFound, "no commitment of %s in round %d", req.Operator, req.Round)
	}
	revealed, err := q.k.Attestations.Has(ctx, key)
	if err != nil {
		return nil, err
	}
	return &types.QueryCommitmentResponse{
		Commitment: types.Commitment{Round: req.Round, Operator: req.Operator, Hash: hash},
		Revealed:   revealed,
	}, nil
}

func (q queryServer) Engines(ctx context.Context, req *types.QueryEnginesRequest) (*types.QueryEnginesResponse, error) {
	var options []func(*query.CollectionsPaginateOptions[engineKey])
	if req.Operator != "" {
		operator, err := sdk.AccAddressFromBech32(req.Operator)
		if err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "operator: %s", err)
		}
		options = append(options, query.WithCollectionPaginationPairPrefix[sdk.AccAddress, string](operator))
	}
	engines, page, err := query.CollectionPaginate(ctx, q.k.Engines, req.Pagination,
		func(_ engineKey, engine types.Engine) (types.Engine, error) { return engine, nil }, options...)
	if err != nil {
		return nil, err
	}
	return &types.QueryEnginesResponse{Engines: engines, Pagination: page}, nil
}

// unpruned returns a round whose members and vectors are still in the state.
func (q queryServer) unpruned(ctx context.Context, number uint64) (types.Round, error) {
	round, err := q.k.round(ctx, number)
	if err != nil {
		return round, status.Error(codes.NotFound, err.Error())
	}
	if round.Pruned {
		return round, status.Errorf(codes.NotFound, "round %d is pruned; its archive is kept by the supernodes", number)
	}
	return round, nil
}

func parseHash(text string) ([]byte, error) {
	hash, err := hex.DecodeString(text)
	if err != nil || len(hash) != 32 {
		return nil, status.Errorf(codes.InvalidArgument, "sha256 %.80q is not 64 hex digits", text)
	}
	return hash, nil
}

package keeper

import (
	"context"
	"encoding/hex"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/samples/types"
)

// maxPageLimit bounds the records of one page.
const maxPageLimit = 1000

var _ types.QueryServer = queryServer{}

type queryServer struct{ *Keeper }

// NewQueryServer answers the module's queries.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.Keeper.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Sample returns the record of a hash.
func (s queryServer) Sample(ctx context.Context, req *types.QuerySampleRequest) (*types.QuerySampleResponse, error) {
	sha256, err := parseSHA256(req.GetSha256())
	if err != nil {
		return nil, err
	}
	return s.entry(ctx, sha256)
}

// SampleByCID returns the record whose ciphertext has the CID.
func (s queryServer) SampleByCID(ctx context.Context, req *types.QuerySampleByCIDRequest) (*types.QuerySampleResponse, error) {
	id, err := types.ParseCID(req.GetCid())
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "cid: %s", err)
	}
	sha256, err := s.ByCID.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, status.Errorf(codes.NotFound, "no sample has the CID %s", req.Cid)
	}
	if err != nil {
		return nil, err
	}
	return s.entry(ctx, sha256)
}

// Samples returns a page of all records.
func (s queryServer) Samples(ctx context.Context, req *types.QuerySamplesRequest) (*types.QuerySamplesResponse, error) {
	if err := checkPage(req.GetPagination(), maxPageLimit); err != nil {
		return nil, err
	}
	entries, page, err := query.CollectionPaginate(ctx, s.Keeper.Samples, req.GetPagination(),
		func(sha256 []byte, sample types.Sample) (types.SampleEntry, error) {
			return types.SampleEntry{Sha256: sha256, Sample: sample}, nil
		})
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QuerySamplesResponse{Entries: entries, Pagination: page}, nil
}

// SamplesByContributor returns a page of a contributor's records.
func (s queryServer) SamplesByContributor(ctx context.Context, req *types.QuerySamplesByContributorRequest) (*types.QuerySamplesResponse, error) {
	contributor, err := types.ParseAddress("contributor", req.GetContributor())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if err := checkPage(req.Pagination, maxPageLimit); err != nil {
		return nil, err
	}
	entries, page, err := query.CollectionPaginate(ctx, s.ByContributor, req.Pagination,
		func(key collections.Pair[sdk.AccAddress, []byte], _ collections.NoValue) (types.SampleEntry, error) {
			sample, err := s.Get(ctx, key.K2())
			return types.SampleEntry{Sha256: key.K2(), Sample: sample}, err
		},
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, []byte](contributor))
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "pagination: %s", err)
	}
	return &types.QuerySamplesResponse{Entries: entries, Pagination: page}, nil
}

func (s queryServer) entry(ctx context.Context, sha256 []byte) (*types.QuerySampleResponse, error) {
	sample, err := s.Get(ctx, sha256)
	if errors.Is(err, types.ErrNotFound) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QuerySampleResponse{Entry: types.SampleEntry{Sha256: sha256, Sample: sample}}, nil
}

func parseSHA256(text string) ([]byte, error) {
	if len(text) != 64 {
		return nil, status.Errorf(codes.InvalidArgument, "sha256: %d characters, want 64 of hex", len(text))
	}
	sha256, err := hex.DecodeString(text)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "sha256: %s", err)
	}
	return sha256, nil
}

func checkPage(page *query.PageRequest, most uint64) error {
	if limit := page.GetLimit(); limit > most {
		return status.Errorf(codes.InvalidArgument, "pagination.limit: %d, at most %d", limit, most)
	}
	return nil
}

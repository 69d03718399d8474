package main

import (
	"context"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

type engineName struct{ operator, name string }

func dial(address string) (*grpc.ClientConn, error) {
	proto := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	return grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(proto.GRPCCodec())))
}

// atHeight asks for the state at a height; 0 means the newest.
func atHeight(ctx context.Context, height int64) context.Context {
	if height == 0 {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(height, 10))
}

// firstKept is the first epoch whose records the chain still has for certain: it keeps
// those of twice the skill_epochs.
func firstKept(ctx context.Context, client types.QueryClient, newest uint64) (uint64, error) {
	response, err := client.Params(ctx, &types.QueryParamsRequest{})
	if err != nil {
		return 0, err
	}
	return newest - min(newest, 2*uint64(response.Params.SkillEpochs)), nil
}

// chainRecords asks for the records of every registered engine and of those that were
// counted.
func chainRecords(ctx context.Context, client types.QueryClient, counted []types.TrackRecord) ([]types.TrackRecord, error) {
	engines, err := registered(ctx, client)
	if err != nil {
		return nil, err
	}
	for _, record := range counted {
		engines = append(engines, engineName{record.Operator, record.Engine})
	}
	var records []types.TrackRecord
	asked := make(map[engineName]bool)
	for _, engine := range engines {
		if asked[engine] {
			continue
		}
		asked[engine] = true
		of, err := recordsOf(ctx, client, engine)
		if err != nil {
			return nil, err
		}
		records = append(records, of...)
	}
	return records, nil
}

func registered(ctx context.Context, client types.QueryClient) (engines []engineName, err error) {
	for page := new(query.PageRequest); ; {
		response, err := client.Engines(ctx, &types.QueryEnginesRequest{Pagination: page})
		if err != nil {
			return nil, err
		}
		for _, engine := range response.Engines {
			engines = append(engines, engineName{engine.Operator, engine.Name})
		}
		if page.Key = response.Pagination.GetNextKey(); len(page.Key) == 0 {
			return engines, nil
		}
	}
}

func recordsOf(ctx context.Context, client types.QueryClient, engine engineName) (records []types.TrackRecord, err error) {
	for page := new(query.PageRequest); ; {
		response, err := client.TrackRecord(ctx, &types.QueryTrackRecordRequest{
			Operator: engine.operator, Engine: engine.name, Pagination: page,
		})
		if err != nil {
			return nil, err
		}
		records = append(records, response.Records...)
		if page.Key = response.Pagination.GetNextKey(); len(page.Key) == 0 {
			return records, nil
		}
	}
}

package gateway

import (
	"bytes"
	"context"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func (c *scriptedChain) HasClaim(_ context.Context, hash []byte) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, made := c.claims[string(hash)]
	return made, nil
}

func (c *scriptedChain) Epoch(_ context.Context, _ *supernodetypes.QueryEpochRequest, opts ...grpc.CallOption) (*supernodetypes.QueryEpochResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	response := &supernodetypes.QueryEpochResponse{}
	for _, operator := range c.seats {
		response.Seats = append(response.Seats, supernodetypes.Seat{Operator: operator})
	}
	return response, c.answer(opts)
}

func (c *scriptedChain) answer(opts []grpc.CallOption) error {
	if c.away {
		return errChainAway
	}
	for _, opt := range opts {
		if header, ok := opt.(grpc.HeaderCallOption); ok {
			*header.HeaderAddr = metadata.Pairs(grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(c.height, 10))
		}
	}
	return nil
}

func (c *scriptedChain) Params(_ context.Context, _ *samplestypes.QueryParamsRequest, opts ...grpc.CallOption) (*samplestypes.QueryParamsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &samplestypes.QueryParamsResponse{Params: c.params}, c.answer(opts)
}

func (c *scriptedChain) Sample(_ context.Context, in *samplestypes.QuerySampleRequest, opts ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.answer(opts); err != nil {
		return nil, err
	}
	sample, found := c.samples[in.Sha256]
	if !found {
		return nil, status.Error(codes.NotFound, "sample not found")
	}
	return &samplestypes.QuerySampleResponse{Entry: samplestypes.SampleEntry{Sample: sample}}, nil
}

func (c *scriptedChain) SampleByCID(_ context.Context, in *samplestypes.QuerySampleByCIDRequest, opts ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.answer(opts); err != nil {
		return nil, err
	}
	id, err := samplestypes.ParseCID(in.Cid)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	for _, sample := range c.samples {
		if bytes.Equal(sample.Sealing.Cid, id) {
			return &samplestypes.QuerySampleResponse{Entry: samplestypes.SampleEntry{Sample: sample}}, nil
		}
	}
	return nil, status.Error(codes.NotFound, "no sample has the CID")
}

func (c *scriptedChain) Report(_ context.Context, in *verdictstypes.QueryReportRequest, opts ...grpc.CallOption) (*verdictstypes.QueryReportResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queries++
	if err := c.answer(opts); err != nil {
		return nil, err
	}
	report, found := c.reports[in.Sha256]
	if earlier, ok := c.rounds[roundKey{in.Sha256, in.Round}]; ok {
		report, found = earlier, true
	} else if in.Round != 0 && report.Round.Number != in.Round {
		found = false
	}
	if !found {
		return nil, status.Error(codes.NotFound, "no round")
	}
	return &verdictstypes.QueryReportResponse{Report: report}, nil
}

func (c *scriptedChain) Supernode(_ context.Context, in *supernodetypes.QuerySupernodeRequest, opts ...grpc.CallOption) (*supernodetypes.QuerySupernodeResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.answer(opts); err != nil {
		return nil, err
	}
	moniker, found := c.monikers[in.Operator]
	if !found {
		return nil, status.Error(codes.NotFound, "not found")
	}
	return &supernodetypes.QuerySupernodeResponse{Supernode: supernodetypes.Supernode{
		Operator: in.Operator, Profile: supernodetypes.Profile{Moniker: moniker},
	}}, nil
}

func (c *scriptedChain) VaultKey(_ context.Context, _ *supernodetypes.QueryVaultKeyRequest, opts ...grpc.CallOption) (*supernodetypes.QueryVaultKeyResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.answer(opts); err != nil {
		return nil, err
	}
	if c.vaultKey == nil {
		return nil, status.Error(codes.NotFound, "no vault key is published")
	}
	return &supernodetypes.QueryVaultKeyResponse{VaultKey: *c.vaultKey}, nil
}
